#pragma once
// What the allocator says of a decision: the JSON of car-server-bw-service's answer, of
// main-client-{N}-bw-subscriber and of plot_id 2, and a log's line. And what it takes from the ping handler.

#include <optional>
#include <string>

#include "core/planning/planner.h"

namespace turbo {

// {timestamp, allocation_map {"1": Mbps; services that take turns each have what they have together},
// model_config_map {"1": name}, expected_utility, local_utility, likely_utility (with the vehicle's answers
// where the cloud's are expected to be late; null: not forecast),  available_bw (Mbps), rtt (ms), reason
// (text), promised (share of frames in time, or null), inputs {bw, bw_low, bw_high (Mbps; null: not
// reported), app_limited, budget, needed_bw (Mbps), services
// {"1": {utility, needed_bw}} (of the choices), rtt, rtt_source, policy, allocator, budget_rule}, and
// runner_up {model_config_map, expected_utility, likely_utility, needed_bw} or null}.
std::string format_decision(const Decision& decision, double unix_s);
// The same with plot_id 2.
std::string format_decision_diagnostic(const Decision& decision, double unix_s);

// What was chosen, why, from what, and what is next best, in a line for a person.
std::string describe(const Decision& decision);

// "12.3": a ping handler's answer in ms. Nothing for all that is not a number from 0 to 1e6.
std::optional<double> parse_ping_answer(const std::string& text);

}  // namespace turbo
