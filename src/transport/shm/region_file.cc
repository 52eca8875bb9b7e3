#include "transport/shm/region_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace turbo {

std::size_t RegionFile::size_bytes() const {
  struct stat object {};
  return ::fstat(fd_, &object) == 0 ? static_cast<std::size_t>(object.st_size) : 0;
}

bool RegionFile::read(std::size_t offset, std::span<std::uint8_t> into) const {
  while (!into.empty()) {
    const ssize_t n = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::size_t>(n);
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool RegionFile::write(std::size_t offset, std::span<const std::uint8_t> from) const {
  const std::size_t size = size_bytes();
  if (offset > size || from.size() > size - offset) return false;  // a write there would make it grow
  while (!from.empty()) {
    const ssize_t n = ::pwrite(fd_, from.data(), from.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::size_t>(n);
    from = from.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace turbo
