#pragma once
// The allocator fixed:CONFIGURATION is of use only where a service has that configuration.

#include <span>
#include <string>
#include <vector>

#include "core/utility/service.h"

namespace turbo::experiments {

// Throws std::invalid_argument (one line) for one that no service has, with some that there are.
void check_fixed(const std::vector<std::string>& allocators, std::span<const Service> services);

}  // namespace turbo::experiments
