#include "transport/shm/message_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

namespace turbo {
namespace {

std::vector<std::uint8_t> header_of(std::size_t body_bytes, std::uint8_t fill) {
  std::vector<std::uint8_t> header(4 + body_bytes, fill);
  const auto prefix = static_cast<std::uint32_t>(body_bytes);
  std::memcpy(header.data(), &prefix, 4);
  return header;
}

constexpr std::size_t kRegionBytes = 4096;

struct Memory {
  int fd = ::memfd_create("region", MFD_CLOEXEC);
  bool sized = ::ftruncate(fd, kRegionBytes) == 0;
  std::uint8_t* bytes =
      static_cast<std::uint8_t*>(::mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  ~Memory() {
    ::munmap(bytes, kRegionBytes);
    ::close(fd);
  }
  std::span<std::uint8_t> span() const { return {bytes, kRegionBytes}; }
  RegionFile file() const { return RegionFile(fd); }
};

TEST(MessageRegion, HeaderAndPayloadComeOutAsTheyWentIn) {
  Memory memory;
  const auto header = header_of(36, 7);
  begin_message(memory.span());
  const std::size_t offset = payload_offset(header.size());
  EXPECT_EQ(offset % 64, 0u);
  std::memset(memory.bytes + offset, 0xab, 100);
  const std::size_t size = publish_message(memory.span(), header, 100);
  ASSERT_EQ(size, offset + 100);

  std::vector<std::uint8_t> message;
  std::string error;
  ASSERT_TRUE(copy_message(memory.file(), size, message, error)) << error;
  const MessageView view = split_message(message);
  EXPECT_TRUE(std::equal(view.header.begin(), view.header.end(), header.begin(), header.end()));
  EXPECT_EQ(view.payload.size(), 100u);
  EXPECT_EQ(view.payload[99], 0xab);
}

TEST(MessageRegion, WhatIsNoMessageIsRefused) {
  Memory memory;
  std::vector<std::uint8_t> message;
  std::string error;
  EXPECT_FALSE(copy_message(memory.file(), 100, message, error));  // nothing was published
  publish_message(memory.span(), header_of(36, 7), 0);
  EXPECT_FALSE(copy_message(memory.file(), 4, message, error));
  EXPECT_FALSE(copy_message(memory.file(), 4097, message, error));
  EXPECT_FALSE(copy_message(memory.file(), 20, message, error));  // shorter than its header
  EXPECT_FALSE(copy_message(memory.file(), ~std::uint64_t{0}, message, error));
  EXPECT_EQ(publish_message(memory.span(), header_of(36, 7), 4096), 0u);
  EXPECT_EQ(publish_message(memory.span(), header_of(5000, 7), 0), 0u);
  begin_message(memory.span());
  EXPECT_FALSE(copy_message(memory.file(), 64, message, error));
}

TEST(MessageRegion, AWholeMessageIsWrittenOrNone) {
  const Memory memory;
  auto message = header_of(60, 7);
  ASSERT_TRUE(write_message(memory.file(), message));
  std::vector<std::uint8_t> copy;
  std::string error;
  ASSERT_TRUE(copy_message(memory.file(), message.size(), copy, error)) << error;
  EXPECT_EQ(copy, message);
  message.resize(kRegionBytes + 1);
  EXPECT_FALSE(write_message(memory.file(), message));
  EXPECT_EQ(memory.file().size_bytes(), kRegionBytes);  // it did not grow
}

// Through a mapping each of these accesses would be SIGBUS.
TEST(MessageRegion, ARegionThatAPeerShrankIsAnError) {
  const Memory memory;
  const auto message = header_of(3000, 7);
  ASSERT_TRUE(write_message(memory.file(), message));
  std::vector<std::uint8_t> copy;
  std::string error;
  for (const off_t size : {2000, 2, 0}) {
    ASSERT_EQ(::ftruncate(memory.fd, size), 0);
    error.clear();
    EXPECT_FALSE(copy_message(memory.file(), message.size(), copy, error));
    EXPECT_FALSE(error.empty());
    EXPECT_FALSE(write_message(memory.file(), message));
  }
}

// The same while a message is being copied and written.
TEST(MessageRegion, APeerThatShrinksWhileWeCopyStopsNobody) {
  const Memory memory;
  std::atomic<bool> stop{false};
  std::thread shrinker([&] {
    while (!stop.load())
      if (::ftruncate(memory.fd, 0) != 0 || ::ftruncate(memory.fd, kRegionBytes) != 0) break;
  });
  const auto message = header_of(3000, 7);
  std::vector<std::uint8_t> copy;
  std::string error;
  for (int i = 0; i < 2000; ++i) {
    write_message(memory.file(), message);
    copy_message(memory.file(), message.size(), copy, error);
  }
  stop.store(true);
  shrinker.join();
}

TEST(MessageRegion, SplittingGarbageIsSafe) {
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<std::uint8_t> garbage(random() % 200);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
    const MessageView view = split_message(garbage);
    EXPECT_LE(view.header.size() + view.payload.size(), garbage.size());
  }
}

// Writer and reader take turns as the sockets make them: a notice after step 3, an ACK after step 5.
TEST(MessageRegion, ConcurrentWriterAndReaderTakeTurns) {
  Memory memory;
  std::atomic<std::size_t> notice{0};
  constexpr int kMessages = 2000;
  std::thread writer([&] {
    for (int i = 0; i < kMessages; ++i) {
      const auto fill = static_cast<std::uint8_t>(i);
      const auto header = header_of(20 + static_cast<std::size_t>(i % 50), fill);
      begin_message(memory.span());
      std::memset(memory.bytes + payload_offset(header.size()), fill, 1000);
      notice.store(publish_message(memory.span(), header, 1000), std::memory_order_release);
      while (notice.load(std::memory_order_acquire) != 0) std::this_thread::yield();
    }
  });
  std::vector<std::uint8_t> message;
  std::string error;
  for (int i = 0; i < kMessages; ++i) {
    std::size_t size;
    while ((size = notice.load(std::memory_order_acquire)) == 0) std::this_thread::yield();
    ASSERT_TRUE(copy_message(memory.file(), size, message, error)) << error;
    const MessageView view = split_message(message);
    ASSERT_EQ(view.payload.size(), 1000u);
    ASSERT_EQ(view.header[10], static_cast<std::uint8_t>(i));
    for (const std::uint8_t byte : view.payload) ASSERT_EQ(byte, static_cast<std::uint8_t>(i));
    notice.store(0, std::memory_order_release);
  }
  writer.join();
}

}  // namespace
}  // namespace turbo
