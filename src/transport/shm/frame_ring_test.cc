#include "transport/shm/frame_ring.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace turbo {
namespace {

constexpr std::size_t kFrameBytes = 4096;
constexpr Time kStart{};
bool everyone_lives(pid_t) { return true; }

struct Ring {
  explicit Ring(std::size_t slots, FrameRing::IsAlive alive = everyone_lives)
      : memory(slots * kFrameBytes), ring(memory, kFrameBytes, std::move(alive)) {}
  void publish(std::uint64_t id) {
    std::ranges::fill(ring.begin_frame(), static_cast<std::uint8_t>(id));
    ring.publish(id, 0, 0);
  }
  std::uint8_t byte_at(const FrameRing::Frame& frame) const { return memory[frame.offset_bytes]; }
  std::vector<std::uint8_t> memory;
  FrameRing ring;
};

TEST(FrameRing, TheNewestFrameIsLeased) {
  Ring r(4);
  EXPECT_EQ(r.ring.lease_newest(kStart, {1, 1}, 0).error, FrameRing::LeaseError::kNoNewFrame);
  r.publish(1);
  r.publish(2);
  const auto lease = r.ring.lease_newest(kStart, {1, 1}, 0);
  ASSERT_EQ(lease.error, FrameRing::LeaseError::kNone);
  EXPECT_EQ(lease.frame.context_id, 2u);
  EXPECT_EQ(r.byte_at(lease.frame), 2);
  EXPECT_EQ(r.ring.lease_newest(kStart, {1, 1}, 2).error, FrameRing::LeaseError::kNoNewFrame);
}

TEST(FrameRing, ALeasedFrameNeverChangesHoweverManyFollow) {
  Ring r(4);
  r.publish(1);
  const auto slow = r.ring.lease_newest(kStart, {1, 1}, 0);
  for (std::uint64_t id = 2; id < 200; ++id) {
    r.publish(id);
    ASSERT_EQ(r.byte_at(slow.frame), 1);
    const auto fast = r.ring.lease_newest(kStart, {1, 2}, 0);
    ASSERT_EQ(r.byte_at(fast.frame), static_cast<std::uint8_t>(id));
  }
}

TEST(FrameRing, TheCameraAlwaysHasASlotToFill) {
  Ring r(5);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    r.publish(id);
    ASSERT_EQ(r.ring.lease_newest(kStart, {static_cast<pid_t>(id), 1}, 0).error,
              FrameRing::LeaseError::kNone);
  }
  r.publish(4);
  EXPECT_EQ(r.ring.lease_newest(kStart, {99, 1}, 0).error, FrameRing::LeaseError::kTooManyReaders);
  for (std::uint64_t id = 5; id < 50; ++id) r.publish(id);
  EXPECT_EQ(r.ring.newest_context_id(), 49u);
  r.ring.release({1, 1});
  EXPECT_EQ(r.ring.lease_newest(kStart, {99, 1}, 0).error, FrameRing::LeaseError::kNone);
}

TEST(FrameRing, ReadersThatDiedGiveTheirSlotsBack) {
  std::vector<pid_t> dead;
  Ring r(4, [&](pid_t pid) { return std::ranges::find(dead, pid) == dead.end(); });
  for (pid_t pid = 1; pid <= 2; ++pid) {
    r.publish(static_cast<std::uint64_t>(pid));
    ASSERT_EQ(r.ring.lease_newest(kStart, {pid, 0}, 0).error, FrameRing::LeaseError::kNone);
  }
  r.publish(3);
  EXPECT_EQ(r.ring.lease_newest(kStart, {3, 0}, 0).error, FrameRing::LeaseError::kTooManyReaders);
  dead = {1};
  EXPECT_EQ(r.ring.lease_newest(kStart, {3, 0}, 0).error, FrameRing::LeaseError::kNone);
}

TEST(FrameRing, OneProcessHoldsTwoLeases) {
  Ring r(6);
  for (std::uint64_t id = 1; id <= 2; ++id) {
    r.publish(id);
    ASSERT_EQ(r.ring.lease_newest(kStart, {1, id}, 0).error, FrameRing::LeaseError::kNone);
  }
  r.publish(3);
  EXPECT_EQ(r.ring.lease_newest(kStart, {1, 3}, 0).error, FrameRing::LeaseError::kTooManyReaders);
  EXPECT_EQ(r.ring.lease_newest(kStart, {2, 3}, 0).error, FrameRing::LeaseError::kNone);
  EXPECT_EQ(r.ring.lease_newest(kStart, {1, 2}, 0).error, FrameRing::LeaseError::kNone);  // in its place
}

// Whoever made them up.
TEST(FrameRing, LeasesLongUnrenewedEndWhenSlotsRunOut) {
  Ring r(4);
  const auto at = [](int seconds) { return kStart + std::chrono::seconds(seconds); };
  for (pid_t pid = 1; pid <= 2; ++pid) {
    r.publish(static_cast<std::uint64_t>(pid));
    ASSERT_EQ(r.ring.lease_newest(at(pid), {pid, 0}, 0).error, FrameRing::LeaseError::kNone);
  }
  r.publish(3);
  EXPECT_EQ(r.ring.lease_newest(at(11), {3, 0}, 0).error, FrameRing::LeaseError::kTooManyReaders);
  EXPECT_EQ(r.ring.lease_newest(at(12), {3, 0}, 0).error, FrameRing::LeaseError::kNone);
  r.publish(4);
  EXPECT_EQ(r.ring.lease_newest(at(12), {4, 0}, 0).error, FrameRing::LeaseError::kTooManyReaders);
}

TEST(FrameRing, ALongLeaseThatIsInNobodysWayStays) {
  Ring r(4);
  r.publish(1);
  const auto slow = r.ring.lease_newest(kStart, {1, 1}, 0);
  for (std::uint64_t id = 2; id < 50; ++id) {
    r.publish(id);
    ASSERT_EQ(r.ring.lease_newest(kStart + std::chrono::minutes(1), {2, 1}, 0).error,
              FrameRing::LeaseError::kNone);
    ASSERT_EQ(r.byte_at(slow.frame), 1);
  }
}

TEST(FrameRing, ReadersOfOneFrameAreBounded) {
  Ring r(4);
  r.publish(1);
  std::uint64_t leased = 0;
  for (std::uint64_t id = 0; id < 1000; ++id)
    leased +=
        r.ring.lease_newest(kStart, {static_cast<pid_t>(id), 0}, 0).error == FrameRing::LeaseError::kNone;
  EXPECT_GT(leased, 1u);
  EXPECT_LT(leased, 100u);
}

TEST(FrameRing, TooSmallARegionIsRefused) {
  std::vector<std::uint8_t> memory(2 * kFrameBytes);
  EXPECT_THROW(FrameRing(memory, kFrameBytes, everyone_lives), std::runtime_error);
}

// One thread films, two look: no reader ever sees two values in one frame.
TEST(FrameRing, ConcurrentFilmingAndReading) {
  Ring r(6);
  r.publish(1);
  std::atomic<bool> stop{false};
  std::atomic<int> frames_read{0};
  std::vector<std::thread> readers;
  for (std::uint64_t reader = 1; reader <= 2; ++reader)
    readers.emplace_back([&, reader] {
      std::uint64_t newest = 0;
      while (!stop.load()) {
        const auto lease = r.ring.lease_newest(kStart, {1, reader}, newest);
        if (lease.error != FrameRing::LeaseError::kNone) continue;
        newest = lease.frame.context_id;
        const auto* const begin = r.memory.data() + lease.frame.offset_bytes;
        EXPECT_TRUE(std::all_of(begin, begin + kFrameBytes,
                                [&](std::uint8_t b) { return b == static_cast<std::uint8_t>(newest); }));
        frames_read.fetch_add(1);
      }
    });
  for (std::uint64_t id = 2; id < 2000 || frames_read.load() < 100; ++id) r.publish(id);
  stop.store(true);
  for (auto& reader : readers) reader.join();
}

// The same between two processes, over real shared memory: the filming process leases for the reading one.
TEST(FrameRing, ProcessesShareFrames) {
  constexpr std::size_t kSlots = 4;
  auto* const shared = static_cast<std::uint8_t*>(
      ::mmap(nullptr, kSlots * kFrameBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(shared, MAP_FAILED);
  FrameRing ring({shared, kSlots * kFrameBytes}, kFrameBytes, everyone_lives);
  std::ranges::fill(ring.begin_frame(), 77);
  ring.publish(1, 0, 0);
  const auto lease = ring.lease_newest(kStart, {1, 1}, 0);
  const pid_t child = ::fork();
  if (child == 0) {
    bool same = true;
    for (int i = 0; i < 2000; ++i)
      for (std::size_t k = 0; k < kFrameBytes; ++k) same = same && shared[lease.frame.offset_bytes + k] == 77;
    ::_exit(same ? 0 : 1);
  }
  int status = -1;
  for (std::uint64_t id = 2; ::waitpid(child, &status, WNOHANG) == 0; ++id) {
    std::ranges::fill(ring.begin_frame(), static_cast<std::uint8_t>(id));
    ring.publish(id, 0, 0);
  }
  EXPECT_EQ(status, 0);
  ::munmap(shared, kSlots * kFrameBytes);
}

}  // namespace
}  // namespace turbo
