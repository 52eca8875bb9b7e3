#pragma once
// One decision of the planner that a run uses, and how it reads: a table for people, JSON.

#include <string>

#include "core/planning/planner.h"
#include "lab/service_set/service_set.h"

namespace turbo::allocate {

struct Request {
  double bandwidth_mbps = 0, rtt_ms = 0;
  std::string budget = "share:1";  // one of budget_names(); of the first decision, before anything is learned
  std::string allocator = "exact";
};

// Without the names of policy, allocator and budget rule. Throws std::invalid_argument: a number outside its
// range, an allocator that there is not, a fixed configuration that no service has.
Decision decide(const ServiceSet& set, const Request& request);

std::string table_of(const ServiceSet& set, const Request& request, const Decision& decision);
std::string json_of(const ServiceSet& set, const Request& request, const Decision& decision);

}  // namespace turbo::allocate
