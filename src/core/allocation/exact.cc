#include "core/allocation/exact.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace turbo {
namespace {

using Units = std::int64_t;  // bit/s, or billionths of utility

constexpr double kBitsPerMegabit = 1e6;
constexpr double kUtilityUnits = 1e9;
constexpr double kRounding = 1e-3;  // of a unit: what arithmetic on doubles may have added or lost
constexpr double kMaxMbps = 1e9;

struct Item {
  Units cost, value;
};
using Items = std::vector<Item>;

struct State {
  Units cost, value;
  std::uint32_t parent, step;
};
using Layer = std::vector<State>;  // cost and value both rise strictly

std::vector<Items> to_units(std::span<const UtilityCurve> curves) {
  std::vector<Items> services(curves.size());
  for (std::size_t i = 0; i < curves.size(); ++i)
    for (const UtilityStep& step : curves[i])
      services[i].push_back({static_cast<Units>(std::ceil(
                                 std::clamp(step.start_mbps, 0.0, kMaxMbps) * kBitsPerMegabit - kRounding)),
                             std::llround(step.value * kUtilityUnits)});
  return services;
}

// A step up along a service's upper convex hull: so much more value for so much more cost.
struct Increment {
  double slope;
  std::size_t service, to_item;
};

double slope(const Item& from, const Item& to) {
  return static_cast<double>(to.value - from.value) / static_cast<double>(to.cost - from.cost);
}

void hull_increments(const Items& items, std::size_t service, std::vector<Increment>* out) {
  std::vector<std::size_t> hull{0};
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].cost == items[hull.back()].cost || items[i].value <= items[hull.back()].value) continue;
    while (hull.size() >= 2 &&
           slope(items[hull[hull.size() - 2]], items[hull.back()]) <= slope(items[hull.back()], items[i]))
      hull.pop_back();
    hull.push_back(i);
  }
  for (std::size_t i = 1; i < hull.size(); ++i)
    out->push_back({slope(items[hull[i - 1]], items[hull[i]]), service, hull[i]});
}

struct Bound {
  double lambda = 0;                // value a unit of bandwidth is worth, at most
  Units reached = 0;                // a value that some allocation has
  std::vector<double> best_suffix;  // of the services from i on: the most value at that price
};

// Takes single upgrades while they fit, the most valuable first.
void upgrade(const std::vector<Items>& services, Units left, std::vector<std::size_t>* chosen) {
  for (;;) {
    Units best_gain = 0;
    std::size_t best_service = 0, best_item = 0;
    for (std::size_t s = 0; s < services.size(); ++s) {
      const Item& now = services[s][(*chosen)[s]];
      for (std::size_t i = (*chosen)[s] + 1; i < services[s].size() && services[s][i].cost - now.cost <= left;
           ++i)
        if (services[s][i].value - now.value > best_gain)
          best_gain = services[s][i].value - now.value, best_service = s, best_item = i;
    }
    if (best_gain == 0) return;
    left -= services[best_service][best_item].cost - services[best_service][(*chosen)[best_service]].cost;
    (*chosen)[best_service] = best_item;
  }
}

Bound lagrangian_bound(const std::vector<Items>& services, Units budget) {
  Bound bound;
  std::vector<Increment> increments;
  for (std::size_t s = 0; s < services.size(); ++s) hull_increments(services[s], s, &increments);
  std::stable_sort(increments.begin(), increments.end(),
                   [](const Increment& a, const Increment& b) { return a.slope > b.slope; });
  // The slope of the first increment that does not fit is the price; what was taken until then is an
  // allocation.
  std::vector<std::size_t> chosen(services.size(), 0);
  Units left = budget;
  for (const auto& [price, service, item] : increments) {
    const Units cost = services[service][item].cost - services[service][chosen[service]].cost;
    if (cost > left) {
      bound.lambda = price;
      break;
    }
    left -= cost;
    chosen[service] = item;
  }
  upgrade(services, left, &chosen);
  for (std::size_t s = 0; s < services.size(); ++s) bound.reached += services[s][chosen[s]].value;
  bound.best_suffix.assign(services.size() + 1, 0);
  for (std::size_t i = services.size(); i-- > 0;) {
    double best = 0;
    for (const Item& item : services[i])
      best = std::max(best, static_cast<double>(item.value) - bound.lambda * static_cast<double>(item.cost));
    bound.best_suffix[i] = bound.best_suffix[i + 1] + best;
  }
  return bound;
}

std::vector<std::size_t> path(const std::vector<Layer>& layers, State state) {
  std::vector<std::size_t> steps(layers.size());
  for (std::size_t i = layers.size(); i-- > 0;) {
    steps[i] = state.step;
    if (i > 0) state = layers[i - 1][state.parent];
  }
  return steps;
}

// Of two partial choices of the same cost and value: is a's list of steps the greater one?
bool ranks_before(const std::vector<Layer>& earlier, const State& a, const State& b) {
  if (earlier.empty()) return a.step > b.step;
  const auto steps_a = path(earlier, earlier.back()[a.parent]),
             steps_b = path(earlier, earlier.back()[b.parent]);
  return steps_a != steps_b ? steps_a > steps_b : a.step > b.step;
}

Layer next_layer(const std::vector<Layer>& earlier, const Items& items, Units budget, const Bound& bound) {
  static const Layer kStart{{0, 0, 0, 0}};
  const Layer& from = earlier.empty() ? kStart : earlier.back();
  const double rest = bound.best_suffix[earlier.size() + 1];
  // A billionth or two are lost in the bound's doubles; a bound must never rule out a best choice.
  const double slack = 2 + 1e-12 * (std::abs(static_cast<double>(bound.reached)) + rest);
  Layer all;
  for (std::uint32_t parent = 0; parent < from.size(); ++parent) {
    for (std::uint32_t step = 0; step < items.size(); ++step) {
      const State state{from[parent].cost + items[step].cost, from[parent].value + items[step].value, parent,
                        step};
      if (state.cost > budget) break;
      const double most =
          static_cast<double>(state.value) + bound.lambda * static_cast<double>(budget - state.cost) + rest;
      if (most >= static_cast<double>(bound.reached) - slack) all.push_back(state);
    }
  }
  std::sort(all.begin(), all.end(), [&](const State& a, const State& b) {
    if (a.cost != b.cost) return a.cost < b.cost;
    if (a.value != b.value) return a.value > b.value;
    return ranks_before(earlier, a, b);
  });
  Layer kept;
  for (const State& state : all)
    if (kept.empty() || state.value > kept.back().value) kept.push_back(state);
  return kept;
}

}  // namespace

std::vector<std::size_t> allocate_exactly(std::span<const UtilityCurve> curves, double bandwidth_mbps) {
  if (!(bandwidth_mbps > 0)) bandwidth_mbps = 0;
  const auto budget =
      static_cast<Units>(std::floor(std::min(bandwidth_mbps, kMaxMbps) * kBitsPerMegabit + kRounding));
  const std::vector<Items> services = to_units(curves);
  const Bound bound = lagrangian_bound(services, budget);

  std::vector<Layer> layers;
  for (const Items& items : services) layers.push_back(next_layer(layers, items, budget, bound));

  if (layers.empty()) return {};
  return path(layers, layers.back().back());  // the last state has the most value
}

Allocation ExactAllocator::allocate(const AllocationProblem& problem) {
  curves_.resize(problem.services.size());
  for (std::size_t i = 0; i < curves_.size(); ++i)
    make_utility_curve(problem.services[i], problem.rtt_ms,
                       problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0, &curves_[i]);
  const auto steps = allocate_exactly(curves_, problem.bandwidth_mbps);
  Allocation allocation;
  for (std::size_t i = 0; i < curves_.size(); ++i) allocation.options.push_back(curves_[i][steps[i]].option);
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
