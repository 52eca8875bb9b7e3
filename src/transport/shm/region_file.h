#pragma once
// A region's bytes by way of its descriptor. Whoever may open a region may also shrink it, and what is then
// touched through a mapping ends the process (SIGBUS); read and written this way it is an error.

#include <cstddef>
#include <cstdint>
#include <span>

namespace turbo {

class RegionFile {  // does not own the descriptor
 public:
  explicit RegionFile(int fd) : fd_(fd) {}

  std::size_t size_bytes() const;  // now; 0 if there is none
  // All of it, or false. A write past the region's end is refused; one that the system has no memory for is
  // too.
  bool read(std::size_t offset, std::span<std::uint8_t> into) const;
  bool write(std::size_t offset, std::span<const std::uint8_t> from) const;

 private:
  int fd_;
};

}  // namespace turbo
