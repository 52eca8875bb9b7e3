#pragma once
// The bytes of the packets that a LinkModel holds. They come and go in one order, so a ring of slots does,
// which grows to the most packets ever held at once; a packet costs no allocation.

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lab/link/tun_device.h"

namespace turbo {

class PacketStore {
 public:
  using Slot = std::array<unsigned char, kTunMtu>;

  Slot& next() {  // to be written to, then kept or not
    if (end_ - begin_ == slots_.size()) grow();
    return slot(end_);
  }
  std::uint64_t next_tag() const { return end_; }
  void keep() { ++end_; }  // what next() holds
  std::span<const unsigned char> bytes(std::uint64_t tag, std::size_t size) {
    return std::span(slot(tag)).first(size);
  }
  void release_through(std::uint64_t tag) { begin_ = tag + 1; }  // it and all kept before it

 private:
  Slot& slot(std::uint64_t tag) { return slots_[tag & (slots_.size() - 1)]; }
  void grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    std::swap(slots_, larger);
    for (std::uint64_t tag = begin_; tag != end_; ++tag) slot(tag) = larger[tag & (larger.size() - 1)];
  }

  std::vector<Slot> slots_ = std::vector<Slot>(256);  // a power of two
  std::uint64_t begin_ = 0, end_ = 0;
};

}  // namespace turbo
