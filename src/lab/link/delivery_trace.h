#pragma once
// A capacity trace in Mahimahi's form: a line a delivery opportunity, its number the millisecond (from the
// start) at which the link can carry up to 1500 bytes. Numbers may repeat and never fall; the trace starts
// over at its last millisecond.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
#include <vector>

namespace turbo {

inline constexpr std::size_t kOpportunityBytes = 1500;

struct DeliveryTrace {
  std::vector<std::uint32_t> opportunities_ms;  // ascending; not empty; the last is over 0

  std::uint32_t period_ms() const { return opportunities_ms.back(); }
  double mean_bps() const;
};

// A trace or an option that cannot be used; what() is one line for the user.
class LinkConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `name` stands in the messages. Throws LinkConfigError "name:line: what was expected".
DeliveryTrace parse_delivery_trace(std::istream& in, const std::string& name);
DeliveryTrace load_delivery_trace(const std::string& path);

}  // namespace turbo
