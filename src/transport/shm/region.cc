#include "transport/shm/region.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "transport/ownership/owner_lock.h"

namespace turbo {

namespace {

std::string object_name(const std::string& name) { return name.starts_with('/') ? name : "/" + name; }

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw std::runtime_error("shared memory region " + name + ": " + what + ": " + std::strerror(errno));
}

std::uint8_t* map(int fd, std::size_t size) {
  void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(at);
}

bool reserve_pages(int fd, std::size_t n, std::size_t size, std::size_t& reserved) {
  if (n <= reserved) return true;
  if (n > size || fd < 0) return false;
  int result;
  do result = ::posix_fallocate(fd, 0, static_cast<off_t>(n));
  while (result == EINTR);
  if (result != 0) return false;
  reserved = n;
  return true;
}

}  // namespace

Region::Region(const std::string& name, std::size_t size_bytes)
    : name_(object_name(name)), size_(size_bytes) {
  for (;;) {
    fd_ = ::shm_open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) fail(name, "opening");
    if (!try_own(fd_)) {
      const pid_t owner = owner_of(fd_);
      ::close(fd_);
      throw std::runtime_error("shared memory region " + name + " is in use by process " +
                               std::to_string(owner) +
                               ": stop that process, or give the region another name");
    }
    struct stat object {};
    if (::fstat(fd_, &object) != 0) fail(name, "looking at it");
    if (object.st_nlink == 0) {  // its owner removed it between our open and our lock
      ::close(fd_);
      continue;
    }
    if (object.st_size == 0) break;  // new, and ours
    // A dead owner's: whoever reads it still keeps it; we make another.
    ::shm_unlink(name_.c_str());
    ::close(fd_);
  }
  if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0)
    fail(name, "sizing it to " + std::to_string(size_) + " bytes");
  data_ = map(fd_, size_);
  if (data_ == nullptr) fail(name, "mapping it");
}

Region::~Region() {
  if (data_ != nullptr) ::munmap(data_, size_);
  ::shm_unlink(name_.c_str());
  ::close(fd_);
}

bool Region::reserve(std::size_t n) { return reserve_pages(fd_, n, size_, reserved_); }

AttachedRegion::AttachedRegion(std::string name) : name_(object_name(name)) {}
AttachedRegion::~AttachedRegion() { detach(); }

void AttachedRegion::detach() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (fd_ >= 0) ::close(fd_);
  data_ = nullptr;
  fd_ = -1;
  size_ = reserved_ = 0;
}

bool AttachedRegion::refresh() {
  struct stat object {};
  if (::stat(("/dev/shm" + name_).c_str(), &object) != 0) return false;
  if (data_ != nullptr && object.st_ino == inode_) return true;
  const int fd = ::shm_open(name_.c_str(), O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return false;
  if (::fstat(fd, &object) != 0 || object.st_size == 0) {  // its creator has not sized it yet
    ::close(fd);
    return false;
  }
  std::uint8_t* const data = map(fd, static_cast<std::size_t>(object.st_size));
  if (data == nullptr) {
    ::close(fd);
    return false;
  }
  detach();
  fd_ = fd;
  data_ = data;
  size_ = static_cast<std::size_t>(object.st_size);
  inode_ = object.st_ino;
  return true;
}

bool AttachedRegion::reserve(std::size_t n) { return reserve_pages(fd_, n, size_, reserved_); }

}  // namespace turbo
