#include "vehicle/bandwidth_allocator/configured_planner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/allocation/constant.h"
#include "core/planning/policy_names.h"
#include "evaluation/evaluation_data.h"
#include "evaluation/model_table_file.h"
#include "process/logging.h"
#include "process/process.h"

namespace turbo {
namespace {

double of_service(const std::map<int, double>& values, int id, double fallback) {
  const auto found = values.find(id);
  return found == values.end() ? fallback : found->second;
}

double camera_rate(const BandwidthAllocatorConfig& config, int id) {
  return of_service(config.frames_per_second, id, CameraStreamConfig{}.frames_per_second);
}

// A rate that is no choice is a mistake: the camera's own stands beside them anyway.
void check_frame_rates(const BandwidthAllocatorConfig& config) {
  for (const int id : config.service_id_list)
    for (const double rate : config.frame_rates)
      if (rate >= camera_rate(config, id))
        throw UsageError(text_of("bandwidth_allocator_config: frame_rates: expected less than the ",
                                 camera_rate(config, id), " frames a second of camera ", id, ", got ", rate));
}

// With the utilities of the model table.
std::vector<Service> services_of(const BandwidthAllocatorConfig& config, const ModelTable& table) {
  std::vector<Service> services;
  for (const int id : config.service_id_list) {
    const double rate = camera_rate(config, id);
    Service service{.id = id,
                    .options = options_of(table, config.onvehicle_model_name, rate),
                    .slo_ms = milliseconds(config.t_slo),
                    .frames_per_s = rate};
    add_frame_rates(service, config.frame_rates, config.staleness_cost.value_or(HUGE_VAL));
    services.push_back(std::move(service));
  }
  return services;
}

// In evaluation data one service is no camera: it has no image that a client could send.
void check_cameras(const BandwidthAllocatorConfig& config) {
  const auto& ids = config.service_id_list;
  if (std::find(ids.begin(), ids.end(), kMotionPredictionService) == ids.end()) return;
  throw UsageError(
      text_of("bandwidth_allocator_config: service_id_list: with parquet_eval_dir ", kMotionPredictionService,
              " is motion prediction, which no client serves: its models take tracks, and clients send "
              "images; turbo-allocate, turbo-curves and turbo-simulate reckon with it"));
}

// With those of the evaluation data, over all of it.
std::vector<Service> evaluated_services_of(const BandwidthAllocatorConfig& config, const ModelTable& table) {
  check_cameras(config);
  EvaluationSettings settings;
  settings.onvehicle_model = config.onvehicle_model_name;
  settings.cameras = config.service_id_list;
  settings.slo_ms = milliseconds(config.t_slo);
  settings.frames_per_s = camera_rate(config, config.service_id_list.front());
  settings.frame_rates_per_s = config.frame_rates;
  settings.staleness_cost_per_s = config.staleness_cost.value_or(HUGE_VAL);
  for (const int id : config.service_id_list)
    if (camera_rate(config, id) != settings.frames_per_s)
      throw UsageError("parquet_eval_dir: expected cameras of one frames_per_second");
  const EvaluationData data(config.parquet_eval_dir, table, settings);
  for (const std::string& note : data.notes()) log_info(note);
  return data.services();
}

}  // namespace

Planner make_planner(const BandwidthAllocatorConfig& config) {
  if (config.model_info_csv_path.empty())
    throw UsageError("bandwidth_allocator_config: model_info_csv_path: expected the model table's path");
  if (config.service_id_list.empty())
    throw UsageError("bandwidth_allocator_config: service_id_list: expected one service or more");
  check_frame_rates(config);
  try {
    const ModelTable table = read_model_table(config.model_info_csv_path,
                                              "set model_info_csv_path to one that turbo-profile made");
    auto services =
        config.parquet_eval_dir.empty() ? services_of(config, table) : evaluated_services_of(config, table);
    if (const std::string fault = fault_in_fixed(config.allocator, services); !fault.empty())
      throw UsageError("bandwidth_allocator_config: allocator: " + fault);
    for (Service& service : services) {
      service.weight = of_service(config.weights, service.id, 1);
      service.min_utility = of_service(config.min_utilities, service.id, 0);
    }
    return Planner({}, make_policy(config.policy, std::move(services)), make_allocator(config.allocator),
                   make_budget(config.budget));
  } catch (const std::exception& error) {
    throw UsageError(error.what());
  }
}

}  // namespace turbo
