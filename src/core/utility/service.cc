#include "core/utility/service.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/utility/model_config.h"

namespace turbo {
namespace {

constexpr double kMaxMegabits = 10'000;
constexpr double kMaxMs = 600'000;
constexpr double kMaxFramesPerS = 1'000;

bool within(double value, double low, double high) { return value >= low && value <= high; }  // false for NaN

std::string fault_in(const ModelOption& option) {
  std::string error;
  if (!parse_model_config(option.config, &error)) return error;
  if (!within(option.size_megabits, 0, kMaxMegabits)) return option.config + ": size: expected 0 to 10000 Mb";
  if (!within(option.runtime_ms, 0, kMaxMs) && !(option.runtime_ms == HUGE_VAL && !option.on_vehicle))
    return option.config + ": run time: expected 0 to 600000 ms";
  if (!within(option.utility, 0, 1)) return option.config + ": utility: expected 0 to 1";
  if (!(option.duty > 0 && option.duty <= 1)) return option.config + ": share of frames: expected 0 to 1";
  return "";
}

std::string fault_in(const Service& service) {
  if (service.options.empty()) return "no configuration to choose from";
  std::set<std::string> names;
  int on_vehicle = 0;
  for (const ModelOption& option : service.options) {
    if (std::string fault = fault_in(option); !fault.empty()) return fault;
    if (!names.insert(option.config).second) return option.config + " stands twice";
    on_vehicle += option.on_vehicle ? 1 : 0;
  }
  if (on_vehicle != 1)
    return on_vehicle == 0 ? "no on-vehicle model among its configurations: name one"
                           : "more than one on-vehicle model among its configurations";
  for (const ModelOption& option : service.options)
    if (!option.on_vehicle && option.size_megabits == 0)
      return option.config + ": size: expected more than 0 Mb for what runs in the cloud";
  if (!within(service.weight, 0.01, 100)) return "weight: expected 0.01 to 100";
  if (!within(service.min_utility, 0, 1)) return "least utility: expected 0 to 1";
  if (!within(service.slo_ms, 1, kMaxMs)) return "SLO: expected 1 to 600000 ms";
  if (!within(service.frames_per_s, 0.001, kMaxFramesPerS))
    return "frame rate: expected 0.001 to 1000 a second";
  return "";
}

}  // namespace

std::vector<ModelOption> options_of(const ModelTable& table, const std::string& onvehicle_model,
                                    double frames_per_s) {
  if (!table.has_utility)
    throw std::runtime_error(table.name +
                             ": no column \"Utility [AP]\": there is nothing to choose by; make one with "
                             "turbo-profile");
  std::vector<ModelOption> options;
  bool has_vehicle = false;
  for (const ModelRow& row : table.rows) {
    if (row.raw_frame || row.config.frames_per_s >= frames_per_s) continue;
    const bool on_vehicle = row.config.model == onvehicle_model;
    const bool bare = row.config == ModelConfig{.model = row.config.model};
    if (on_vehicle && !bare) continue;
    if (!on_vehicle && bare && row.size_megabits == 0) continue;  // a model for another vehicle
    ModelOption option;
    option.config = format_model_config(row.config);
    option.size_megabits = on_vehicle ? 0 : row.size_megabits;
    option.runtime_ms = on_vehicle ? 1 : row.runtime_ms;
    option.utility = *row.utility;
    option.on_vehicle = on_vehicle;
    if (row.config.frames_per_s > 0) option.duty = row.config.frames_per_s / frames_per_s;
    has_vehicle |= on_vehicle;
    options.push_back(std::move(option));
  }
  if (!has_vehicle)
    throw std::runtime_error(table.name + ": no row " + onvehicle_model +
                             "-imgcompNone-inpcompNone: the on-vehicle model must stand in it");
  return options;
}

double utility_at_rate(double every_frame, double vehicle, double rate_per_s, double camera_rate_per_s,
                       double staleness_cost_per_s) {
  const double share = rate_per_s / camera_rate_per_s;
  const double age_s = (1 / rate_per_s - 1 / camera_rate_per_s) / 2;
  return std::max(share * every_frame + (1 - share) * vehicle, every_frame - staleness_cost_per_s * age_s);
}

void add_frame_rates(Service& service, std::span<const double> rates_per_s, double staleness_cost_per_s) {
  const auto vehicle = std::find_if(service.options.begin(), service.options.end(),
                                    [](const ModelOption& option) { return option.on_vehicle; });
  const double vehicle_utility = vehicle == service.options.end() ? 0 : vehicle->utility;
  std::set<std::string> names;
  for (const ModelOption& option : service.options) names.insert(option.config);
  const std::size_t given = service.options.size();
  for (std::size_t i = 0; i < given; ++i) {
    const ModelOption full = service.options[i];
    auto config = parse_model_config(full.config);
    if (full.on_vehicle || full.duty < 1 || full.size_megabits <= 0 || !config) continue;
    for (const double rate : rates_per_s) {
      if (!(rate > 0 && rate < service.frames_per_s)) continue;
      ModelOption option = full;
      config->frames_per_s = rate;
      option.config = format_model_config(*config);
      if (!names.insert(option.config).second) continue;  // measured: its own row counts
      option.duty = rate / service.frames_per_s;
      option.utility =
          utility_at_rate(full.utility, vehicle_utility, rate, service.frames_per_s, staleness_cost_per_s);
      service.options.push_back(std::move(option));
    }
  }
}

std::optional<std::size_t> vehicle_option(const Service& service) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [](const ModelOption& option) { return option.on_vehicle; });
  if (at == service.options.end()) return std::nullopt;
  return static_cast<std::size_t>(at - service.options.begin());
}

std::string fault_in(std::span<const Service> services) {
  std::set<int> ids;
  for (const Service& service : services) {
    const std::string name = "service " + std::to_string(service.id) + ": ";
    if (!ids.insert(service.id).second) return name + "this id stands twice";
    if (const std::string fault = fault_in(service); !fault.empty()) return name + fault;
  }
  return "";
}

}  // namespace turbo
