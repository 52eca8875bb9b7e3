#pragma once
// Where utilities, sizes and run times come from: the interface of every policy. Which configurations they
// make worth choosing is an allocator's business.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/planning/link_report.h"
#include "core/time.h"
#include "core/utility/service.h"

namespace turbo {

class UtilityPolicy {
 public:
  UtilityPolicy() = default;
  UtilityPolicy(const UtilityPolicy&) = delete;
  UtilityPolicy& operator=(const UtilityPolicy&) = delete;
  virtual ~UtilityPolicy() = default;
  virtual std::string_view name() const = 0;
  // What is believed now. Always the same services with the same options in the same order; only their
  // numbers may differ from call to call. Valid until the next call.
  virtual std::span<const Service> services(Time now, const LinkReport& report) = 0;
  // The RTT to plan with, after services() has had the same report.
  virtual double rtt_ms(Time, const LinkReport& report) const { return report.rtt_ms; }
  // Whether, as of the last services(), this option (indices as there) may not be chosen for a while because
  // the service's choice kept missing its deadlines.
  virtual bool held_off(std::size_t /*service*/, std::size_t /*option*/) const { return false; }
};

// The same for ever: of a whole data set (global static), or of one scenario.
class StaticPolicy final : public UtilityPolicy {
 public:
  // Throws std::invalid_argument: what fault_in() finds.
  explicit StaticPolicy(std::vector<Service> services);
  std::string_view name() const override { return "static"; }
  std::span<const Service> services(Time, const LinkReport&) override { return services_; }

 private:
  std::vector<Service> services_;
};

}  // namespace turbo
