#pragma once
// Buffers that are used again once nobody else holds them, so that a frame costs no fresh memory.

#include <cstdint>
#include <memory>
#include <vector>

namespace turbo {

using Buffer = std::shared_ptr<std::vector<std::uint8_t>>;

class BufferPool {
 public:
  Buffer take();

 private:
  std::vector<Buffer> buffers_;
};

}  // namespace turbo
