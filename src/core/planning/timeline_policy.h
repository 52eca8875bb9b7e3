#pragma once
// Utilities that change along one scenario: of its recent past, as a vehicle could know them that has its
// frames labelled soon after, or of the present, which only an oracle knows.

#include "core/planning/utility_policy.h"
#include "core/utility/utility_timeline.h"

namespace turbo {

class TimelinePolicy final : public UtilityPolicy {
 public:
  enum class View {
    kRecent,   // the last window that has ended; before the first has, what the services say themselves
    kPresent,  // the window that holds the present; in a gap, and after the last, the last that has begun
  };
  // start: when the scenario begins. The services are those of the timeline's columns. Throws
  // std::invalid_argument when they do not fit together.
  TimelinePolicy(std::vector<Service> services, UtilityTimeline timeline, View view, Time start);
  std::string_view name() const override { return view_ == View::kRecent ? "recent" : "oracle"; }
  std::span<const Service> services(Time now, const LinkReport& report) override;

 private:
  std::vector<Service> services_;
  UtilityTimeline timeline_;
  View view_;
  Time start_;
};

}  // namespace turbo
