#pragma once
// Numbers on command lines: within their range or refused in one line that names the option.

#include <span>
#include <string>
#include <vector>

namespace turbo {

struct NumberRange {
  double low, high;
  const char* unit;  // "Mbps"
};

// Throws std::invalid_argument "--rtt: expected 0 to 600000 ms, not nan".
void require_within(const std::string& option, double value, const NumberRange& range);

// For CLI's check(): it takes an empty argument for 0 otherwise.
std::string refuse_empty(const std::string& text);

// One number for all services, numbers for some of them, or both, with commas: "150", "1=2,3=0.5",
// "150,6=250". Returns a number a service, in the order of ids; `otherwise`, of the same length, for those
// that have none. Throws std::invalid_argument.
std::vector<double> per_service(const std::string& option, const std::string& text, std::span<const int> ids,
                                std::vector<double> otherwise, const NumberRange& range);

}  // namespace turbo
