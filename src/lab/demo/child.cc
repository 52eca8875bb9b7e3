#include "lab/demo/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>

#include "lab/link/net_namespace.h"

namespace turbo {
namespace {

constexpr int kNotFound = 127;

[[noreturn]] void become(const ChildPlan& plan, char* const* command, pid_t parent) {
  try {
    const int log = open(plan.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    setpgid(0, 0);  // Ctrl-C on the terminal reaches the demo alone, which stops the rest in order
    if (plan.namespaces_of != 0) {
      const auto network = NetNamespace::of_process(plan.namespaces_of);
      enter_user_namespace(plan.namespaces_of);
      network.enter();
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // after the namespaces: entering one clears it
    if (getppid() != parent) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execv(command[0], command);
    dprintf(STDERR_FILENO, "%s cannot be started: %s\n", command[0], strerror(errno));
  } catch (const std::exception& error) {
    dprintf(STDERR_FILENO, "%s\n", error.what());
  }
  _exit(kNotFound);
}

}  // namespace

Child::Child(ChildPlan plan) : plan_(std::move(plan)) {
  std::vector<char*> command;
  for (auto& part : plan_.command) command.push_back(part.data());
  command.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("starting " + plan_.name + ": " + strerror(errno));
  if (pid_ == 0) become(plan_, command.data(), parent);
}

Child::~Child() { kill_it(); }

bool Child::running() {
  if (pid_ != 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
  return pid_ != 0;
}

bool Child::ended_well() const {
  return status_ == 0 || (asked_ && WIFSIGNALED(status_) && WTERMSIG(status_) == SIGTERM);
}

std::string Child::why() const {
  if (WIFSIGNALED(status_)) {
    const int signal = WTERMSIG(status_);
    return "killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  const std::string line = last_line_of(plan_.log_path);
  return "exit status " + std::to_string(WEXITSTATUS(status_)) + (line.empty() ? "" : ": ") + line;
}

void Child::ask_to_stop() {
  asked_ = true;
  if (pid_ != 0) kill(pid_, SIGTERM);
}

void Child::kill_it() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &status_, 0);
  pid_ = 0;
}

std::string last_line_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return "";
  const auto size = static_cast<std::streamoff>(in.tellg());
  in.seekg(std::max<std::streamoff>(0, size - 2048));
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return last.substr(0, 300);
}

}  // namespace turbo
