#include "lab/link/outage_schedule.h"

#include <algorithm>

namespace turbo {

OutageSchedule::OutageSchedule(std::vector<Outage> outages) {
  std::erase_if(outages, [](const Outage& o) { return o.to <= o.from; });
  std::sort(outages.begin(), outages.end(), [](const Outage& a, const Outage& b) { return a.from < b.from; });
  for (const Outage& outage : outages) {
    if (!all_.empty() && outage.from <= all_.back().to)
      all_.back().to = std::max(all_.back().to, outage.to);
    else
      all_.push_back(outage);
  }
}

Time OutageSchedule::resumes(Time time) const {
  for (const Outage& outage : all_)
    if (time < outage.to) return time < outage.from ? time : outage.to;
  return time;
}

Time OutageSchedule::finishes(Time from, Duration work) const {
  from = resumes(from);
  Time end = from + work;
  for (const Outage& outage : all_)
    if (outage.from >= from && outage.from < end) end += outage.to - outage.from;
  return end;
}

Duration OutageSchedule::working_time(Time from, Time to) const {
  Duration result = std::max(Duration{}, Duration(to - from));
  for (const Outage& outage : all_)
    if (const auto within = std::min(to, outage.to) - std::max(from, outage.from); within > Duration{})
      result -= within;
  return result;
}

}  // namespace turbo
