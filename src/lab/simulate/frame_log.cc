#include "lab/simulate/frame_log.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace turbo::simulate {
namespace {

using nlohmann::ordered_json;

ordered_json ms_of(Time time, Time began) {
  if (time == kNever) return nullptr;
  return std::round(milliseconds(time - began) * 1e3) / 1e3;
}
double mbps_of(double bps) { return std::round(bps / 1e3) / 1e3; }

}  // namespace

std::vector<std::string> frame_lines(const Records& records) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < records.frames.size(); ++i) {
    const FrameRecord& frame = records.frames[i];
    lines.push_back(ordered_json{
        {"context_id", i},
        {"service", frame.service + 1},
        {"captured_ms", ms_of(frame.captured, records.began)},
        {"entered_ms", ms_of(frame.entered, records.began)},
        {"started_ms", ms_of(frame.started, records.began)},
        {"left_ms", ms_of(frame.left, records.began)},
        {"received_ms", ms_of(frame.received, records.began)},
        {"answered_ms", ms_of(frame.answered, records.began)},
        {"bytes", frame.bytes},
        {"bytes_sent", frame.bytes_sent},
        {"guaranteed_mbps", mbps_of(frame.guaranteed_bps)},
        {"cancelled", frame.cancelled},
        {"dropped",
         frame.dropped}}.dump());
  }
  return lines;
}

std::vector<std::string> estimate_lines(const Records& records) {
  std::vector<std::string> lines;
  for (const EstimateSample& sample : records.samples)
    lines.push_back(ordered_json{{"at_ms", ms_of(sample.at, records.began)},
                                 {"capacity_mbps", mbps_of(sample.capacity_bps)},
                                 {"estimate_mbps", mbps_of(sample.rate_bps)},
                                 {"low_mbps", mbps_of(sample.low_bps)},
                                 {"high_mbps", mbps_of(sample.high_bps)},
                                 {"window_formula_mbps", mbps_of(sample.window_bps)},
                                 {"app_limited", sample.app_limited},
                                 {"measured", sample.measured}}
                        .dump());
  return lines;
}

void write_lines(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream out(path);
  for (const std::string& line : lines) out << line << '\n';
  out.close();
  if (!out) throw std::runtime_error(path + ": cannot be written");
}

}  // namespace turbo::simulate
