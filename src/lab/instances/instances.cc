#include "lab/instances/instances.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "core/utility/utility_curve.h"

namespace turbo {
namespace {

constexpr std::array kKinds{InstanceKind::kNoisy,    InstanceKind::kRandom,       InstanceKind::kDuplicates,
                            InstanceKind::kAlike,    InstanceKind::kEqualNeeds,   InstanceKind::kHugeRatios,
                            InstanceKind::kDenormal, InstanceKind::kProportional, InstanceKind::kFloors};

// Its own distributions: those of the standard library differ from one to the next.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  double unit() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  std::uint64_t below(std::uint64_t count) { return bits_() % count; }

 private:
  std::mt19937_64 bits_;
};

struct Shape {  // of a camera's curve
  double most_megabits, steepness, gain;
};

void set_size_and_utility(InstanceKind kind, const Shape& shape, Random& random, ModelOption* option) {
  const double share = random.unit();
  option->size_megabits = shape.most_megabits * share;
  option->utility = std::clamp(
      0.2 + shape.gain * (1 - std::exp(-shape.steepness * share)) + random.between(-0.02, 0.02), 0.0, 1.0);
  switch (kind) {
    case InstanceKind::kRandom:
      option->utility = random.unit();
      break;
    case InstanceKind::kDuplicates:
      option->size_megabits = 0.25 * static_cast<double>(random.below(8));
      option->utility = 0.125 * static_cast<double>(random.below(9));
      option->runtime_ms = 30;
      break;
    case InstanceKind::kEqualNeeds:
      option->size_megabits = 1;
      option->runtime_ms = 30;
      break;
    case InstanceKind::kHugeRatios:
      option->size_megabits = std::exp(random.between(-20, 5));
      option->utility = std::exp(random.between(-25, 0));
      break;
    case InstanceKind::kDenormal:
      if (random.below(2) == 0) option->size_megabits = std::numeric_limits<double>::denorm_min();
      if (random.below(4) == 0) option->utility = std::numeric_limits<double>::denorm_min();
      break;
    case InstanceKind::kProportional:
      option->runtime_ms = 30;
      option->utility = 0.2 + 0.8 * share * shape.most_megabits / 5;
      break;
    default:
      break;
  }
}

Service make_service(InstanceKind kind, int id, std::size_t configs, Random& random) {
  Service service{.id = id};
  service.options.push_back(
      {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true});
  const Shape shape{random.between(0.5, 5), random.between(2, 8), random.between(0.3, 0.75)};
  for (std::size_t i = 1; i < configs; ++i) {
    ModelOption option{.config = std::string("m").append(std::to_string(i)).append("-imgcompNone-inpcomp90"),
                       .runtime_ms = random.between(5, 60)};
    set_size_and_utility(kind, shape, random, &option);
    service.options.push_back(std::move(option));
  }
  if (kind == InstanceKind::kFloors) {
    service.weight = std::exp(random.between(std::log(0.01), std::log(100)));
    if (random.below(2) == 0) service.min_utility = random.unit();
  }
  return service;
}

}  // namespace

std::span<const InstanceKind> instance_kinds() { return kKinds; }

std::string_view instance_kind_name(InstanceKind kind) {
  constexpr std::array<std::string_view, kKinds.size()> kNames{"noisy",    "random",       "duplicates",
                                                               "alike",    "equal-needs",  "huge-ratios",
                                                               "denormal", "proportional", "floors"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Instance make_instance(InstanceKind kind, std::size_t services, std::size_t configs, std::uint64_t seed) {
  Random random(seed);
  Instance instance{.services = {}, .rtt_ms = random.between(10, 60)};
  double most_mbps = 0;
  for (std::size_t i = 0; i < services; ++i) {
    const int id = static_cast<int>(i) + 1;
    if (kind == InstanceKind::kAlike && i > 0) {
      instance.services.push_back(instance.services[0]);
      instance.services.back().id = id;
    } else {
      instance.services.push_back(make_service(kind, id, configs, random));
    }
    most_mbps += make_utility_curve(instance.services.back(), instance.rtt_ms).back().start_mbps;
  }
  const std::uint64_t lot = random.below(20);
  const double share = random.unit();
  instance.bandwidth_mbps = lot == 0 ? 0 : lot == 1 ? kUnlimitedMbps : most_mbps * share;
  return instance;
}

}  // namespace turbo
