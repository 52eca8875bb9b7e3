#pragma once
// What the streams of a simulation carry, in place of their bytes: written by the end that opens a stream,
// read by the other once those bytes have arrived.

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "lab/simulate/packet.h"

namespace turbo::simulate {

struct UpContent {
  static constexpr std::size_t kJunk = ~std::size_t{0};
  std::size_t frame = kJunk;  // its record
  std::size_t service = 0;
  Duration budget{};  // left when the header was written
};

struct DownContent {
  std::size_t frame = 0;
  bool dropped = false;
};

template <class Content>
class StreamContents {
 public:
  void add(StreamId stream, const Content& content) {
    if (contents_.size() <= stream) contents_.resize(stream + 1);
    contents_[stream] = content;
  }
  const Content& of(StreamId stream) const { return contents_[stream]; }

 private:
  std::vector<Content> contents_;
};

struct Wire {
  StreamContents<UpContent> up;
  StreamContents<DownContent> down;
};

}  // namespace turbo::simulate
