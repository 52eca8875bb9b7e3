#pragma once
// frames.jsonl: what became of every frame that a client handed over, a JSON line an event. Lines are
// gathered and written by flush(), off the hot path.

#include <cstdint>
#include <fstream>
#include <string>

#include "core/time.h"
#include "core/uplink/uplink.h"

namespace turbo {

class FrameLog {
 public:
  explicit FrameLog(const std::string& path);  // throws std::runtime_error
  ~FrameLog();

  // after: since the frame was handed over. sent_bytes: of it, by then.
  void add(int service_id, std::uint64_t context_id, FrameEnd end, Duration after, std::int64_t sent_bytes);
  void flush();

 private:
  std::ofstream file_;
  std::string lines_;
};

}  // namespace turbo
