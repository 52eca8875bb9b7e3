#include "transport/shm/message_region.h"

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
}  // namespace

std::size_t payload_offset(std::size_t header_bytes) {
  return (header_bytes + kPayloadAlignment - 1) / kPayloadAlignment * kPayloadAlignment;
}

void begin_message(std::span<std::uint8_t> region) {
  if (region.size() >= kPrefixBytes) prefix_of(region).store(0, std::memory_order_seq_cst);
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

bool write_message(std::span<std::uint8_t> region, std::span<const std::uint8_t> message) {
  if (message.size() < kPrefixBytes || message.size() > region.size()) return false;
  begin_message(region);
  std::memcpy(region.data() + kPrefixBytes, message.data() + kPrefixBytes, message.size() - kPrefixBytes);
  prefix_of(region).store(read_prefix(message.data()), std::memory_order_release);
  return true;
}

bool copy_message(std::span<const std::uint8_t> region, std::uint64_t size,
                  std::vector<std::uint8_t>& message, std::string& error) {
  if (size < 2 * kPrefixBytes || size > region.size()) {
    error = "a message of " + std::to_string(size) + " bytes does not fit a region of " +
            std::to_string(region.size());
    return false;
  }
  // const_cast: atomic_ref needs it, nothing is written.
  const std::span<std::uint8_t> source{const_cast<std::uint8_t*>(region.data()), region.size()};
  const std::uint32_t prefix = prefix_of(source).load(std::memory_order_acquire);
  if (prefix == 0 || prefix > size - kPrefixBytes) {
    error = prefix == 0 ? "the writer has begun another message" : "the header is longer than the message";
    return false;
  }
  message.resize(size);
  std::memcpy(message.data() + kPrefixBytes, source.data() + kPrefixBytes, size - kPrefixBytes);
  std::memcpy(message.data(), &prefix, kPrefixBytes);
  // A read-modify-write that changes nothing: the copy's reads cannot move behind it, as they could behind a
  // load.
  if (prefix_of(source).fetch_or(0, std::memory_order_acq_rel) != prefix ||
      std::memcmp(message.data() + kPrefixBytes, source.data() + kPrefixBytes, prefix) != 0) {
    error = "the writer has begun another message";
    return false;
  }
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
