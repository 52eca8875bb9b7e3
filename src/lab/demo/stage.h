#pragma once
// Where the demo plays: a user namespace with two network namespaces, the vehicle's and the cloud's, each
// held open by a small process of ours. None of it needs root, and all of it is gone when the demo is.

#include <sys/types.h>

namespace turbo {

class Stage {
 public:
  Stage();  // throws std::runtime_error, with what to do where the kernel forbids it
  ~Stage();
  Stage(const Stage&) = delete;

  pid_t vehicle_pid() const { return vehicle_; }  // whose namespaces they are
  pid_t cloud_pid() const { return cloud_; }

 private:
  pid_t vehicle_ = 0, cloud_ = 0;
};

}  // namespace turbo
