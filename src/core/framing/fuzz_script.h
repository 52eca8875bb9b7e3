#pragma once
// For fuzz targets: any bytes as a script of what a peer does on its streams.

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "core/framing/frame.h"

namespace turbo::fuzz {

class Script {
 public:
  explicit Script(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  bool ended() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const std::uint8_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  std::span<const std::uint8_t> bytes(std::size_t count) {
    const auto taken = left_.first(std::min(count, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  // Most often a right one.
  std::array<std::uint8_t, kFrameHeaderBytes> header() {
    std::array<std::uint8_t, kFrameHeaderBytes> raw;
    const auto type = static_cast<FrameType>(byte() % 8);
    const std::uint16_t service = byte() % 4;
    const std::uint32_t length = byte() * 16u;
    encode({type, service, byte(), kNoBudget, length}, raw);
    return raw;
  }

 private:
  std::span<const std::uint8_t> left_;
};

// Of everything that came out, in its order.
class Digest {
 public:
  void add(std::uint64_t value) { value_ = value_ * 1099511628211u ^ value; }
  template <typename Bytes>
  void add_all(const Bytes& bytes) {
    for (const auto byte : bytes) add(static_cast<std::uint8_t>(byte));
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 1;
};

}  // namespace turbo::fuzz
