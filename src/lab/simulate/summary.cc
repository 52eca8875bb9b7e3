#include "lab/simulate/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace turbo::simulate {
namespace {

constexpr double kLeastCapacityBps = 1e5;
constexpr double kClearlyOver = 1.1;

std::optional<double> quantile(std::vector<double>& values, double share) {
  if (values.empty()) return std::nullopt;
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + std::max<std::ptrdiff_t>(rank - 1, 0);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

class ErrorTally {
 public:
  void add(double rate_bps, double capacity_bps) {
    errors_.push_back(std::abs(rate_bps - capacity_bps) / capacity_bps);
    over_ += rate_bps > kClearlyOver * capacity_bps;
  }
  EstimateError error() {
    if (errors_.empty()) return {};
    const double share = static_cast<double>(over_) / static_cast<double>(errors_.size());
    return {quantile(errors_, 0.5), share};
  }

 private:
  std::vector<double> errors_;
  std::uint64_t over_ = 0;
};

void add_estimate(const Records& records, Summary& summary) {
  ErrorTally ours, window;
  std::vector<double> widths;
  std::uint64_t held = 0;
  double capacity_sum = 0;
  for (const EstimateSample& sample : records.samples) {
    capacity_sum += sample.capacity_bps;
    if (!sample.measured || sample.capacity_bps < kLeastCapacityBps) continue;
    ours.add(sample.rate_bps, sample.capacity_bps);
    window.add(sample.window_bps, sample.capacity_bps);
    const double payload_bps = sample.capacity_bps * sample.payload_share;
    widths.push_back((sample.high_bps - sample.low_bps) / payload_bps);
    held += sample.low_bps <= payload_bps && payload_bps <= sample.high_bps;
  }
  summary.estimate = ours.error();
  summary.window_formula = window.error();
  if (!widths.empty())
    summary.interval_coverage = static_cast<double>(held) / static_cast<double>(widths.size());
  summary.interval_width = quantile(widths, 0.5);
  if (!records.samples.empty())
    summary.capacity_mbps = capacity_sum / static_cast<double>(records.samples.size()) / 1e6;
}

void add_frames(const Records& records, const Scenario& scenario, Summary& summary) {
  std::vector<double> latencies, excesses;
  double received_bytes = 0;
  for (const FrameRecord& frame : records.frames) {
    if (frame.received != kNever) received_bytes += static_cast<double>(frame.bytes);
    summary.server_dropped += frame.dropped;
    if (frame.received != kNever && frame.guaranteed_bps > 0) {
      const double took_ms = milliseconds(frame.received - frame.entered) - scenario.link.up.delay_ms;
      const double explained_ms = static_cast<double>(frame.bytes) * 8e3 / frame.guaranteed_bps;
      excesses.push_back(std::max(0.0, took_ms - explained_ms));
    }
    if (frame.answered != kNever) latencies.push_back(milliseconds(frame.answered - frame.captured));
    const bool judged = frame.entered != kNever &&
                        (scenario.slo == Duration::max() || frame.captured + scenario.slo <= records.ended);
    if (!judged) continue;
    ++summary.offloaded;
    summary.within_slo += frame.answered != kNever && frame.answered - frame.captured <= scenario.slo;
  }
  if (summary.offloaded > 0)
    summary.slo_attainment = static_cast<double>(summary.within_slo) / static_cast<double>(summary.offloaded);
  summary.latency_p50_ms = quantile(latencies, 0.5);
  summary.latency_p99_ms = quantile(latencies, 0.99);
  summary.queue_excess_p50_ms = quantile(excesses, 0.5);
  summary.queue_excess_p99_ms = quantile(excesses, 0.99);
  summary.goodput_mbps = received_bytes * 8e-6 / seconds(records.ended - records.began);
}

void add_counts(const Records& records, Summary& summary) {
  UplinkCounts& sum = summary.counts;
  for (const UplinkCounts& counts : records.services) {
    sum.pushed += counts.pushed;
    sum.displaced += counts.displaced;
    sum.expired += counts.expired;
    sum.hopeless += counts.hopeless;
    sum.started += counts.started;
    sum.finished += counts.finished;
    sum.cancelled += counts.cancelled;
    sum.cancelled_for_fresher += counts.cancelled_for_fresher;
    sum.cancelled_bytes += counts.cancelled_bytes;
  }
  if (records.sent_bytes > 0)
    summary.junk_share = static_cast<double>(records.junk_bytes) / static_cast<double>(records.sent_bytes);
  summary.collapses = records.collapses;
  summary.disconnections = records.disconnections;
}

using nlohmann::ordered_json;

ordered_json rounded(const std::optional<double>& value, double steps) {
  if (!value) return nullptr;
  return std::round(*value * steps) / steps;
}

std::string shown(const std::optional<double>& value, const char* format, double scale = 1) {
  if (!value) return "-";
  char text[48];
  std::snprintf(text, sizeof text, format, *value * scale);
  return text;
}

}  // namespace

Summary summarise(const Records& records, const Scenario& scenario) {
  Summary summary;
  add_estimate(records, summary);
  add_frames(records, scenario, summary);
  add_counts(records, summary);
  return summary;
}

std::string json_of(const Summary& s) {
  return ordered_json{{"offloaded", s.offloaded},
                      {"within_slo", s.within_slo},
                      {"slo_attainment", rounded(s.slo_attainment, 1e4)},
                      {"latency_p50_ms", rounded(s.latency_p50_ms, 100)},
                      {"latency_p99_ms", rounded(s.latency_p99_ms, 100)},
                      {"goodput_mbps", rounded(s.goodput_mbps, 1e3)},
                      {"estimate_median_error", rounded(s.estimate.median, 1e4)},
                      {"estimate_over_10pct_share", rounded(s.estimate.over_10pct_share, 1e4)},
                      {"queue_excess_p50_ms", rounded(s.queue_excess_p50_ms, 100)},
                      {"queue_excess_p99_ms", rounded(s.queue_excess_p99_ms, 100)},
                      {"junk_share", rounded(s.junk_share, 1e4)},
                      {"capacity_mbps", rounded(s.capacity_mbps, 1e3)},
                      {"window_formula_median_error", rounded(s.window_formula.median, 1e4)},
                      {"window_formula_over_10pct_share", rounded(s.window_formula.over_10pct_share, 1e4)},
                      {"interval_coverage", rounded(s.interval_coverage, 1e4)},
                      {"interval_width", rounded(s.interval_width, 1e4)},
                      {"displaced", s.counts.displaced},
                      {"expired", s.counts.expired},
                      {"hopeless", s.counts.hopeless},
                      {"started", s.counts.started},
                      {"cancelled", s.counts.cancelled},
                      {"cancelled_for_fresher", s.counts.cancelled_for_fresher},
                      {"cancelled_bytes", s.counts.cancelled_bytes},
                      {"server_dropped", s.server_dropped},
                      {"collapses", s.collapses},
                      {"disconnections", s.disconnections}}
      .dump();
}

std::string table_of(const Summary& s) {
  std::string text;
  const auto line = [&text](const char* name, const std::string& value) {
    char row[160];
    std::snprintf(row, sizeof row, "%-26s %s\n", name, value.c_str());
    text += row;
  };
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  const auto error = [](const EstimateError& e) {
    return "median " + shown(e.median, "%.1f %%", 100) + ", more than 10 % over in " +
           shown(e.over_10pct_share, "%.1f %%", 100) + " of the time";
  };
  line("frames offloaded", count(s.offloaded));
  line("  answered within SLO", count(s.within_slo) + " (" + shown(s.slo_attainment, "%.1f %%", 100) + ")");
  line("latency",
       "p50 " + shown(s.latency_p50_ms, "%.1f ms") + ", p99 " + shown(s.latency_p99_ms, "%.1f ms"));
  line("goodput", shown(s.goodput_mbps, "%.2f Mbit/s") + " of " + shown(s.capacity_mbps, "%.2f"));
  line("error of the estimate", error(s.estimate));
  line("  of window over RTT", error(s.window_formula));
  line("  its interval", "holds the capacity in " + shown(s.interval_coverage, "%.1f %%", 100) +
                             ", median width " + shown(s.interval_width, "%.1f %%", 100));
  line("queueing beyond its rate",
       "p50 " + shown(s.queue_excess_p50_ms, "%.2f ms") + ", p99 " + shown(s.queue_excess_p99_ms, "%.2f ms"));
  line("not started", count(s.counts.displaced) + " displaced, " + count(s.counts.expired) + " expired, " +
                          count(s.counts.hopeless) + " hopeless");
  line("started", count(s.counts.started) + ", cancelled " + count(s.counts.cancelled) + " (" +
                      count(s.counts.cancelled_for_fresher) + " for a fresher), " +
                      count(s.counts.cancelled_bytes) + " bytes in vain");
  line("dropped by the server", count(s.server_dropped));
  line("junk", shown(s.junk_share, "%.2f %%", 100) + " of the bytes sent");
  if (s.collapses > 0) line("congestion collapses", count(s.collapses));
  if (s.disconnections > 0) line("connections lost", count(s.disconnections));
  return text;
}

}  // namespace turbo::simulate
