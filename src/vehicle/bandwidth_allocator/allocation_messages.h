#pragma once
// The JSON of car-server-bw-service, main-client-{N}-bw-subscriber and of plot_id 2.

#include <optional>
#include <string>

#include "core/planning/planner.h"

namespace turbo {

struct AllocationRequest {
  double bandwidth_mbps = 0;
  double rtt_ms = 0;  // 0: not known
};

// {"bw": Mbps, "rtt": ms}; more members are ignored. Nothing, with the reason in error, for anything else:
// not a JSON object, longer than 64 KiB, a value that is missing, no number, below 0 or absurd.
std::optional<AllocationRequest> parse_allocation_request(const std::string& text, std::string& error);

// {timestamp, allocation_map {"1": Mbps}, model_config_map {"1": name}, expected_utility, local_utility,
// available_bw (Mbps), rtt (ms)}.
std::string format_decision(const Decision& decision, double unix_s);
// The same with plot_id 2.
std::string format_decision_diagnostic(const Decision& decision, double unix_s);

// "12.3": a ping handler's answer in ms. Nothing for all that is not a number from 0 to 1e6.
std::optional<double> parse_ping_answer(const std::string& text);

}  // namespace turbo
