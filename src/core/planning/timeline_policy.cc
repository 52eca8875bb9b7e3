#include "core/planning/timeline_policy.h"

#include <algorithm>
#include <stdexcept>

namespace turbo {

TimelinePolicy::TimelinePolicy(std::vector<Service> services, UtilityTimeline timeline, View view, Time start)
    : services_(std::move(services)), timeline_(std::move(timeline)), view_(view), start_(start) {
  if (const std::string fault = fault_in(services_); !fault.empty()) throw std::invalid_argument(fault);
  std::size_t columns = 0;
  for (const Service& service : services_) columns += service.options.size();
  const std::string name = "scenario " + timeline_.scenario;
  if (timeline_.windows.empty()) throw std::invalid_argument(name + ": no window of utilities");
  if (timeline_.utilities.size() != timeline_.windows.size())
    throw std::invalid_argument(name + ": not as many rows of utilities as windows");
  for (const auto& row : timeline_.utilities)
    if (row.size() != columns)
      throw std::invalid_argument(name + ": not as many utilities in a window as configurations");
  const auto by_start = [](const UtilityWindow& a, const UtilityWindow& b) {
    return a.start_us < b.start_us;
  };
  if (!std::is_sorted(timeline_.windows.begin(), timeline_.windows.end(), by_start))
    throw std::invalid_argument(name + ": its windows are not in their order");
}

std::span<const Service> TimelinePolicy::services(Time now, const LinkReport&) {
  const auto& windows = timeline_.windows;
  const std::int64_t at_us =
      windows.front().start_us + std::chrono::duration_cast<std::chrono::microseconds>(now - start_).count();
  // Windows of one size end in the order in which they begin.
  const auto next = std::find_if(windows.begin(), windows.end(), [&](const UtilityWindow& window) {
    return view_ == View::kRecent ? window.end_us >= at_us : window.start_us > at_us;
  });
  if (next == windows.begin()) return services_;
  std::size_t column = 0;
  const auto& row = timeline_.utilities[static_cast<std::size_t>(next - windows.begin()) - 1];
  for (Service& service : services_)
    for (ModelOption& option : service.options) option.utility = row[column++];
  return services_;
}

}  // namespace turbo
