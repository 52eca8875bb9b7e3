#include "vehicle/bandwidth_allocator/allocation_messages.h"

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "process/logging.h"

namespace turbo {
namespace {

using Json = nlohmann::json;

constexpr double kMostPingMs = 1e6;

std::string rounded(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json runner_up_of(const Decision& decision) {
  if (!decision.runner_up) return nullptr;
  Json configs = Json::object();
  for (std::size_t i = 0; i < decision.services.size() && i < decision.runner_up->configs.size(); ++i)
    configs[std::to_string(decision.services[i].service_id)] = decision.runner_up->configs[i];
  return {{"model_config_map", std::move(configs)},
          {"expected_utility", decision.runner_up->utility},
          {"likely_utility", or_null(decision.runner_up->likely_utility)},
          {"needed_bw", decision.runner_up->needed_mbps}};
}

Json inputs_of(const Decision& decision) {
  Json services = Json::object();
  for (const ServiceChoice& choice : decision.services)
    services[std::to_string(choice.service_id)] = {{"utility", choice.utility},
                                                   {"needed_bw", choice.needed_mbps}};
  return {{"bw", decision.available_mbps},          {"bw_low", or_null(decision.low_mbps)},
          {"bw_high", or_null(decision.high_mbps)}, {"app_limited", decision.app_limited},
          {"budget", decision.budget_mbps},         {"needed_bw", decision.needed_mbps},
          {"services", std::move(services)},        {"rtt", decision.rtt_ms},
          {"rtt_source", decision.rtt_source},      {"policy", decision.policy},
          {"allocator", decision.allocator},        {"budget_rule", decision.budget_rule}};
}

Json json_of(const Decision& decision, double unix_s) {
  Json allocation = Json::object(), configs = Json::object();
  for (const ServiceChoice& choice : decision.services) {
    const std::string id = std::to_string(choice.service_id);
    allocation[id] = choice.allocated_mbps;
    configs[id] = choice.config;
  }
  return {{"timestamp", unix_s},
          {"allocation_map", std::move(allocation)},
          {"model_config_map", std::move(configs)},
          {"expected_utility", decision.expected_utility},
          {"likely_utility", or_null(decision.likely_utility)},
          {"local_utility", decision.local_utility},
          {"available_bw", decision.available_mbps},
          {"rtt", decision.rtt_ms},
          {"reason", reason_text(decision.reason, decision.margin)},
          {"promised", or_null(decision.promised)},
          {"inputs", inputs_of(decision)},
          {"runner_up", runner_up_of(decision)}};
}

std::string utility_text(const std::optional<double>& likely, double in_time) {
  return text_of(likely ? "likely utility " : "utility ", rounded(likely.value_or(in_time), 3));
}

std::string describe_runner_up(const Decision& decision) {
  std::string text;
  for (std::size_t i = 0; i < decision.services.size() && i < decision.runner_up->configs.size(); ++i)
    if (decision.runner_up->configs[i] != decision.services[i].config)
      text += text_of(text.empty() ? "" : ", ", decision.services[i].service_id, ": ",
                      decision.runner_up->configs[i]);
  return text_of("; next best ",
                 utility_text(decision.runner_up->likely_utility, decision.runner_up->utility), " with ",
                 text);
}

}  // namespace

std::string format_decision(const Decision& decision, double unix_s) {
  return json_of(decision, unix_s).dump();
}

std::string format_decision_diagnostic(const Decision& decision, double unix_s) {
  auto json = json_of(decision, unix_s);
  json["plot_id"] = 2;
  return json.dump();
}

std::string describe(const Decision& decision) {
  std::string text;
  for (const ServiceChoice& choice : decision.services) {
    text += text_of(text.empty() ? "" : ", ", choice.service_id, ": ", choice.config);
    if (!choice.on_vehicle) text += text_of(" (needs ", rounded(choice.needed_mbps, 2), " Mbps)");
  }
  text += text_of("; ", reason_text(decision.reason, decision.margin), "; needs ",
                  rounded(decision.needed_mbps, 2), " of ", rounded(decision.available_mbps, 2), " Mbps");
  if (decision.promised) text += text_of(", in time ", rounded(*decision.promised * 100, 0), "%");
  text += text_of(", RTT ", rounded(decision.rtt_ms, 1), " ms (",
                  decision.rtt_source.empty() ? "unknown" : decision.rtt_source, "); ",
                  utility_text(decision.likely_utility, decision.expected_utility), ", on the vehicle ",
                  rounded(decision.local_utility, 3));
  if (decision.runner_up) text += describe_runner_up(decision);
  return text;
}

std::optional<double> parse_ping_answer(const std::string& text) {
  double ms = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (problem != std::errc() || end != text.data() + text.size() || !(ms >= 0 && ms <= kMostPingMs))
    return std::nullopt;
  return ms;
}

}  // namespace turbo
