#pragma once
// One run of turbo-link: makes the ends (TUN devices, and network namespaces where asked), carries packets,
// and runs the commands at the ends. One thread.

#include <string>
#include <vector>

#include "lab/link/setup.h"
#include "lab/link/tun_device.h"

namespace turbo {

struct SessionRequest {
  LinkRequest link;
  std::string vehicle_if = "turbo-vehicle", cloud_if = "turbo-cloud";
  std::string vehicle_address = "10.77.0.1/30", cloud_address = "10.77.0.2/30";
  int cloud_pid = 0;        // the cloud's end is in this process's network namespace
  std::string cloud_netns;  // or in that of this file
  std::string status_path;  // empty: no status log
  double status_interval_ms = 100;
  std::vector<std::string>
      command;  // if not empty: both ends are in namespaces of their own, it runs at the vehicle's
  std::string cloud_command;  // and this, by a shell, at the cloud's
  std::string command_line;   // of turbo-link, for the status log
};

class LinkSession {
 public:
  explicit LinkSession(const SessionRequest& request);  // throws LinkConfigError
  // Until the command ends, or SIGINT or SIGTERM comes. Returns the exit status: the command's, if it ended.
  int run();  // throws std::runtime_error

 private:
  TunDevice cloud_end();
  int run_with_command();
  int carry(TunDevice cloud);

  const SessionRequest& request_;
  InterfaceAddress vehicle_address_, cloud_address_;
  int signals_ = -1;
};

}  // namespace turbo
