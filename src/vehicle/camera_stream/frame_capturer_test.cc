#include "vehicle/camera_stream/frame_capturer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <semaphore>

#include "vehicle/camera_stream/test_source.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;

class FrameCapturerTest : public testing::Test {
 protected:
  void start(double frames_per_second, bool live, std::optional<TruthLog> truth = {}) {
    capturer_.emplace(std::make_unique<test::CountingSource>(switches_, live), ring_,
                      FrameCapturer::Options{{8, 16}, frames_per_second, 0}, std::move(truth),
                      [this] { changes_.release(); });
  }
  FrameRing::Frame newest() { return ring_.lease_newest(Time{}, {1, 1}, 0).frame; }
  // None within 10 s: one of id 0.
  FrameRing::Frame next_after(std::uint64_t id) {
    auto lease = ring_.lease_newest(Time{}, {1, 1}, id);
    while (lease.error != FrameRing::LeaseError::kNone && changes_.try_acquire_for(10s))
      lease = ring_.lease_newest(Time{}, {1, 1}, id);
    return lease.frame;
  }
  void wait_for_frames(std::uint64_t count) {
    while (capturer_->published() < count) ASSERT_TRUE(changes_.try_acquire_for(10s));
  }

  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(5 * 4096);
  FrameRing ring_{memory_, 8 * 16 * 3, [](pid_t) { return true; }};
  test::Switches switches_;
  std::counting_semaphore<> changes_{0};
  std::optional<FrameCapturer> capturer_;
};

TEST_F(FrameCapturerTest, FramesAreDueAtTheClocksMoments) {
  start(100, false);
  std::uint64_t last_id = 0;
  for (int round = 0; round < 5; ++round) {
    const auto frame = next_after(last_id);
    ASSERT_GT(frame.context_id, last_id);
    last_id = frame.context_id;
    const auto due_ns =
        switches_.due_ns[test::number_in(&memory_[frame.offset_bytes]) % test::kRemembered].load();
    EXPECT_EQ(due_ns % 10'000'000, 0);
    EXPECT_GE(frame.capture_monotonic_ns, due_ns);
    EXPECT_GE(frame.context_id, static_cast<std::uint64_t>(frame.capture_monotonic_ns / 1000));
    EXPECT_NEAR(frame.capture_unix_s,
                std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(),
                5);
  }
}

TEST_F(FrameCapturerTest, LiveFramesKeepTheirOwnTime) {
  const auto before = std::chrono::steady_clock::now().time_since_epoch().count();
  start(50, true);
  wait_for_frames(1);
  EXPECT_GE(newest().capture_monotonic_ns, before);
}

TEST_F(FrameCapturerTest, ASourceThatFailsIsTriedUntilItComesBack) {
  switches_.fails = true;
  start(100, false);
  while (switches_.grabs < 2) std::this_thread::yield();
  EXPECT_EQ(capturer_->trouble(), "test: unplugged");
  EXPECT_EQ(capturer_->published(), 0u);
  switches_.fails = false;
  wait_for_frames(2);
  EXPECT_EQ(capturer_->trouble(), "");
  switches_.fails = true;
  while (capturer_->trouble().empty()) ASSERT_TRUE(changes_.try_acquire_for(10s));
  switches_.fails = false;
  const auto published = capturer_->published();
  wait_for_frames(published + 1);
}

TEST_F(FrameCapturerTest, ASourceThatThrowsIsTriedUntilItComesBack) {
  start(100, false);
  wait_for_frames(1);
  switches_.throws = true;
  while (capturer_->trouble().empty()) ASSERT_TRUE(changes_.try_acquire_for(10s));
  EXPECT_EQ(capturer_->trouble(), "test: no memory");
  const auto published = capturer_->published();
  switches_.throws = false;
  wait_for_frames(published + 1);
  EXPECT_EQ(capturer_->trouble(), "");
}

TEST_F(FrameCapturerTest, StopsAtOnceHoweverLongTheWait) {
  start(1e-5, false);  // one a day: else this would not end within the test program's time
  capturer_.reset();
}

TEST_F(FrameCapturerTest, TruthIsWrittenBeforeAFrameIsShown) {
  const std::string path = testing::TempDir() + "truth-" + std::to_string(::getpid()) + ".jsonl";
  start(100, false, TruthLog(path, 9));
  wait_for_frames(3);
  const auto id = newest().context_id;
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, testing::HasSubstr("{\"context_id\":" + std::to_string(id) +
                                       ",\"camera_id\":9,\"capture_unix_s\":"));
  EXPECT_THAT(text, testing::HasSubstr("\"boxes\":[[1.00,2.00,3.00,1.00,2]]}\n"));
  capturer_.reset();
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace turbo
