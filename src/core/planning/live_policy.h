#pragma once
// Another policy's beliefs, corrected during the run by what the choices' own frames show.
//
// Sizes: the measured frames over the table's, by service and kind of frame (model, compression, region).
// Most of a difference is the scene's and counts for the service's other kinds too. Run times: the model
// server's time over the table's likewise, where the common part is the server's load.
// All are medians, the RTT too (rtt_window.h): a mean would follow a single bad frame. How much worse it may
// be for a frame is the budget's business, which knows what came of all of that together.
//
// A choice that keeps missing is left: when of the frames of two reports in a row, and of at least two,
// hardly one in ten was in time: it and whatever needs at least as much bandwidth while it sends are not to
// be chosen for a while. That while doubles with every failure, up to a minute, and is short again after the
// choice, or one that needs more, did well. When all of several services miss together, it is the link and
// not a choice that failed: the choices are left all the same, for the estimate may not have seen it, but
// only for a second each time, since the next estimates know. Of a service that is heard alone the first
// failure counts as the link's, one right after it as the choice's.
//
// What is not a number, not in its range, or says of no option of ours, does not count.

#include <memory>
#include <string>
#include <vector>

#include "core/planning/measured_factor.h"
#include "core/planning/rtt_window.h"
#include "core/planning/utility_policy.h"

namespace turbo {

class LivePolicy final : public UtilityPolicy {
 public:
  explicit LivePolicy(std::unique_ptr<UtilityPolicy> beliefs);
  std::string_view name() const override { return "live"; }
  std::span<const Service> services(Time now, const LinkReport& report) override;
  double rtt_ms(Time now, const LinkReport& report) const override;
  bool held_off(std::size_t service, std::size_t option) const override;

 private:
  struct Evidence {  // what one report says of a service
    std::size_t option = 0;
    int finished = 0, in_time = 0;  // since the last report
    bool missed() const;
    bool misses_with(const Evidence& before) const;
  };
  enum class Missing { kSome, kAll, kAlone };  // of the services that are heard
  struct Learned {
    explicit Learned(const Service& service);
    std::vector<std::size_t> kinds;  // of each option's frames: rates of one configuration share theirs
    MeasuredFactor sizes, run_times;
    std::optional<std::size_t> measured_option;
    int measured_frames = 0;                 // under that choice
    Time heard_at{};                         // of a choice that sends
    std::optional<Evidence> last;            // that had frames; none after a pause
    std::optional<std::size_t> link_option;  // held off because of the link, beside the failed one
    Time link_held_until{};
    // What it and what needs as much is held off.
    std::vector<bool> held;  // by option, as last told
    std::optional<std::size_t> failed_option;
    Time held_until{};
    Duration next_hold_off{};
    int good_frames = 0;  // of such, since
  };

  void begin(std::span<const Service> beliefs);
  std::optional<Evidence> evidence_of(const Service& belief, const ServiceReport& report) const;
  void measure(Learned& learned, const Service& belief, const ServiceReport& report,
               const Evidence& evidence);
  void judge(Time now, std::size_t index, const Evidence& evidence, Missing who, double rtt_ms);
  static void correct(const Service& belief, const Learned& learned, Service& out);
  static void hold_off(std::size_t failed, std::vector<bool>& held, double rtt_ms, Service& out);

  std::unique_ptr<UtilityPolicy> beliefs_;
  std::vector<Service> services_;
  std::vector<Learned> learned_;
  std::vector<std::optional<Evidence>> evidence_;  // of the report at hand
  RttWindow rtts_;
  std::optional<Time> last_;
};

}  // namespace turbo
