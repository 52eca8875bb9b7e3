// The QUIC client's report to the allocator, from any text. See src/lab/fuzz/run.
// Sources: vehicle/bandwidth_allocator/report_parser.cc core/utility/model_config.cc

#include "vehicle/bandwidth_allocator/report_parser.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}
bool sane(double value) { return std::isfinite(value) && value >= 0; }
bool sane(const std::optional<turbo::Quantiles>& q) {
  return !q || (sane(q->p50) && sane(q->p95) && q->p50 <= q->p95);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string error;
  const auto report = turbo::parse_link_report(std::string(reinterpret_cast<const char*>(data), size), error);
  check(report.has_value() == error.empty());
  check(error.find('\n') == std::string::npos);
  if (!report) return 0;
  check(sane(report->bandwidth_mbps) && sane(report->rtt_ms));
  check(sane(report->low_mbps.value_or(0)) && sane(report->high_mbps.value_or(0)));
  for (std::size_t i = 0; i < report->services.size(); ++i) {
    const turbo::ServiceReport& service = report->services[i];
    check(service.all_in_time >= 0 && service.all_in_time <= service.all_finished);
    check(service.in_time >= 0 && service.in_time <= service.finished);
    check(sane(service.frame_bytes) && sane(service.server_ms) && sane(service.cloud_ms));
    for (std::size_t k = 0; k < i; ++k) check(report->services[k].service_id != service.service_id);
  }
  return 0;
}
