#pragma once
// Where services come from: a model table with utilities, or a folder of evaluation data with a model table
// of sizes and run times. All throw std::invalid_argument: one line, what is wrong and what to do.

#include <string>

#include "core/utility/model_table.h"
#include "lab/service_set/service_set.h"

namespace turbo {

// The one that needs no network.
std::string onvehicle_model_of(const ModelTable& table);

// With every number its default but the cameras' frame rates, one of each service. Without the options'
// frame_rates.
ServiceSet services_of_table(const ServiceOptions& options, const std::vector<double>& rates_per_s);
ServiceSet services_of_evaluation(const ServiceOptions& options, const std::vector<double>& rates_per_s);

}  // namespace turbo
