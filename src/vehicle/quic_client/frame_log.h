#pragma once
// frames.jsonl: what became of every frame that a client handed over, a JSON line an event. Lines are
// gathered and written by flush(), off the hot path.

#include <fstream>
#include <string>

#include "core/uplink/uplink.h"

namespace turbo {

class FrameLog {
 public:
  explicit FrameLog(const std::string& path);  // throws std::runtime_error
  ~FrameLog();

  void add(int service_id, const EndedFrame& ended);
  void flush();

 private:
  std::ofstream file_;
  std::string lines_;
};

}  // namespace turbo
