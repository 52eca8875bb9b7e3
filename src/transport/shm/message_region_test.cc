#include "transport/shm/message_region.h"

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

struct alignas(64) Memory {
  std::uint8_t bytes[4096] = {};
  std::span<std::uint8_t> span() { return bytes; }
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
  ASSERT_TRUE(copy_message(memory.span(), size, message, error)) << error;
  const MessageView view = split_message(message);
  EXPECT_TRUE(std::equal(view.header.begin(), view.header.end(), header.begin(), header.end()));
  EXPECT_EQ(view.payload.size(), 100u);
  EXPECT_EQ(view.payload[99], 0xab);
}

TEST(MessageRegion, WhatIsNoMessageIsRefused) {
  Memory memory;
  std::vector<std::uint8_t> message;
  std::string error;
  EXPECT_FALSE(copy_message(memory.span(), 100, message, error));  // nothing was published
  publish_message(memory.span(), header_of(36, 7), 0);
  EXPECT_FALSE(copy_message(memory.span(), 4, message, error));
  EXPECT_FALSE(copy_message(memory.span(), 4097, message, error));
  EXPECT_FALSE(copy_message(memory.span(), 20, message, error));  // shorter than its header
  EXPECT_FALSE(copy_message(memory.span(), ~std::uint64_t{0}, message, error));
  EXPECT_EQ(publish_message(memory.span(), header_of(36, 7), 4096), 0u);
  EXPECT_EQ(publish_message(memory.span(), header_of(5000, 7), 0), 0u);
  begin_message(memory.span());
  EXPECT_FALSE(copy_message(memory.span(), 64, message, error));
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
    ASSERT_TRUE(copy_message(memory.span(), size, message, error)) << error;
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
