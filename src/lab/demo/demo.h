#pragma once
// Runs the whole system on one machine: vehicle and cloud in two network namespaces, turbo-link between them,
// the plotter outside, where a browser reaches it. One thread.

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/demo/child.h"
#include "lab/demo/link_follower.h"
#include "lab/demo/live_status.h"
#include "lab/demo/stage.h"
#include "lab/demo/terminal.h"
#include "lab/score/run_files.h"
#include "process/client_config.h"

namespace turbo {

struct DemoOptions {
  double duration_s = 60;
  bool keep = false;       // until Ctrl-C
  std::string trace_path;  // empty: one of our own making
  std::uint64_t seed = 1;  // of that
  double rtt_ms = 40;
  double queue_ms = 100;
  double down_rate_mbps = 60;
  std::string client_config = "config/client_config.yaml";
  std::string server_config = "config/server_config_gcloud.yaml";
  std::string quic_client_config = "config/quic_config_client.yaml";
  std::string quic_server_config = "config/quic_config_gcloud.yaml";
  std::string run_dir;  // empty: a new one below the configuration's experiment_output_dir
  std::vector<std::string> command_line;
};

class Demo {
 public:
  explicit Demo(DemoOptions options);  // throws UsageError, LinkConfigError, std::runtime_error
  ~Demo();

  int run();  // exit code

 private:
  void start_plotter();
  void start(const std::string& name, std::vector<std::string> arguments, pid_t namespaces_of);
  std::string make_trace_file() const;
  void start_link();
  void start_cloud();
  void start_vehicle();
  std::string dashboard() const;
  bool wait_for_cameras();
  void watch();
  LiveStatus read_status();
  void show(double elapsed_s);
  void tell_deaths();
  bool look_after_children();
  bool wait_until(const std::string& what, Duration patience, const std::function<bool()>& ready);
  void pump(Duration patience);
  void stop_all();
  void stop(const std::string& name, Duration patience);
  void summarise();

  DemoOptions options_;
  ClientConfig config_;
  std::string folder_;
  Terminal terminal_;
  std::unique_ptr<Stage> stage_;
  std::list<Child> children_;  // in the order of their start
  LinkFollower link_;
  RecentHistory history_;
  std::vector<LineFollower> supervision_;
  int signal_fd_ = -1;
  int interrupts_ = 0;
  std::uint64_t restarts_ = 0;  // of the plotter; the mains count theirs
  Time plotter_started_{};
  std::optional<MeasuredTime> measured_;  // from the first frame of the last camera on
  bool failed_ = false;
};

}  // namespace turbo
