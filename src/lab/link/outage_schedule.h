#pragma once
// Times during which a link carries nothing. Pure; as many as are given, none by default.

#include <vector>

#include "core/time.h"

namespace turbo {

struct Outage {
  Time from, to;  // [from, to)
};

class OutageSchedule {
 public:
  OutageSchedule() = default;
  explicit OutageSchedule(std::vector<Outage> outages);  // in any order; they may overlap

  bool covers(Time time) const { return resumes(time) != time; }
  Time resumes(Time time) const;                           // `time` itself outside of outages
  Time finishes(Time from, Duration work) const;           // when `work` is done, if it rests during outages
  Duration working_time(Time from, Time to) const;         // [from, to) without its outages
  const std::vector<Outage>& all() const { return all_; }  // ascending, apart from each other

 private:
  std::vector<Outage> all_;
};

}  // namespace turbo
