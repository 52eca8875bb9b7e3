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

std::string path_of(const std::string& object) { return "/dev/shm" + object; }

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw std::runtime_error("shared memory region " + name + ": " + what + ": " + std::strerror(errno));
}

std::uint8_t* map(int fd, std::size_t size) {
  void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return at == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(at);
}

// A new object of this name, owned by us.
int make_object(const std::string& name) {
  const std::string object = object_name(name);
  for (;;) {
    const int fd = ::shm_open(object.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) fail(name, "opening");
    if (!try_own(fd)) {
      const pid_t owner = owner_of(fd);
      ::close(fd);
      throw std::runtime_error("shared memory region " + name + " is in use by " + process_text(owner) +
                               ": stop that process, or give the region another name");
    }
    struct stat held {};
    if (::fstat(fd, &held) != 0) {
      const int why = errno;
      ::close(fd);
      errno = why;
      fail(name, "looking at it");
    }
    // Unnamed: its owner removed it between our open and our lock. Of a size: a dead owner's; whoever reads
    // it still keeps it, and we make another.
    if (held.st_nlink != 0 && held.st_size == 0) return fd;
    unlink_if_same(fd, path_of(object));
    ::close(fd);
  }
}

}  // namespace

Region::Region(const std::string& name, std::size_t size_bytes)
    : name_(object_name(name)), fd_(make_object(name)), size_(size_bytes) {
  const bool sized = ::ftruncate(fd_, static_cast<off_t>(size_)) == 0;
  if (sized) data_ = map(fd_, size_);
  if (data_ != nullptr) return;
  const int why = errno;
  remove();
  errno = why;
  fail(name, sized ? "mapping it" : "sizing it to " + std::to_string(size_) + " bytes");
}

Region::~Region() { remove(); }

void Region::remove() {
  if (data_ != nullptr) ::munmap(data_, size_);
  unlink_if_same(fd_, path_of(name_));
  ::close(fd_);
}

bool Region::reserve(std::size_t n) {
  if (n <= reserved_) return true;
  if (n > size_) return false;
  int result;
  do result = ::posix_fallocate(fd_, 0, static_cast<off_t>(n));
  while (result == EINTR);
  if (result == 0) reserved_ = n;
  return result == 0;
}

AttachedRegion::AttachedRegion(std::string name) : name_(object_name(name)) {}
AttachedRegion::~AttachedRegion() { detach(); }

void AttachedRegion::detach() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (fd_ >= 0) ::close(fd_);
  data_ = nullptr;
  fd_ = -1;
  size_ = 0;
}

bool AttachedRegion::refresh() {
  struct stat object {};
  if (::stat(path_of(name_).c_str(), &object) != 0) return false;
  if (data_ != nullptr && object.st_ino == inode_ && static_cast<std::size_t>(object.st_size) == size_)
    return true;
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

}  // namespace turbo
