#pragma once
// What the allocator says of a decision: the JSON of car-server-bw-service's answer, of
// main-client-{N}-bw-subscriber and of plot_id 2, and a log's line. And what it takes from the ping handler.

#include <optional>
#include <string>

#include "core/planning/planner.h"

namespace turbo {

// A JSON object; ARCHITECTURE.md ("A run's folder") has its fields in a table.
std::string format_decision(const Decision& decision, double unix_s);
// The same with plot_id 2.
std::string format_decision_diagnostic(const Decision& decision, double unix_s);

// What was chosen, why, from what, and what is next best, in a line for a person.
std::string describe(const Decision& decision);

// "12.3": a ping handler's answer in ms. Nothing for all that is not a number from 0 to 1e6.
std::optional<double> parse_ping_answer(const std::string& text);

}  // namespace turbo
