#include "lab/service_set/service_set.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "evaluation/evaluation_data.h"
#include "lab/service_set/number_option.h"
#include "lab/service_set/service_source.h"

namespace turbo {
namespace {

constexpr std::size_t kMaxServices = 256, kMaxFrameRates = 16;

constexpr NumberRange kSloRange{1, 600'000, "ms"};

void check_frame_rates(const ServiceOptions& options) {
  if (options.frame_rates.size() > kMaxFrameRates)
    throw std::invalid_argument("--frame-rates: expected at most 16 of them");
  if (!(options.staleness_cost >= 0)) throw std::invalid_argument("--staleness-cost: expected 0 or more");
  for (const double rate : options.frame_rates)
    require_within("--frame-rates", rate, {0.001, 1'000, "a second"});
}

std::vector<int> usual_services(const std::string& curves) {
  std::error_code error;
  if (!std::filesystem::is_directory(curves, error)) return EvaluationSettings().cameras;
  try {
    return usual_cameras(curves);
  } catch (const std::runtime_error& fault) {
    throw std::invalid_argument(fault.what());
  }
}

void declare_evaluation(CLI::App& app, ServiceOptions& o) {
  const char* group = "With a folder of evaluation data";
  app.add_option("--table", o.table, "Model table of sizes and run times [model_info.csv in the folder]")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--scenario", o.scenario,
                 "Utilities of this drive only (turbo-evaluation list FOLDER names them) [all data]")
      ->type_name("NAME")
      ->group(group);
  app.add_flag("--leave-out", o.leave_out,
               "A configuration of the table without data is noted, and no mistake")
      ->group(group);
}

void declare_services(CLI::App& app, ServiceOptions& o) {
  const char* group = "The services";
  app.add_option("--services,--cameras", o.services,
                 "Their ids; of evaluation data 1 to 5 are cameras, 6 is motion prediction [1,2,3; of "
                 "evaluation data those of them that it has]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(refuse_empty)
      ->type_name("ID,...")
      ->group(group);
  app.add_flag("--motion-prediction", o.motion_prediction,
               "And service 6: motion prediction, the two published models, due in 250 ms")
      ->group(group);
  const auto add = [&](const char* name, auto& value, const char* text) {
    app.add_option(name, value, text)->capture_default_str()->type_name("N[,ID=N...]")->group(group);
  };
  add("--slo,--slo-ms", o.slo,
      "From a frame's hand-over to its answer, ms; a number for all, or ID=N for one, or both [150]");
  add("--weights,--weight", o.weights, "How much a service's utility counts, 0.01 to 100");
  add("--min-utility,--floor", o.min_utility, "Safety floor: comes before everything else, 0 to 1");
  add("--frame-rate,--fps", o.frame_rate, "Frames a second of a camera");
  app.add_option("--frame-rates", o.frame_rates,
                 "Choices beside it: only N of them are sent; the vehicle's answer fills the gaps")
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
  app.add_option("--onvehicle-model", o.onvehicle_model, "As the table names it [the one of size 0]")
      ->type_name("NAME")
      ->group(group);
}

}  // namespace

void declare(CLI::App& app, ServiceOptions& o) {
  app.add_option("curves,--curves", o.curves,
                 "A model table with utilities (turbo-profile), or a folder of evaluation data, of which it "
                 "reads the "
                 "overall rows only: turbo-evaluation check FOLDER first")
      ->type_name("FILE|FOLDER");
  declare_evaluation(app, o);
  declare_services(app, o);
}

ServiceSet read_services(const ServiceOptions& options) {
  ServiceOptions o = options;
  if (o.curves.empty())
    throw std::invalid_argument(
        "no curves to choose from: name a model table, as models/model_info.csv, or a folder of evaluation "
        "data");
  if (o.services.empty()) o.services = usual_services(o.curves);
  const bool has_motion =
      std::find(o.services.begin(), o.services.end(), kMotionPredictionService) != o.services.end();
  if (o.motion_prediction && !has_motion) o.services.push_back(kMotionPredictionService);
  if (o.services.size() > kMaxServices) throw std::invalid_argument("--services: expected 1 to 256 of them");
  if (*std::min_element(o.services.begin(), o.services.end()) < 1)
    throw std::invalid_argument("--services: expected ids of 1 and above");
  const auto numbers = [&](const char* option, const std::string& text, double otherwise,
                           const NumberRange& range) {
    return per_service(option, text, o.services, std::vector<double>(o.services.size(), otherwise), range);
  };
  const auto rates = numbers("--frame-rate", o.frame_rate, 10, {0.001, 1'000, "a second"});
  const auto weights = numbers("--weights", o.weights, 1, {0.01, 100, ""});
  const auto floors = numbers("--min-utility", o.min_utility, 0, {0, 1, ""});
  numbers("--slo", o.slo.value_or("150"), 150, kSloRange);  // before the data are read
  check_frame_rates(o);
  std::error_code error;
  try {
    const bool is_folder = std::filesystem::is_directory(o.curves, error);
    ServiceSet set = is_folder ? services_of_evaluation(o, rates) : services_of_table(o, rates);
    std::vector<double> slo_ms;
    for (const auto& service : set.services) slo_ms.push_back(service.slo_ms);
    if (o.slo) slo_ms = per_service("--slo", *o.slo, o.services, slo_ms, kSloRange);
    for (std::size_t i = 0; i < set.services.size(); ++i) {
      set.services[i].weight = weights[i];
      set.services[i].min_utility = floors[i];
      set.services[i].slo_ms = slo_ms[i];
      add_frame_rates(set.services[i], o.frame_rates, o.staleness_cost);
    }
    if (const std::string fault = fault_in(set.services); !fault.empty())
      throw std::invalid_argument(o.curves + ": " + fault);
    return set;
  } catch (const std::runtime_error& fault) {
    throw std::invalid_argument(fault.what());
  }
}

}  // namespace turbo
