#pragma once
// What the link could carry and did, a JSON line every 100 ms; the first line says how the link was started.
// A reader may follow the file while it grows.

#include <cstdio>
#include <string>

#include "core/time.h"
#include "lab/link/link_model.h"

namespace turbo {

inline constexpr Duration kStatusInterval = std::chrono::milliseconds(100);

class StatusLog {
 public:
  StatusLog(const std::string& path, const std::string& command_line,
            Time start);  // throws std::runtime_error
  ~StatusLog();
  StatusLog(const StatusLog&) = delete;

  Time next() const { return until_; }
  void write(LinkModel& up, LinkModel& down);  // the interval that ends at next()

 private:
  std::FILE* file_;
  Time start_, from_, until_;
  LinkCounters up_before_, down_before_;
};

// One direction in [from, to): capacity_mbps, delivered_mbps, queue_bytes, lost and dropped packets.
std::string status_json(LinkModel& link, const LinkCounters& before, Time from, Time to);

}  // namespace turbo
