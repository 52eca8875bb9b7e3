#pragma once
// Who owns a socket or a region, so that a live owner is never robbed and a dead one never has to be cleaned
// up after. The kernel's flock is released with the process however it dies. A lock file holds its owner's
// pid; a region's is looked up in /proc/locks.

#include <sys/types.h>

#include <string>

namespace turbo {

// Tries to take the exclusive lock of an open file. True: it is ours until fd is closed.
bool try_own(int fd);

// The pid that holds the lock of this open file; 0 when /proc/locks does not tell (it goes by the device's
// number, which btrfs and overlayfs give otherwise, and hides what is in other pid namespaces).
pid_t owner_of(int fd);

// "process 12"; "another process" for 0.
std::string process_text(pid_t pid);

// Removes the path only if it still names the open file: it may be another owner's by now.
void unlink_if_same(int fd, const std::string& path);

// A lock file held while the object lives; removed with it. Throws runtime_error naming the live owner's pid.
class OwnerLock {
 public:
  // what: for the error's text, as "socket car-server-bw-service".
  OwnerLock(const std::string& path, const std::string& what);
  ~OwnerLock();
  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&&) = delete;

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace turbo
