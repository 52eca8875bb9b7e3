#include "transport/ownership/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace turbo {

bool try_own(int fd) { return ::flock(fd, LOCK_EX | LOCK_NB) == 0; }

pid_t owner_of(int fd) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return 0;
  std::ostringstream wanted;
  wanted << std::hex;
  wanted.width(2);
  wanted.fill('0');
  wanted << major(file.st_dev) << ':';
  wanted.width(2);
  wanted << minor(file.st_dev) << ':' << std::dec << file.st_ino;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    // "12: FLOCK  ADVISORY  WRITE 4321 00:1b:77 0 EOF"
    std::istringstream fields(line);
    std::string number, kind, mode, access, inode;
    pid_t pid = 0;
    if (fields >> number >> kind >> mode >> access >> pid >> inode && kind == "FLOCK" &&
        inode == wanted.str())
      return pid;
  }
  return 0;
}

std::string process_text(pid_t pid) { return pid > 0 ? "process " + std::to_string(pid) : "another process"; }

namespace {

bool is_same(int fd, const std::string& path) {
  struct stat held {
  }, named{};
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

void write_pid(int fd) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), text.size(), 0);  // only for others' messages
}

// 0: its owner has not written it yet.
pid_t read_pid(int fd) {
  char text[16];
  const ssize_t n = ::pread(fd, text, sizeof text, 0);
  pid_t pid = 0;
  if (n <= 0 || std::from_chars(text, text + n, pid).ptr == text) return 0;
  return pid;
}

}  // namespace

void unlink_if_same(int fd, const std::string& path) {
  if (is_same(fd, path)) ::unlink(path.c_str());
}

OwnerLock::OwnerLock(const std::string& path, const std::string& what) : path_(path) {
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
      throw std::runtime_error(
          "taking " + what + ": cannot open " + path + ": " + std::strerror(errno) +
          (errno == EACCES ? "; another user made it: remove the folder, or choose another zmq_dir" : ""));
    if (!try_own(fd)) {
      const pid_t written = read_pid(fd);
      const pid_t owner = written > 0 ? written : owner_of(fd);
      ::close(fd);
      throw std::runtime_error(what + " is in use by " + process_text(owner) +
                               ": stop that process, or choose another zmq_dir");
    }
    // The owner before us removes the file while it still holds the lock: what we locked may be that orphan.
    if (is_same(fd, path)) {
      fd_ = fd;
      write_pid(fd);
      return;
    }
    ::close(fd);
  }
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

OwnerLock::~OwnerLock() {
  if (fd_ < 0) return;
  unlink_if_same(fd_, path_);
  ::close(fd_);
}

}  // namespace turbo
