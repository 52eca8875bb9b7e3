#pragma once
// What the link could carry and did, and how its queues are, a JSON line each interval; the first line says
// how the link was started. A reader may follow the file while it grows.

#include <cstdio>
#include <string>

#include "core/time.h"
#include "lab/link/link_model.h"

namespace turbo {

class StatusLog {
 public:
  // Throws std::runtime_error.
  StatusLog(const std::string& path, const std::string& command_line, Time start, Duration interval);
  ~StatusLog();
  StatusLog(const StatusLog&) = delete;

  Time next() const { return until_; }
  void write(Time now, LinkModel& up, LinkModel& down);  // the interval that ended at next(), by now

 private:
  std::FILE* file_;
  Duration interval_;
  Time start_, from_, until_;
  LinkCounters up_before_, down_before_;
};

// One direction in [from, to), and its queue at `now`. The fields are in turbo-link --help.
std::string status_json(LinkModel& link, const LinkCounters& before, Time from, Time to, Time now);

}  // namespace turbo
