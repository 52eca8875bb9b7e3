#pragma once
// What is true in a drive, and what its policies only believe: how large each frame is in each configuration,
// how long the cloud's model takes for it, and what its answer is worth. A function of the seed and of which
// frame it is, so that no choice changes another frame. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/time.h"
#include "core/utility/service.h"
#include "core/utility/utility_timeline.h"

namespace turbo::experiments {

// How far the truth is from the table: standard deviations of logarithms; 0: not at all.
struct Disturbance {
  double size_bias = 0;      // a factor for each camera and drive: what this road's pictures are like
  double size_spread = 0;    // a factor for each frame
  double server_bias = 0;    // a factor for each model and drive: what this cloud's machine is like
  double server_spread = 0;  // a factor for each frame
};

class Truth {
 public:
  // timeline: frame by frame, repeated for as long as it is asked for; without one, the services' own
  // utilities are true. Throws std::invalid_argument if it does not fit the services.
  Truth(std::vector<Service> services, std::optional<UtilityTimeline> timeline,
        const Disturbance& disturbance, std::uint64_t seed);

  const std::vector<Service>& services() const { return services_; }
  // frame: of its camera, from 0 on.
  double megabits(std::size_t service, std::size_t option, std::int64_t frame) const;
  double runtime_ms(std::size_t service, std::size_t option, std::int64_t frame) const;
  // Of a frame that this option answers, since_start into the drive; one that sends only a share of the
  // frames is worth for those what it would be worth if it sent all.
  double utility(std::size_t service, std::size_t option, Duration since_start) const;
  // The same by the services' own utilities.
  double believed_when_sent(std::size_t service, std::size_t option) const;
  std::size_t vehicle_option(std::size_t service) const { return vehicle_[service]; }
  double weight(std::size_t service) const { return services_[service].weight; }

 private:
  struct Cost {
    double size_factor = 1, runtime_factor = 1;
    std::optional<std::size_t> full_rate;  // the option that is the same but for the frame rate
    std::size_t column = 0;
  };
  std::size_t row_at(Duration since_start) const;
  template <class Value>
  double when_sent(std::size_t service, std::size_t option, const Value& value) const;

  std::vector<Service> services_;
  std::optional<UtilityTimeline> timeline_;
  Disturbance disturbance_;
  std::uint64_t seed_;
  std::vector<std::vector<Cost>> costs_;  // [service][option]
  std::vector<std::size_t> vehicle_;
  std::int64_t length_us_ = 0;  // of the timeline
};

// From a scenario's first frame to where the one after its last would be; of its frames one by one.
std::int64_t length_us(const UtilityTimeline& frames);
// The same number for the same name, everywhere.
std::int64_t name_number(const std::string& name);
// The timeline again and again, every round_us, until it covers so much.
UtilityTimeline repeated(const UtilityTimeline& timeline, std::int64_t round_us, Duration at_least);

}  // namespace turbo::experiments
