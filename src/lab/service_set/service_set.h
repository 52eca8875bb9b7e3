#pragma once
// The services that a tool allocates for, from its command line: what there is to choose from, and what each
// service wants.

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/utility/service.h"

namespace CLI {
class App;
}

namespace turbo {

struct ServiceOptions {
  std::string curves;  // a model table with utilities, or a folder of evaluation data
  std::string table,
      scenario;  // of evaluation data: its model table [model_info.csv in it], one of its scenarios [all]
  bool leave_out = false;       // of evaluation data: a configuration of the table without data is no mistake
  std::string onvehicle_model;  // empty: the one that needs no network
  std::vector<int> services;    // none: 1, 2, 3; of evaluation data the usual_cameras()
  bool motion_prediction = false;  // service 6 predicts motion, with the two published models
  // As per_service() reads them; slo: none for 150 ms, and for motion prediction its own.
  std::optional<std::string> slo;
  std::string weights = "1", min_utility = "0", frame_rate = "10";
  std::vector<double> frame_rates;  // choices beside the camera's own
  double staleness_cost = std::numeric_limits<double>::infinity();
};

// --curves (or the first argument without a name), --services and the others.
void declare(CLI::App& app, ServiceOptions& options);

struct ServiceSet {
  std::string source;  // the file or folder
  std::vector<Service> services;
  std::vector<std::string> notes;  // what was read otherwise than it stands there
};

// Without a fault_in() them. Throws std::invalid_argument: one line, what is wrong and what to do.
ServiceSet read_services(const ServiceOptions& options);

}  // namespace turbo
