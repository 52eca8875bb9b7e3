#include "lab/score/moment_report.h"

#include "lab/command_line/printed.h"
#include "lab/score/json_fields.h"

namespace turbo {
namespace {

using nlohmann::ordered_json;
using Choice = DecisionRecord::Choice;

const Choice* choice_of(const DecisionRecord& decision, int service) {
  const auto mine = decision.services.find(service);
  return mine == decision.services.end() ? nullptr : &mine->second;
}

std::string link_text(const LinkRecord& link, double at) {
  if (!link.connected) return printed("link, %.1f s before   no connection\n", at - link.unix_s);
  return printed(
      "link, %.1f s before   %.1f Mbps estimated (%.1f to %.1f), QUIC's RTT %.1f ms, at least %.1f\n",
      at - link.unix_s, link.mbps, link.low_mbps, link.high_mbps, link.rtt_ms, link.min_rtt_ms);
}

// "; next best 0.561 with 2: td1-..."
std::string runner_up_text(const DecisionRecord& decision) {
  if (!decision.runner_up) return "";
  std::string others;
  for (const auto& [service, config] : decision.runner_up->configs)
    if (const Choice* const choice = choice_of(decision, service); choice && choice->config != config)
      others += (others.empty() ? "" : ", ") + std::to_string(service) + ": " + config;
  std::string text = "; next best";
  if (decision.runner_up->utility) text += printed(" %.3f", *decision.runner_up->utility);
  return text + " with " + others;
}

std::string planned_text(const DecisionRecord& decision, const Choice& choice) {
  std::string text;
  if (choice.needed_mbps) text += printed("; needs %.2f", *choice.needed_mbps);
  if (choice.mbps) text += printed("%s guaranteed %.2f", text.empty() ? ";" : ",", *choice.mbps);
  if (decision.available_mbps) text += printed(" of %.1f Mbps", *decision.available_mbps);
  if (decision.rtt_ms) text += printed(", planned with RTT %.1f ms", *decision.rtt_ms);
  if (!decision.rtt_source.empty()) text += " (" + decision.rtt_source + ")";
  if (decision.promised) text += printed(", in time %.0f%%", *decision.promised * 100);
  if (decision.utility) text += printed("; utility %.3f", *decision.utility);
  return text;
}

// label: of 21 columns.
std::string decision_text(const std::string& label, const DecisionRecord& decision, int service) {
  const Choice* const choice = choice_of(decision, service);
  if (!choice) return label + "nothing for this service\n";
  std::string text = label + choice->config;
  if (!decision.reason.empty()) text += ": " + decision.reason;
  return text + planned_text(decision, *choice) + runner_up_text(decision) + "\n";
}

std::string decisions_text(const Moment& moment, const FrameStory& story) {
  if (!moment.decision) return "decision             not recorded\n";
  const int service = story.frame.name.service;
  const double chosen_s = story.frame.capture_unix_s - moment.chosen->unix_s,
               kept_s = story.frame.capture_unix_s - moment.decision->unix_s;
  const char* const earlier = moment.chosen_or_earlier ? "or earlier  " : "";
  std::string text =
      decision_text(printed("chosen %.1f s before  %s", chosen_s, earlier), *moment.chosen, service);
  if (moment.chosen->unix_s != moment.decision->unix_s)
    text += decision_text(printed("kept %.1f s before    ", kept_s), *moment.decision, service);
  return text;
}

ordered_json decision_json(const DecisionRecord& decision, int service) {
  const Choice* const choice = choice_of(decision, service);
  ordered_json second;
  if (decision.runner_up) {
    second["utility"] = rounded_json(decision.runner_up->utility);
    for (const auto& [id, config] : decision.runner_up->configs)
      second["model_config_map"][std::to_string(id)] = config;
  }
  return {{"unix_s", decision.unix_s},
          {"model_config", choice ? ordered_json(choice->config) : ordered_json()},
          {"needed_bw", choice ? rounded_json(choice->needed_mbps) : ordered_json()},
          {"allocation", choice ? rounded_json(choice->mbps) : ordered_json()},
          {"available_bw", rounded_json(decision.available_mbps)},
          {"rtt", rounded_json(decision.rtt_ms)},
          {"rtt_source", decision.rtt_source},
          {"promised", rounded_json(decision.promised)},
          {"utility", rounded_json(decision.utility)},
          {"reason", decision.reason},
          {"runner_up", std::move(second)}};
}

}  // namespace

std::string moment_text(const Moment& moment, const FrameStory& story) {
  std::string text = moment.link ? link_text(*moment.link, story.frame.capture_unix_s)
                                 : "link                 not recorded\n";
  if (moment.cloud_time)
    text += printed("expected of cloud    %.1f ms from the last byte to the answer, less an RTT\n",
                    moment.cloud_time->cloud_ms);
  if (moment.least_capacity_mbps)
    text += printed("emulated link        %.1f Mbps at least, at most %.0f kB queued on the way up\n",
                    *moment.least_capacity_mbps, moment.largest_queue_bytes.value_or(0) / 1e3);
  return text + decisions_text(moment, story);
}

ordered_json moment_json(const Moment& moment, const FrameStory& story) {
  ordered_json out{{"link", nullptr}, {"decision", nullptr}, {"chosen", nullptr}, {"emulated_link", nullptr}};
  if (const auto& link = moment.link)
    out["link"] = {{"unix_s", link->unix_s},           {"connected", link->connected},
                   {"estimate", link->mbps},           {"estimate_low", link->low_mbps},
                   {"estimate_high", link->high_mbps}, {"rtt", link->rtt_ms},
                   {"min_rtt", link->min_rtt_ms}};
  out["expected_cloud_ms"] = moment.cloud_time ? rounded_json(moment.cloud_time->cloud_ms) : ordered_json();
  const int service = story.frame.name.service;
  if (moment.decision) out["decision"] = decision_json(*moment.decision, service);
  if (moment.chosen) {
    out["chosen"] = decision_json(*moment.chosen, service);
    out["chosen"]["or_earlier"] = moment.chosen_or_earlier;
  }
  if (moment.least_capacity_mbps)
    out["emulated_link"] = {{"least_capacity_mbps", rounded_json(moment.least_capacity_mbps)},
                            {"largest_queue_bytes", rounded_json(moment.largest_queue_bytes)}};
  return out;
}

}  // namespace turbo
