#include "core/planning/utility_policy.h"

#include <stdexcept>

namespace turbo {

StaticPolicy::StaticPolicy(std::vector<Service> services) : services_(std::move(services)) {
  if (const std::string fault = fault_in(services_); !fault.empty()) throw std::invalid_argument(fault);
}

}  // namespace turbo
