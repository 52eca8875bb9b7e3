#pragma once
// Starts one side's processes, watches them, restarts one that dies (with back-off), and stops them all. One
// thread: the process's loop.

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "process/process.h"
#include "transport/ownership/owner_lock.h"

namespace turbo {

struct ChildSpec {
  std::string name;                  // as in the log: "client-1"
  std::vector<std::string> command;  // program and arguments
  std::string kill_switch;           // endpoint for ABORT; empty: the process stops on SIGTERM
  bool external = false;             // the user runs it: it is only told to stop
};

class Supervisor {
 public:
  // events_path: a JSON line for every start, death and stop ("" for none).
  Supervisor(Process& process, std::vector<ChildSpec> children, const std::string& events_path);
  ~Supervisor();

  // Starts them, runs until the process is told to stop, stops them: ABORT on the kill switches (SIGTERM for
  // those without), and SIGKILL with a name in the log for one that is still there after 5 s. 0, or 1 when a
  // child refused its configuration.
  int run();

  int restarts() const { return restarts_; }

 private:
  struct Child;
  void start(Child& child, Time now);
  void reap(Time now);
  void died(Child& child, int status, Time now);
  void stop_all();
  void write_event(const std::string& event, const Child& child, pid_t pid, const std::string& why);

  Process& process_;
  std::string events_path_;
  std::vector<std::unique_ptr<Child>> children_;
  int restarts_ = 0;
  int exit_code_ = 0;
  bool stopping_ = false;
  int lifeline_[2] = {-1,
                      -1};  // a pipe whose writing end only this process holds: its end tells the children
};

// Marks those that the user runs. Throws UsageError for a name that no child has.
void mark_external(std::vector<ChildSpec>& children, const std::vector<std::string>& external);

// Whoever starts one side's processes owns that side of its zmq_dir: a second main would tell the first one's
// children to stop. Throws with the pid of the main that is there.
OwnerLock own_side(const std::string& zmq_dir, const std::string& main);

// The program of this name beside the running one.
std::string sibling_program(const std::string& name);

}  // namespace turbo
