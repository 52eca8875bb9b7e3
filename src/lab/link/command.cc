#include "lab/link/command.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace turbo {
namespace {

constexpr int kNotFound = 127;

[[noreturn]] void become(const std::vector<std::string>& arguments) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  std::fprintf(stderr, "turbo-link: running %s: %s\n", argv[0], std::strerror(errno));
  _exit(kNotFound);
}

}  // namespace

Command::Command(const std::vector<std::string>& arguments) : pid_(fork()) {
  if (pid_ == 0) become(arguments);
  if (pid_ > 0) fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (fd_ < 0) throw std::runtime_error("running " + arguments[0] + ": " + std::strerror(errno));
}

Command::~Command() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    pollfd ended{fd_, POLLIN, 0};
    if (poll(&ended, 1, 2000) == 0) kill(pid_, SIGKILL);
    wait();
  }
  close(fd_);
}

int Command::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace turbo
