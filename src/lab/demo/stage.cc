#include "lab/demo/stage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "lab/link/net_namespace.h"

namespace turbo {
namespace {

// Forks a process that runs `enter` and then only stays; throws what `enter` threw.
pid_t hold(const std::function<void()>& enter) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("making a pipe failed");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("starting a process failed: too many are running?");
  if (pid == 0) {
    std::string word = "+";
    try {
      setpgid(0, 0);
      enter();
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the namespaces: entering one clears it
      if (getppid() != parent) _exit(0);
    } catch (const std::exception& error) {
      word = error.what();
    }
    [[maybe_unused]] const auto written = write(ends[1], word.data(), word.size());
    if (word != "+") _exit(1);
    close(ends[1]);
    for (;;) pause();
  }
  close(ends[1]);
  std::string word;
  char block[512];
  for (ssize_t size; (size = read(ends[0], block, sizeof block)) > 0;)
    word.append(block, static_cast<std::size_t>(size));
  close(ends[0]);
  if (word == "+") return pid;
  waitpid(pid, nullptr, 0);
  throw std::runtime_error(word.empty() ? "a namespace's keeper died" : word);
}

void end(pid_t pid) {
  if (pid == 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace

Stage::Stage() {
  try {
    vehicle_ = hold([] {
      unshare_user_and_network();
      bring_up_loopback();
    });
  } catch (const std::exception&) {
    if (geteuid() != 0) throw;
    vehicle_ = hold([] {  // root of the machine needs no user namespace
      unshare_network();
      bring_up_loopback();
    });
  }
  try {
    cloud_ = hold([this] {
      enter_user_namespace(vehicle_);
      unshare_network();
      bring_up_loopback();
    });
  } catch (...) {
    end(vehicle_);
    throw;
  }
}

Stage::~Stage() {
  end(cloud_);
  end(vehicle_);
}

}  // namespace turbo
