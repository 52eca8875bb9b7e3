#include "core/allocation/planner.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/allocation/exact.h"

namespace turbo {
namespace {
constexpr double kMost = 1e6;                                           // Mbps or ms that are believed
constexpr double kNoTie = 1e-9;                                         // of utility
constexpr double kRounding = 1e-9;                                      // of Mbps
bool believable(double value) { return value >= 0 && value <= kMost; }  // false for NaN
}  // namespace

std::vector<ModelOption> options_of(const ModelTable& table, const std::string& onvehicle_model) {
  if (!table.has_utility)
    throw std::runtime_error(table.name +
                             ": no column \"Utility [AP]\": there is nothing to choose by; make one with "
                             "turbo-profile");
  std::vector<ModelOption> options;
  bool has_vehicle = false;
  for (const ModelRow& row : table.rows) {
    if (row.raw_frame) continue;
    const bool on_vehicle = row.config.model == onvehicle_model;
    if (on_vehicle && (row.config.image != Compression::kNone || row.config.input != Compression::kNone))
      continue;
    ModelOption option;
    option.config = format_model_config(row.config);
    option.size_megabits = on_vehicle ? 0 : row.size_megabits;
    option.runtime_ms = on_vehicle ? 1 : row.runtime_ms;
    option.utility = *row.utility;
    option.on_vehicle = on_vehicle;
    has_vehicle |= on_vehicle;
    options.push_back(std::move(option));
  }
  if (!has_vehicle)
    throw std::runtime_error(table.name + ": no row " + onvehicle_model +
                             "-imgcompNone-inpcompNone: the on-vehicle model must stand in it");
  return options;
}

Planner::Planner(PlannerSettings settings, std::vector<ModelOption> options)
    : settings_(std::move(settings)), options_(std::move(options)) {
  const auto vehicle =
      std::find_if(options_.begin(), options_.end(), [](const auto& o) { return o.on_vehicle; });
  if (vehicle == options_.end()) throw std::runtime_error("planning: no on-vehicle model among the options");
  vehicle_option_ = static_cast<std::size_t>(vehicle - options_.begin());
  current_.assign(settings_.services.size(), vehicle_option_);
}

std::optional<Decision> Planner::decide(double bandwidth_mbps, double rtt_ms) {
  if (!believable(bandwidth_mbps) || !believable(rtt_ms)) return std::nullopt;
  const double budget_mbps = bandwidth_mbps * settings_.bandwidth_safety;
  if (!fits(current_, budget_mbps, rtt_ms)) {
    current_ = best(budget_mbps, rtt_ms);
    better_for_ = 0;
    return describe(bandwidth_mbps, rtt_ms);
  }
  const Options better = best(budget_mbps * (1 - settings_.up_margin), rtt_ms);
  better_for_ = utility(better) > utility(current_) + kNoTie ? better_for_ + 1 : 0;
  if (better_for_ >= settings_.up_decisions) {
    current_ = better;
    better_for_ = 0;
  }
  return describe(bandwidth_mbps, rtt_ms);
}

Decision Planner::all_on_vehicle() {
  current_.assign(settings_.services.size(), vehicle_option_);
  better_for_ = 0;
  return describe(0, 0);
}

Planner::Options Planner::best(double budget_mbps, double rtt_ms) const {
  const UtilityCurve curve = make_utility_curve(options_, settings_.slo_ms, rtt_ms);
  const std::vector<UtilityCurve> curves(settings_.services.size(), curve);
  Options chosen;
  for (const std::size_t step : allocate_exactly(curves, budget_mbps).steps)
    chosen.push_back(curve[step].option);
  return chosen;
}

bool Planner::fits(const Options& chosen, double budget_mbps, double rtt_ms) const {
  double sum_mbps = 0;
  for (const auto option : chosen) {
    const auto needed = needed_mbps(options_[option.value_or(vehicle_option_)], settings_.slo_ms, rtt_ms);
    if (!needed) return false;
    sum_mbps += *needed;
  }
  return sum_mbps <= budget_mbps + kRounding;
}

double Planner::utility(const Options& chosen) const {
  double sum = 0;
  for (const auto option : chosen) sum += options_[option.value_or(vehicle_option_)].utility;
  return sum;
}

Decision Planner::describe(double bandwidth_mbps, double rtt_ms) const {
  Decision decision{.services = {}, .available_mbps = bandwidth_mbps, .rtt_ms = rtt_ms};
  double needed_sum_mbps = 0;
  for (std::size_t i = 0; i < current_.size(); ++i) {
    const ModelOption& option = options_[current_[i].value_or(vehicle_option_)];
    ServiceChoice choice;
    choice.service_id = settings_.services[i];
    choice.config = option.config;
    choice.utility = option.utility;
    choice.needed_mbps = needed_mbps(option, settings_.slo_ms, rtt_ms).value_or(0);
    choice.on_vehicle = option.on_vehicle;
    needed_sum_mbps += choice.needed_mbps;
    decision.services.push_back(std::move(choice));
  }
  // Everything available, in proportion to the needs: each frame then arrives earlier by the same factor.
  const double factor = needed_sum_mbps > 0 ? std::max(1.0, bandwidth_mbps / needed_sum_mbps) : 0;
  for (ServiceChoice& choice : decision.services) choice.allocated_mbps = choice.needed_mbps * factor;
  const double count = static_cast<double>(std::max<std::size_t>(current_.size(), 1));
  decision.expected_utility = utility(current_) / count;
  decision.local_utility = options_[vehicle_option_].utility;
  return decision;
}

}  // namespace turbo
