#include "lab/service_set/service_set.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "core/utility/model_table.h"
#include "lab/service_set/number_option.h"

namespace turbo {
namespace {

constexpr std::uintmax_t kMaxTableBytes = 1 << 20;
constexpr std::size_t kMaxServices = 256, kMaxFrameRates = 16;

std::string read_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    throw std::invalid_argument(path +
                                ": there is no such file; expected a model table, as models/model_info.csv");
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kMaxTableBytes)
    throw std::invalid_argument(
        path + ": no file of at most 1 MiB; expected a model table, as models/model_info.csv");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::invalid_argument(path + ": it cannot be read; check its permissions");
  return text.str();
}

ModelTable read_table(const std::string& path) {
  const std::string text = read_file(path);
  try {
    ModelTable table = parse_model_table(text, path);
    if (table.has_utility) return table;
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
  throw std::invalid_argument(
      path +
      ": no column \"Utility [AP]\", so nothing tells which configuration is worth more; end the header with "
      "\",Utility [AP]\" and every row with its accuracy from 0 to 1, or measure your own models with "
      "turbo-profile");
}

// The one that is said to need no network.
std::string vehicle_model_of(const ModelTable& table) {
  std::set<std::string> candidates;
  for (const auto& row : table.rows)
    if (row.size_megabits == 0) candidates.insert(row.config.model);
  if (candidates.size() == 1) return *candidates.begin();
  std::string names;
  for (const auto& name : candidates) names += (names.empty() ? "" : ", ") + name;
  throw std::invalid_argument(table.name +
                              (candidates.empty() ? ": no row of size 0, so there is no on-vehicle model"
                                                  : ": more than one model of size 0 (" + names + ")") +
                              "; name the on-vehicle model with --vehicle-model");
}

void add_frame_rates(const ServiceOptions& options, std::vector<Service>& services) {
  if (options.frame_rates.size() > kMaxFrameRates)
    throw std::invalid_argument("--frame-rates: expected at most 16 of them");
  if (!(options.staleness_cost >= 0)) throw std::invalid_argument("--staleness-cost: expected 0 or more");
  for (const double rate : options.frame_rates)
    require_within("--frame-rates", rate, {0.001, 1'000, "a second"});
  for (auto& service : services) add_frame_rates(service, options.frame_rates, options.staleness_cost);
}

}  // namespace

void declare(CLI::App& app, ServiceOptions& o) {
  const char* group = "The services";
  app.add_option("curves,--curves", o.curves,
                 "Model table (turbo-profile makes one): size, run time and utility of every configuration")
      ->required()
      ->type_name("FILE");
  app.add_option("--services,--cameras", o.services, "Their ids")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(refuse_empty)
      ->capture_default_str()
      ->type_name("ID,...")
      ->group(group);
  const auto add = [&](const char* name, std::string& value, const char* text) {
    app.add_option(name, value, text)->capture_default_str()->type_name("N[,ID=N...]")->group(group);
  };
  add("--slo", o.slo,
      "From a frame's hand-over to its answer, ms; a number for all, or ID=N for one, or both");
  add("--weights", o.weights, "How much a service's utility counts, 0.01 to 100");
  add("--min-utility", o.min_utility, "Safety floor: comes before everything else, 0 to 1");
  add("--frame-rate", o.frame_rate, "Frames a second of a camera");
  app.add_option("--frame-rates", o.frame_rates,
                 "May send only so many of them: the vehicle's answer fills the gaps")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(refuse_empty)
      ->type_name("N,...")
      ->group(group);
  app.add_option("--staleness-cost", o.staleness_cost,
                 "Or the cloud's last answer does, at this much utility a second of its age")
      ->check(refuse_empty)
      ->type_name("N")
      ->group(group);
  app.add_option("--vehicle-model", o.vehicle_model, "The on-vehicle model [the one of size 0]")
      ->type_name("NAME")
      ->group(group);
}

ServiceSet read_services(const ServiceOptions& o) {
  if (o.services.empty() || o.services.size() > kMaxServices)
    throw std::invalid_argument("--services: expected 1 to 256 of them");
  const ModelTable table = read_table(o.curves);
  const std::string vehicle_model = o.vehicle_model.empty() ? vehicle_model_of(table) : o.vehicle_model;
  const auto slo = per_service("--slo", o.slo, o.services, 150, {1, 600'000, "ms"});
  const auto weights = per_service("--weights", o.weights, o.services, 1, {0.01, 100, ""});
  const auto floors = per_service("--min-utility", o.min_utility, o.services, 0, {0, 1, ""});
  const auto rates = per_service("--frame-rate", o.frame_rate, o.services, 10, {0.001, 1'000, "a second"});
  ServiceSet set{o.curves, {}, table.notes};
  try {
    for (std::size_t i = 0; i < o.services.size(); ++i)
      set.services.push_back({.id = o.services[i],
                              .options = options_of(table, vehicle_model, rates[i]),
                              .weight = weights[i],
                              .min_utility = floors[i],
                              .slo_ms = slo[i],
                              .frames_per_s = rates[i]});
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
  add_frame_rates(o, set.services);
  if (const std::string fault = fault_in(set.services); !fault.empty())
    throw std::invalid_argument(o.curves + ": " + fault);
  return set;
}

}  // namespace turbo
