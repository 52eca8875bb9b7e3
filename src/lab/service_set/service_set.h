#pragma once
// The services that a tool allocates for, from its command line: a model table and what each service wants.

#include <limits>
#include <string>
#include <vector>

#include "core/utility/service.h"

namespace CLI {
class App;
}

namespace turbo {

struct ServiceOptions {
  std::string curves;         // a model table
  std::string vehicle_model;  // empty: the one that needs no network
  std::vector<int> services = {1, 2, 3};
  std::string slo = "150", weights = "1", min_utility = "0",
              frame_rate = "10";    // as per_service() reads them
  std::vector<double> frame_rates;  // choices beside the camera's own
  double staleness_cost = std::numeric_limits<double>::infinity();
};

// --curves (or the first argument without a name), --services and the others.
void declare(CLI::App& app, ServiceOptions& options);

struct ServiceSet {
  std::string source;  // the file
  std::vector<Service> services;
  std::vector<std::string> notes;  // what was read otherwise than it stands there
};

// Without a fault_in() them. Throws std::invalid_argument: one line, what is wrong and what to do.
ServiceSet read_services(const ServiceOptions& options);

}  // namespace turbo
