#include "vehicle/bandwidth_allocator/configured_planner.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/planning/policy_names.h"
#include "process/logging.h"
#include "process/process.h"

namespace turbo {
namespace {

constexpr std::uintmax_t kMaxTableBytes = 1 << 20;

std::string read_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kMaxTableBytes)
    throw UsageError("reading the model table " + path +
                     ": no file of at most 1 MiB; set model_info_csv_path to one that turbo-profile made");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    throw UsageError("reading the model table " + path + ": it cannot be read; check its permissions");
  return text.str();
}

double of_service(const std::map<int, double>& values, int id, double fallback) {
  const auto found = values.find(id);
  return found == values.end() ? fallback : found->second;
}

std::vector<Service> services_of(const BandwidthAllocatorConfig& config, const ModelTable& table) {
  std::vector<Service> services;
  for (const int id : config.service_id_list) {
    const double rate = of_service(config.frames_per_second, id, CameraStreamConfig{}.frames_per_second);
    Service service{.id = id,
                    .options = options_of(table, config.onvehicle_model_name, rate),
                    .weight = of_service(config.weights, id, 1),
                    .min_utility = of_service(config.min_utilities, id, 0),
                    .slo_ms = milliseconds(config.t_slo),
                    .frames_per_s = rate};
    // The clients give the vehicle's boxes between; nobody carries the cloud's forward.
    add_frame_rates(service, config.frame_rates, HUGE_VAL);
    services.push_back(std::move(service));
  }
  return services;
}

}  // namespace

Planner make_planner(const BandwidthAllocatorConfig& config) {
  if (config.model_info_csv_path.empty())
    throw UsageError("bandwidth_allocator_config: model_info_csv_path: expected the model table's path");
  if (config.service_id_list.empty())
    throw UsageError("bandwidth_allocator_config: service_id_list: expected one service or more");
  const std::string text = read_file(config.model_info_csv_path);
  try {
    const ModelTable table = parse_model_table(text, config.model_info_csv_path);
    for (const std::string& note : table.notes) log_info(note);
    return Planner({}, make_policy(config.policy, services_of(config, table)),
                   make_allocator(config.allocator),
                   config.promise ? make_budget("promise", *config.promise)
                                  : make_budget("share", config.bandwidth_safety));
  } catch (const std::exception& error) {
    throw UsageError(error.what());
  }
}

}  // namespace turbo
