#include "lab/score/report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using nlohmann::ordered_json;

ordered_json rounded(const std::optional<double>& value, double steps) {
  if (!value) return nullptr;
  return std::round(*value * steps) / steps;
}

ordered_json fields_of(const Summary& s) {
  return {{"frames", s.frames},
          {"with_result", s.with_result},
          {"offloaded", s.offloaded},
          {"within_slo", s.within_slo},
          {"slo_attainment", rounded(s.slo_attainment(), 1e4)},
          {"remote_latency_p50_ms", rounded(s.remote_latency_p50_ms, 10)},
          {"remote_latency_p99_ms", rounded(s.remote_latency_p99_ms, 10)},
          {"delivered_map", rounded(s.delivered_map, 1e4)},
          {"onvehicle_map", rounded(s.onvehicle_map, 1e4)}};
}

ordered_json all_fields_of(const Summary& s) {
  auto fields = fields_of(s);
  fields["unanswered"] = s.unanswered;
  fields["without_truth"] = s.without_truth;
  fields["model_configs"] = s.model_configs;
  return fields;
}

void add_measured(ordered_json& json, const RunScore& score) {
  json["left_out"] = score.left_out;
  if (!score.measured) return;
  json["measured_from_unix_s"] = rounded(score.measured->from_unix_s, 1e3);
  json["measured_until_unix_s"] = rounded(score.measured->until_unix_s, 1e3);
}

std::string shown(const std::optional<double>& value, const char* format) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, *value);
  return text;
}

std::string row_of(const std::string& name, const Summary& s) {
  const auto attainment = s.slo_attainment();
  char text[256];
  std::snprintf(text, sizeof text, "%-8s %7llu %7llu %9llu %7llu %7s %8s %8s %9s %9s\n", name.c_str(),
                static_cast<unsigned long long>(s.frames), static_cast<unsigned long long>(s.with_result),
                static_cast<unsigned long long>(s.offloaded), static_cast<unsigned long long>(s.within_slo),
                shown(attainment ? std::optional(*attainment * 100) : std::nullopt, "%.1f%%").c_str(),
                shown(s.remote_latency_p50_ms, "%.1f").c_str(),
                shown(s.remote_latency_p99_ms, "%.1f").c_str(), shown(s.delivered_map, "%.4f").c_str(),
                shown(s.onvehicle_map, "%.4f").c_str());
  return text;
}

// Of cameras for which the vehicle alone would have been better.
std::string worse_than_vehicle(const RunScore& score) {
  constexpr double kShown = 5e-5;  // less is no difference in the table
  std::string cameras;
  for (const auto& [camera, summary] : score.cameras)
    if (summary.delivered_map && summary.onvehicle_map &&
        *summary.delivered_map + kShown < *summary.onvehicle_map)
      cameras += (cameras.empty() ? "" : ", ") + std::to_string(camera);
  if (cameras.empty()) return "";
  return "camera " + cameras +
         ": delivered AP is below the vehicle's own (a model table has one utility for all cameras; measure "
         "your own: turbo-profile --evaluation, and set parquet_eval_dir)\n";
}

}  // namespace

std::string table_of(const RunScore& score) {
  std::string text =
      "camera    frames  result offloaded  in SLO   share   p50 ms   p99 ms  deliv.AP vehicleAP\n";
  for (const auto& [camera, summary] : score.cameras) text += row_of(std::to_string(camera), summary);
  text += row_of("all", score.total);
  text += worse_than_vehicle(score) + "configurations:";
  for (const auto& [config, frames] : score.total.model_configs)
    text += " " + config + " " + std::to_string(frames);
  text += "\n";
  if (score.total.unanswered)
    text +=
        std::to_string(score.total.unanswered) + " offloaded frames had no answer at all from the cloud\n";
  if (score.total.without_truth)
    text += std::to_string(score.total.without_truth) + " frames had no known truth: they count for no AP\n";
  if (score.left_out)
    text += std::to_string(score.left_out) +
            " frames count nowhere: of the start, or with a deadline after the run's end\n";
  if (score.broken_lines) text += std::to_string(score.broken_lines) + " broken lines were left out\n";
  return text;
}

std::string json_of(const RunScore& score) {
  auto json = all_fields_of(score.total);
  json["broken_lines"] = score.broken_lines;
  json["restarts"] = score.restarts;
  add_measured(json, score);
  for (const auto& [camera, summary] : score.cameras)
    json["cameras"][std::to_string(camera)] = all_fields_of(summary);
  return json.dump();
}

std::string demo_json(const RunScore& score, double link_mean_mbps) {
  auto json = fields_of(score.total);
  json["link_mean_mbps"] = rounded(link_mean_mbps, 100);
  json["restarts"] = score.restarts;
  add_measured(json, score);
  return json.dump();
}

}  // namespace turbo
