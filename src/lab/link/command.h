#pragma once
// A program that turbo-link runs at one of its ends.

#include <sys/types.h>

#include <string>
#include <vector>

namespace turbo {

class Command {
 public:
  // Starts it in the calling thread's namespaces, with the standard streams of this process and no signal
  // blocked. It gets SIGTERM if this process dies. Throws std::runtime_error.
  explicit Command(const std::vector<std::string>& arguments);
  ~Command();  // SIGTERM if it still runs, and SIGKILL two seconds later
  Command(const Command&) = delete;

  int fd() const { return fd_; }  // can be read when it has ended
  int wait();                     // its exit status, as a shell gives it

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
};

}  // namespace turbo
