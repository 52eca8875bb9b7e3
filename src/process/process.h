#pragma once
// What every main needs: its arguments, its configuration, its run folder, its stop. A main looks like
//
//   int main(int argc, char** argv) {
//     return turbo::run_process(argc, argv, {.name = "ping-handler", .about = "...", .config =
//     "config/client_config.yaml"},
//                               [](turbo::Process& process) {
//       const auto config = turbo::load_client_config(process.arguments().config);
//       if (process.arguments().check) return process.checked();
//       turbo::PingHandler handler(process, config);
//       return process.run();          // until ABORT, SIGTERM or SIGINT
//     });
//   }
//
// Exit codes: 0 ended as asked, 1 could not go on, 2 the arguments or the configuration are wrong.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "transport/ipc/event_loop.h"
#include "transport/ipc/sockets.h"

namespace turbo {

struct Flag {
  std::string name;  // "mock-camera": --mock-camera
  std::string help;
};

struct ProcessInfo {
  std::string name;          // "client": also the log's and the run folder's name
  std::string about;         // one or two sentences for --help
  std::string config;        // the default of --config
  bool per_service = false;  // takes --service-id N
  std::string server_help =
      {};  // of -s/--server HOST[:PORT] (and the prototype's "CONFIG HOST:PORT"); empty: not taken
  std::vector<Flag> flags = {};       // switches of its own
  std::string external_example = {};  // mains: "client-1,plotter"
  bool is_main = false;               // takes --external NAME,... and -q/--quic-config FILE
  std::string quic_config = {};       // the default of --quic-config
};

struct Arguments {
  std::string config;
  int service_id = 1;
  bool check = false;
  std::string run_dir;  // --run-dir: this run's folder; empty: experiment_output_dir/<process>_<date>_<time>
  std::string server;   // HOST[:PORT], as given
  std::set<std::string> flags;        // names of those given
  std::string quic_config;            // mains
  std::vector<std::string> external;  // mains: processes that the user runs
  std::vector<std::string> command_line;

  bool has(const std::string& flag) const { return flags.contains(flag); }
};

class Process {
 public:
  Process(ProcessInfo info, Arguments arguments);
  ~Process();

  const Arguments& arguments() const { return arguments_; }
  const std::string& name() const { return name_; }  // with the service: "client-1"
  EventLoop& loop() { return loop_; }
  IpcContext& ipc() { return *ipc_; }

  // Says that the configuration is right, for --check; returns 0.
  int checked() const;

  // Makes the run folder below experiment_output_dir (or takes --run-dir), stamps it with the command line,
  // the configuration's hash and the commit (run.json), and starts the log file there. Returns the folder's
  // path.
  std::string open_run_folder(const std::string& experiment_output_dir);

  // Binds a kill switch (full endpoint): ABORT stops the loop as SIGTERM does.
  void listen_for_abort(const std::string& endpoint);

  // Runs the loop until ABORT, SIGTERM, SIGINT or SIGHUP (unless the parent made us ignore those two), or the
  // end of the main that started us; returns 0.
  int run();

 private:
  void watch_lifeline();

  ProcessInfo info_;
  Arguments arguments_;
  std::string name_;
  std::unique_ptr<IpcContext> ipc_;
  EventLoop loop_;
  std::optional<Subscriber> kill_switch_;
  int signal_fd_ = -1;
  int lifeline_fd_ = -1;
};

// A main's children find the number of a descriptor in this variable: its end is the main's end.
inline constexpr const char* kLifelineVariable = "TURBO_LIFELINE_FD";

// Wrong arguments or configuration: what() is the whole line; run_process prints it and exits 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Parses the arguments, calls body, turns exceptions into one line on stderr and an exit code.
int run_process(int argc, char** argv, const ProcessInfo& info, const std::function<int(Process&)>& body);

}  // namespace turbo
