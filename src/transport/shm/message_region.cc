#include "transport/shm/message_region.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "schema/channels.h"

namespace turbo {

namespace {
constexpr std::size_t kPrefixBytes = 4;

std::atomic_ref<std::uint32_t> prefix_of(std::span<std::uint8_t> region) {
  return std::atomic_ref<std::uint32_t>(*reinterpret_cast<std::uint32_t*>(region.data()));
}
std::uint32_t read_prefix(const std::uint8_t* at) {
  std::uint32_t prefix;
  std::memcpy(&prefix, at, kPrefixBytes);
  return prefix;
}

// Between the steps of the protocol: no access before it is seen after one behind it. A sequentially
// consistent store, or a read-modify-write made of a load and a store, lets plain stores overtake it on
// aarch64. gcc's ThreadSanitizer knows no fences (and says so, an error here); it needs none, as it reorders
// nothing.
inline void full_fence() {
#ifndef __SANITIZE_THREAD__
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

constexpr const char* kBegunAnother = "the writer has begun another message";

// Step 5, a piece at a time.
bool is_still_there(const RegionFile& region, std::span<const std::uint8_t> begin) {
  std::uint8_t piece[1024];
  for (std::size_t at = 0; at < begin.size(); at += sizeof piece) {
    const std::size_t n = std::min(sizeof piece, begin.size() - at);
    if (!region.read(at, std::span(piece).first(n))) return false;
    if (std::memcmp(piece, begin.data() + at, n) != 0) return false;
  }
  return true;
}
}  // namespace

std::size_t payload_offset(std::size_t header_bytes) {
  return (header_bytes + kPayloadAlignment - 1) / kPayloadAlignment * kPayloadAlignment;
}

void begin_message(std::span<std::uint8_t> region) {
  if (region.size() < kPrefixBytes) return;
  prefix_of(region).store(0, std::memory_order_relaxed);
  full_fence();  // the payload's stores come after
}

std::size_t publish_message(std::span<std::uint8_t> region, std::span<const std::uint8_t> header,
                            std::size_t payload_bytes) {
  const std::size_t offset = payload_offset(header.size());
  if (header.size() < kPrefixBytes || offset > region.size() || payload_bytes > region.size() - offset)
    return 0;
  std::memcpy(region.data() + kPrefixBytes, header.data() + kPrefixBytes, header.size() - kPrefixBytes);
  prefix_of(region).store(read_prefix(header.data()), std::memory_order_release);
  return offset + payload_bytes;
}

bool write_message(const RegionFile& region, std::span<const std::uint8_t> message) {
  constexpr std::uint8_t kNoMessage[kPrefixBytes] = {};
  if (message.size() < kPrefixBytes || message.size() > region.size_bytes()) return false;
  if (!region.write(0, kNoMessage)) return false;
  full_fence();
  if (!region.write(kPrefixBytes, message.subspan(kPrefixBytes))) return false;
  full_fence();
  return region.write(0, message.first(kPrefixBytes));
}

bool copy_message(const RegionFile& region, std::uint64_t size, std::vector<std::uint8_t>& message,
                  std::string& error) {
  const std::size_t region_bytes = region.size_bytes();
  if (size < 2 * kPrefixBytes || size > region_bytes) {
    error = "a message of " + std::to_string(size) + " bytes does not fit a region of " +
            std::to_string(region_bytes);
    return false;
  }
  message.resize(size);
  const std::span<std::uint8_t> copy = message;
  error = "the region was made smaller meanwhile";
  if (!region.read(0, copy.first(kPrefixBytes))) return false;
  const std::uint32_t prefix = read_prefix(message.data());
  if (prefix == 0 || prefix > size - kPrefixBytes) {
    error = prefix == 0 ? kBegunAnother : "the header is longer than the message";
    return false;
  }
  full_fence();
  if (!region.read(kPrefixBytes, copy.subspan(kPrefixBytes))) return false;
  full_fence();
  if (!is_still_there(region, copy.first(kPrefixBytes + prefix))) {
    error = kBegunAnother;
    return false;
  }
  error.clear();
  return true;
}

MessageView split_message(std::span<const std::uint8_t> message) {
  if (message.size() < kPrefixBytes) return {};
  const std::uint64_t header_bytes = std::uint64_t{read_prefix(message.data())} + kPrefixBytes;
  if (header_bytes > message.size()) return {};
  const std::size_t offset = payload_offset(header_bytes);
  return {message.first(header_bytes),
          offset < message.size() ? message.subspan(offset) : std::span<const std::uint8_t>{}};
}

}  // namespace turbo
