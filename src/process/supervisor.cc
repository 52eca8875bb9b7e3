#include "process/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "process/logging.h"

namespace turbo {

namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstBackOff = 200ms;
constexpr Duration kLongestBackOff = 10s;
constexpr Duration kStable = 10s;   // alive this long: the next death starts the back-off anew
constexpr Duration kPatience = 5s;  // between ABORT and SIGKILL
constexpr Duration kAbortEvery = 100ms;
constexpr Duration kTellExternal = 300ms;  // ABORT is said so long to those that are not ours to wait for
constexpr int kManyDeaths = 5;

std::string reason_of(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return text_of("killed by signal ", signal, " (", strsignal(signal), ")");
  }
  return text_of("exit status ", WEXITSTATUS(status));
}

// In the child, after fork: only async-signal-safe calls.
[[noreturn]] void become(char* const* command, pid_t parent, int lifeline) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // Ctrl-C and a closed terminal reach the whole group: the main answers them, with ABORT.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);
  ::signal(SIGPIPE, SIG_DFL);
  // Two ways to learn of the main's end: the kernel's signal, which a program with file capabilities (setcap)
  // loses, and the end of a pipe, which only our own programs watch.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::fcntl(lifeline, F_SETFD, 0);
  if (::getppid() != parent) ::_exit(0);
  ::execv(command[0], command);
  ::_exit(127);
}

}  // namespace

struct Supervisor::Child {
  ChildSpec spec;
  std::unique_ptr<Publisher> kill_switch;
  pid_t pid = 0;  // 0: not running
  Time started{};
  Duration back_off = kFirstBackOff;
  EventLoop::Id restart_timer = 0;
  int quick_deaths = 0;     // in a row
  bool was_stable = false;  // once lived for kStable: its configuration was right then
};

Supervisor::Supervisor(Process& process, std::vector<ChildSpec> children, const std::string& events_path)
    : process_(process), events_path_(events_path) {
  if (::pipe2(lifeline_, O_CLOEXEC) != 0)
    throw std::runtime_error(std::string("making a pipe: ") + strerror(errno));
  ::setenv(kLifelineVariable, std::to_string(lifeline_[0]).c_str(), 1);
  for (ChildSpec& spec : children) {
    auto child = std::make_unique<Child>();
    child->spec = std::move(spec);
    if (!child->spec.kill_switch.empty())
      child->kill_switch = std::make_unique<Publisher>(process_.ipc(), child->spec.kill_switch);
    Child* const raw = child.get();
    child->restart_timer = process_.loop().timer([this, raw](Time now) {
      if (!stopping_) start(*raw, now);
    });
    children_.push_back(std::move(child));
  }
}

Supervisor::~Supervisor() {
  for (const int end : lifeline_)
    if (end >= 0) ::close(end);
}

void Supervisor::start(Child& child, Time now) {
  std::vector<char*> command;
  for (std::string& argument : child.spec.command) command.push_back(argument.data());
  command.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(command.data(), parent, lifeline_[0]);
  if (pid < 0) {
    log_error("starting ", child.spec.name, ": ", strerror(errno));
    process_.loop().arm(child.restart_timer, now + child.back_off);
    return;
  }
  child.pid = pid;
  child.started = now;
  log_info("started ", child.spec.name, " (pid ", pid, ")");
  write_event("started", child, pid, "");
}

void Supervisor::reap(Time now) {
  // Only our own children's pids are asked for: another part of the program may have children too.
  for (const auto& child : children_) {
    int status = 0;
    if (child->pid != 0 && ::waitpid(child->pid, &status, WNOHANG) == child->pid) died(*child, status, now);
  }
}

void Supervisor::died(Child& child, int status, Time now) {
  const pid_t pid = std::exchange(child.pid, 0);
  const std::string why = reason_of(status);
  if (stopping_) {
    if (status != 0) log_warning(child.spec.name, " (pid ", pid, ") ended: ", why);
    write_event("stopped", child, pid, why);
    return;
  }
  write_event("died", child, pid, why);
  const bool quick = now - child.started <= kStable;
  child.was_stable = child.was_stable || !quick;
  child.quick_deaths = quick ? child.quick_deaths + 1 : 0;
  // A file that was changed while the system runs is no reason to stop the others.
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2 && !child.was_stable) {
    log_error(child.spec.name, " refused its configuration: stopping everything");
    exit_code_ = 1;
    process_.loop().stop();
    return;
  }
  if (!quick) child.back_off = kFirstBackOff;
  if (child.quick_deaths == kManyDeaths)
    log_error(child.spec.name, " died ", kManyDeaths, " times in a row (", why,
              "): its own last line above says why; trying on");
  log_warning(child.spec.name, " (pid ", pid, ") died: ", why, "; starting it again in ",
              std::chrono::duration_cast<std::chrono::milliseconds>(child.back_off).count(), " ms");
  process_.loop().arm(child.restart_timer, now + child.back_off);
  child.back_off = std::min<Duration>(child.back_off * 2, kLongestBackOff);
  ++restarts_;
}

int Supervisor::run() {
  ::signal(SIGCHLD, SIG_DFL);  // a parent that ignores it makes the kernel reap in our place
  for (const auto& child : children_)
    if (!child->spec.external && ::access(child->spec.command[0].c_str(), X_OK) != 0)
      throw std::runtime_error("starting " + child->spec.name + ": there is no program " +
                               child->spec.command[0]);
  // SIGCHLD would need a handler beside the process's signal descriptor; asking 20 times a second costs
  // nothing.
  const auto watch = process_.loop().every(50ms, [this](Time now) { reap(now); });
  for (const auto& child : children_)
    if (!child->spec.external) start(*child, EventLoop::now());
  process_.loop().run();
  stop_all();
  process_.loop().remove(watch);
  return exit_code_;
}

void Supervisor::stop_all() {
  stopping_ = true;
  log_info("stopping ",
           std::count_if(children_.begin(), children_.end(), [](const auto& c) { return c->pid != 0; }),
           " processes");
  const auto running = [this] {
    return std::any_of(children_.begin(), children_.end(), [](const auto& c) { return c->pid != 0; });
  };
  const bool others =
      std::any_of(children_.begin(), children_.end(), [](const auto& c) { return c->spec.external; });
  const Time begin = EventLoop::now(), deadline = begin + kPatience;
  const Time told = others ? begin + kTellExternal : begin;
  const auto waiting = [&](Time now) { return running() || now < told; };
  for (Time now = begin; waiting(now) && now < deadline; now = EventLoop::now()) {
    for (const auto& child : children_) {
      if (child->pid == 0 && !child->spec.external) continue;
      // A kill switch reaches nobody while its process starts up or hangs: it is told again until it has
      // ended.
      if (child->kill_switch)
        child->kill_switch->publish(kAbort);
      else if (child->pid != 0)
        ::kill(child->pid, SIGTERM);
    }
    const Time next = std::min(deadline, now + kAbortEvery);
    while (waiting(EventLoop::now()) && EventLoop::now() < next) {
      process_.loop().run_once(std::min(next, EventLoop::now() + 10ms));
      reap(EventLoop::now());
    }
  }
  for (const auto& child : children_) {
    if (child->pid == 0) continue;
    log_error(child->spec.name, " (pid ", child->pid, ") did not stop in 5 s: killed");
    write_event("killed", *child, child->pid, "did not stop in 5 s");
    ::kill(child->pid, SIGKILL);
    int status = 0;
    ::waitpid(child->pid, &status, 0);
    child->pid = 0;
  }
}

void Supervisor::write_event(const std::string& event, const Child& child, pid_t pid,
                             const std::string& why) {
  if (events_path_.empty()) return;
  const auto unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::ofstream(events_path_, std::ios::app) << nlohmann::json{{"timestamp", unix_s},
                                                               {"event", event},
                                                               {"process", child.spec.name},
                                                               {"pid", pid},
                                                               {"why", why}}
                                                    .dump()
                                             << '\n';
}

void mark_external(std::vector<ChildSpec>& children, const std::vector<std::string>& external) {
  for (const std::string& name : external)
    if (std::count_if(children.begin(), children.end(),
                      [&](ChildSpec& child) { return child.name == name && (child.external = true); }) == 0) {
      std::string names;
      for (const ChildSpec& child : children) names += " " + child.name;
      throw UsageError("--external " + name + ": no such process; there are" + names);
    }
}

OwnerLock own_side(const std::string& zmq_dir, const std::string& main) {
  std::error_code error;
  std::filesystem::create_directories(zmq_dir, error);
  return {zmq_dir + "/" + main + ".lock", main + " of " + zmq_dir};
}

std::string sibling_program(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / name).string();
}

}  // namespace turbo
