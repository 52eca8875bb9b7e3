#include "transport/handoff/buffer_pool.h"

namespace turbo {
namespace {
constexpr std::size_t kKept = 6;  // waiting, in flight, being acknowledged, being filled
}

Buffer BufferPool::take() {
  for (const Buffer& buffer : buffers_)
    if (buffer.use_count() == 1) return buffer;
  Buffer fresh = std::make_shared<std::vector<std::uint8_t>>();
  if (buffers_.size() < kKept) buffers_.push_back(fresh);
  return fresh;
}

}  // namespace turbo
