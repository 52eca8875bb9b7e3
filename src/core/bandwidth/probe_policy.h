#pragma once
// When and how much junk to send, so that the estimate does not stay low, or grow old, for want of traffic: a
// short train when nothing measures the link and nothing else is under way. A train that was no match for the
// link (the congestion controller was the limit, which grows with what it is given to send) is followed by
// one of twice its size. Junk costs at most its share of the estimated rate, or of 10 Mbit/s where that is
// more: a low estimate must not keep itself low; and 250 KB for a path that was never measured. Trains that
// met the link and change neither the rate nor its interval teach nothing: the pause between them doubles, up
// to 32 times, until something changes. Fed with time; knows no socket.

#include <cstdint>
#include <limits>

#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/time.h"

namespace turbo {

class ProbePolicy {
 public:
  struct Settings {
    bool enabled = true;
    Duration quiet{};            // at least so long between two probes
    std::int64_t max_bytes = 0;  // of one probe
    double max_share = 0.05;     // of the estimated rate, over time
  };
  explicit ProbePolicy(const Settings& settings) : settings_(settings) {}

  // Size of the probe to send now, or 0. idle: no frame is waiting, being sent or being acknowledged, and no
  // junk.
  std::uint32_t due_bytes(Time now, const LinkEstimate& link, bool idle);
  std::uint64_t probes() const { return probes_; }
  std::uint64_t bytes() const { return bytes_; }  // asked for in all

 private:
  bool has_changed(const LinkEstimate& link) const;
  void earn(Time now, const LinkEstimate& link);
  double wanted_bytes(Time now, const LinkEstimate& link) const;
  bool last_was_no_match(Time now, const LinkEstimate& link) const;

  Settings settings_;
  bool started_ = false;
  Time last_probe_{}, earned_at_{};
  double budget_bytes_ = 0;
  int in_vain_ = 0;  // probes in a row that taught nothing
  double last_bytes_ = 0;
  bool unknown_path_ = false;  // when last looked at
  LinkEstimate before_;        // when the last probe was sent
  std::uint64_t probes_ = 0, bytes_ = 0;
};

}  // namespace turbo
