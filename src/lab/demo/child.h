#pragma once
// One program that the demo started: named when it dies, asked before it is killed.

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/time.h"

namespace turbo {

struct ChildPlan {
  std::string name;
  std::vector<std::string> command;  // program and arguments
  std::string log_path;              // of its output and errors
  pid_t namespaces_of = 0;           // runs in this process's user and network namespaces; 0: in ours
};

class Child {
 public:
  explicit Child(ChildPlan plan);  // starts it; throws std::runtime_error
  ~Child();                        // kills it if it still runs
  Child(const Child&) = delete;

  const std::string& name() const { return plan_.name; }
  bool running();           // looks whether it has ended
  bool ended_well() const;  // it ended by itself or as asked
  std::string why() const;  // it ended: "exit status 1: <last line of its log>"

  void ask_to_stop();  // SIGTERM
  void kill_it();

 private:
  ChildPlan plan_;
  pid_t pid_ = 0;
  int status_ = 0;
  bool asked_ = false;
};

// The last line of a file that is not empty, shortened; "" if there is none.
std::string last_line_of(const std::string& path);

}  // namespace turbo
