#include "vehicle/camera_stream/camera_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/temporary_folder.h"
#include "vehicle/camera_stream/test_source.h"

namespace turbo {
namespace {

using testing::StartsWith;
using namespace std::chrono_literals;

// The client's part is played by the test, in the same loop.
class CameraStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.camera_id = 4;
    config_.frames_per_second = 200;
    config_.bidirectional_zmq_sockname = "ipc://" + folder_ / "camera";
    config_.camera_stream_shmem_filename = "turbo-test-camera-" + std::to_string(::getpid());
    config_.shmem_buf_size = 1'000'000;
    config_.camera_size = {60, 80};
  }

  void start() {
    stream_.emplace(ipc_, loop_, config_, std::make_unique<test::CountingSource>(switches_), 0.0, "");
    client_.emplace(ipc_, loop_, config_.bidirectional_zmq_sockname, 5s);
    region_.emplace(config_.camera_stream_shmem_filename);
    ASSERT_TRUE(region_->refresh());
  }
  template <class Condition>
  bool run_until(Condition done) {
    const Time end = EventLoop::now() + 10s;
    while (!done() && EventLoop::now() < end) loop_.run_once(EventLoop::now() + 5ms);
    return done();
  }
  std::string ask_raw(const Parts& parts) {
    std::optional<Parts> reply;
    bool over = false;
    client_->request(EventLoop::now(), parts,
                     [&](Time, std::optional<Parts> r) { reply = std::move(r), over = true; });
    EXPECT_TRUE(run_until([&] { return over; }));
    return reply && reply->size() == 1 ? reply->front() : "silence";
  }
  CameraDataResponse ask(CameraDataRequest request) {
    if (request.reader_pid == 0) request.reader_pid = ::getpid();
    std::string error;
    const auto answer = ask_raw({as_text(encode(request))});
    const auto response = decode_camera_response(as_bytes(answer), error);
    EXPECT_TRUE(response) << error;
    return response.value_or(CameraDataResponse{});
  }
  // Asks again while there is no such frame yet.
  CameraDataResponse ask_patiently(CameraDataRequest request) {
    request.wait_ms = 1000;
    CameraDataResponse response;
    run_until([&] { return (response = ask(request)).status != Status::kNotYet; });
    return response;
  }
  // The frame's number; -1: not all of it is of one number, so it is torn.
  int content(const CameraDataResponse& response) {
    const auto frame = region_->bytes().subspan(response.offset_bytes, response.size_bytes);
    const std::uint32_t number = test::number_in(frame.data());
    for (std::size_t i = 3; i < frame.size(); i += 3)
      if (test::number_in(&frame[i]) != number) return -1;
    return static_cast<int>(number);
  }

  test::TemporaryFolder folder_;
  CameraStreamConfig config_;
  IpcContext ipc_;
  EventLoop loop_;
  test::Switches switches_;
  std::optional<CameraStream> stream_;
  std::optional<Requester> client_;
  std::optional<AttachedRegion> region_;
};

TEST_F(CameraStreamTest, LendsTheNewestFrame) {
  start();
  const auto response = ask_patiently({});
  ASSERT_EQ(response.status, Status::kOk);
  EXPECT_EQ(response.camera_id, 4);
  EXPECT_EQ(response.height, 60u);
  EXPECT_EQ(response.width, 80u);
  EXPECT_EQ(response.image_path, "test");
  EXPECT_GT(content(response), 0);
}

TEST_F(CameraStreamTest, WaitsForANewerFrame) {
  start();
  std::uint64_t last = 0;
  for (int round = 0; round < 20; ++round) {
    const auto response = ask_patiently({.newer_than = last});
    ASSERT_EQ(response.status, Status::kOk);
    ASSERT_GT(response.context_id, last);
    last = response.context_id;
  }
  EXPECT_EQ(ask({.newer_than = last + 1'000'000'000}).status, Status::kNotYet);
  EXPECT_EQ(ask({.newer_than = last + 1'000'000'000, .wait_ms = 20}).status, Status::kNotYet);
}

TEST_F(CameraStreamTest, AFrameInAReadersHandsNeverChanges) {
  start();
  const auto response = ask_patiently({});
  ASSERT_EQ(response.status, Status::kOk);
  const int before = content(response);
  const auto published = stream_->published();
  ASSERT_TRUE(
      run_until([&] { return stream_->published() > published + 30; }));  // the slow reader stops nothing
  EXPECT_EQ(content(response), before);
  const auto next = ask_patiently({.newer_than = response.context_id});
  EXPECT_GE(content(next), before + 30);
}

TEST_F(CameraStreamTest, TooManyReadersAreRefused) {
  start();
  const auto ask_as = [&](std::uint64_t reader, std::uint64_t newer_than) {
    return ask_patiently({.reader_pid = ::getpid(), .reader_id = reader, .newer_than = newer_than});
  };
  std::uint64_t last = 0;
  for (std::uint64_t reader = 1; reader <= 2; ++reader) {
    const auto response = ask_as(reader, last);
    ASSERT_EQ(response.status, Status::kOk);
    last = response.context_id;
  }
  EXPECT_EQ(ask_as(3, last).status, Status::kRefused);  // two for a process
  EXPECT_EQ(ask({.reader_pid = ::getpid(), .reader_id = 1, .release_only = true}).status, Status::kNotYet);
  EXPECT_EQ(ask_as(3, last).status, Status::kOk);
}

TEST_F(CameraStreamTest, AReaderThatWaitsHoldsUpNobody) {
  start();
  const auto first = ask_patiently({});
  Requester patient(ipc_, loop_, config_.bidirectional_zmq_sockname, 5s);
  bool answered = false;
  const CameraDataRequest waits{.reader_pid = ::getpid(),
                                .reader_id = 7,
                                .newer_than = first.context_id + 1'000'000'000'000,
                                .wait_ms = 1000};
  patient.request(EventLoop::now(), {as_text(encode(waits))}, [&](Time, std::optional<Parts> reply) {
    EXPECT_TRUE(reply);
    answered = true;
  });
  std::uint64_t last = first.context_id;
  int frames = 0;
  while (!answered && frames < 1000) {
    const auto response = ask_patiently({.newer_than = last});
    ASSERT_EQ(response.status, Status::kOk);
    last = response.context_id;
    ++frames;
  }
  EXPECT_TRUE(answered);  // when its own wait was up
  EXPECT_GT(frames, 2);   // of one that is held up there is one
}

TEST_F(CameraStreamTest, GarbageIsAnsweredWithAnError) {
  start();
  const auto valid = as_text(encode(CameraDataRequest{.reader_pid = 1}));
  for (const Parts& parts :
       {Parts{""}, Parts{"x"}, Parts{std::string(1000, '\xff')}, Parts{valid.substr(0, valid.size() / 2)},
        Parts{valid, valid}, Parts{as_text(encode(CameraDataRequest{.reader_pid = -1}))},
        Parts{as_text(encode(CameraDataRequest{.reader_pid = 1, .wait_ms = 5000}))},
        Parts{std::string(500'000, '\0')}, Parts(20, "x")})
    EXPECT_THAT(ask_raw(parts), StartsWith("ERROR: "));
  EXPECT_EQ(ask_patiently({}).status, Status::kOk);
}

TEST_F(CameraStreamTest, SaysWhyThereIsNoFrame) {
  switches_.fails = true;
  start();
  while (switches_.grabs < 1) std::this_thread::yield();
  CameraDataResponse response;
  ASSERT_TRUE(run_until([&] { return (response = ask({})).error == "test: unplugged"; }));
  EXPECT_EQ(response.status, Status::kNotYet);
  switches_.fails = false;
  EXPECT_EQ(ask_patiently({}).status, Status::kOk);
}

TEST_F(CameraStreamTest, ARegionTooSmallIsRefusedAndAStopLeavesNothingBehind) {
  start();
  ask_patiently({});
  stream_.reset();
  EXPECT_FALSE(AttachedRegion(config_.camera_stream_shmem_filename).refresh());
  config_.shmem_buf_size = 30'000;
  EXPECT_THROW(start(), std::runtime_error);
}

}  // namespace
}  // namespace turbo
