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

}  // namespace

std::string table_of(const RunScore& score) {
  std::string text =
      "camera    frames  result offloaded  in SLO   share   p50 ms   p99 ms  deliv.AP vehicleAP\n";
  for (const auto& [camera, summary] : score.cameras) text += row_of(std::to_string(camera), summary);
  text += row_of("all", score.total);
  text += "configurations:";
  for (const auto& [config, frames] : score.total.model_configs)
    text += " " + config + " " + std::to_string(frames);
  text += "\n";
  if (score.total.unanswered)
    text +=
        std::to_string(score.total.unanswered) + " offloaded frames had no answer at all from the cloud\n";
  if (score.total.without_truth)
    text += std::to_string(score.total.without_truth) + " frames had no known truth: they count for no AP\n";
  if (score.broken_lines) text += std::to_string(score.broken_lines) + " broken lines were left out\n";
  return text;
}

std::string json_of(const RunScore& score) {
  auto json = all_fields_of(score.total);
  json["broken_lines"] = score.broken_lines;
  json["restarts"] = score.restarts;
  for (const auto& [camera, summary] : score.cameras)
    json["cameras"][std::to_string(camera)] = all_fields_of(summary);
  return json.dump();
}

std::string demo_json(const RunScore& score, double link_mean_mbps) {
  auto json = fields_of(score.total);
  json["link_mean_mbps"] = rounded(link_mean_mbps, 100);
  json["restarts"] = score.restarts;
  return json.dump();
}

}  // namespace turbo
