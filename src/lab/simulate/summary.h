#pragma once
// What a simulation was worth, in figures. The keys of the JSON object are those of the benchmark of the
// transport over turbo-link, with the same meaning:
//   offloaded                  frames handed to the uplink whose deadline lies within the run
//   within_slo, slo_attainment of those: answered by the deadline; their share
//   latency_p50_ms, _p99_ms    from the camera's frame to its answer, late answers too
//   goodput_mbps               bytes of the requests that the server received completely, headers too
//   estimate_median_error      |estimate - capacity| / capacity, capacity averaged over the last 500 ms in
//   whole
//                              IP packets (of payload, as reported, the estimate is 5 % less by its nature),
//                              every 100 ms; not while that is under 0.1 Mbit/s, nor before the first
//                              measurement
//   estimate_over_10pct_share  of those moments: the estimate is more than 10 % over the capacity
//   queue_excess_p50_ms, _p99_ms  from entering the uplink's queue to the last byte's leaving, beyond size
//   over
//                              the service's guaranteed rate; at least 0; of the frames sent completely
//   junk_share                 junk bytes over all bytes sent

#include <cstdint>
#include <optional>
#include <string>

#include "lab/simulate/records.h"
#include "lab/simulate/scenario.h"

namespace turbo::simulate {

struct EstimateError {
  std::optional<double> median;  // relative, absolute value
  std::optional<double> over_10pct_share;
};

struct Summary {
  std::uint64_t offloaded = 0, within_slo = 0;
  std::optional<double> slo_attainment, latency_p50_ms, latency_p99_ms;
  double goodput_mbps = 0, capacity_mbps = 0;
  EstimateError estimate, window_formula;
  // Of the capacity for payload, which is what the estimate says:
  std::optional<double> interval_coverage;  // share of moments at which [low, high] holds it
  std::optional<double> interval_width;     // median of (high - low) over it
  std::optional<double> queue_excess_p50_ms, queue_excess_p99_ms;
  double junk_share = 0;
  UplinkCounts counts;               // of all services
  std::uint64_t server_dropped = 0;  // requests that the server did not run
  std::uint64_t collapses = 0, disconnections = 0;
};

Summary summarise(const Records& records, const Scenario& scenario);

std::string table_of(const Summary& summary);
std::string json_of(const Summary& summary);  // one line

}  // namespace turbo::simulate
