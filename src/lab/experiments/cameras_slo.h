#pragma once
// The SLO of an experiment is that of its cameras: motion prediction keeps its own. Pure.

#include <vector>

#include "core/utility/service.h"

namespace turbo::experiments {

void set_cameras_slo(std::vector<Service>& services, double slo_ms);
// Of the first camera; without any, of the first service. At least one service.
double cameras_slo_ms(const std::vector<Service>& services);

}  // namespace turbo::experiments
