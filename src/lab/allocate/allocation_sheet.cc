#include "lab/allocate/allocation_sheet.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>

#include "core/allocation/constant.h"
#include "core/planning/policy_names.h"
#include "lab/cbc/cbc.h"
#include "lab/command_line/printed.h"
#include "lab/service_set/number_option.h"

namespace turbo::allocate {
namespace {

constexpr std::string_view kCbc = "cbc";

struct Better {
  const ModelOption* option = nullptr;
  double mbps = 0;
};

// Of the options that are worth more than this, the one that a service with the link for itself could have
// with least.
std::optional<Better> next_better(const Service& service, double rtt_ms, double utility) {
  std::optional<Better> next;
  for (const auto& option : service.options) {
    const auto needed = needed_mbps(option, service.slo_ms, rtt_ms);
    if (!needed || option.utility <= utility) continue;
    if (!next || *needed < next->mbps || (*needed == next->mbps && option.utility > next->option->utility))
      next = Better{&option, *needed};
  }
  return next;
}

struct Column {
  std::string head;
  std::vector<std::string> cells;
};

// Right-aligned, but for the last.
std::string lines_of(const std::vector<Column>& columns) {
  std::string out;
  for (std::size_t row = 0; row <= columns.front().cells.size(); ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& column = columns[i];
      std::size_t width = column.head.size();
      for (const auto& cell : column.cells) width = std::max(width, cell.size());
      const std::string& text = row == 0 ? column.head : column.cells[row - 1];
      out += i == 0 ? "" : "   ";
      out += i + 1 < columns.size() ? std::string(width - text.size(), ' ') + text : text;
    }
    out += "\n";
  }
  return out;
}

std::vector<Column> columns_of(const ServiceSet& set, const Decision& decision) {
  std::vector<Column> columns;
  const auto add = [&](const char* head, const auto& cell) {
    Column column{head, {}};
    for (std::size_t i = 0; i < set.services.size(); ++i)
      column.cells.push_back(cell(set.services[i], decision.services[i]));
    columns.push_back(std::move(column));
  };
  const auto any = [&](const auto& property) {
    return std::any_of(set.services.begin(), set.services.end(), property);
  };
  add("service", [](const Service& s, const ServiceChoice&) { return std::to_string(s.id); });
  if (any([&](const Service& s) { return s.slo_ms != set.services.front().slo_ms; }))
    add("SLO ms", [](const Service& s, const ServiceChoice&) { return printed("%g", s.slo_ms); });
  if (any([](const Service& s) { return s.weight != 1; }))
    add("weight", [](const Service& s, const ServiceChoice&) { return printed("%g", s.weight); });
  if (any([](const Service& s) { return s.min_utility > 0; }))
    add("floor", [](const Service& s, const ServiceChoice&) { return printed("%.4f", s.min_utility); });
  add("utility", [](const Service&, const ServiceChoice& c) { return printed("%.4f", c.utility); });
  add("needs Mbps", [](const Service&, const ServiceChoice& c) { return printed("%.2f", c.needed_mbps); });
  add("gets Mbps", [](const Service&, const ServiceChoice& c) { return printed("%.2f", c.allocated_mbps); });
  add("better from", [&](const Service& s, const ServiceChoice& c) {
    const auto next = next_better(s, decision.rtt_ms, c.utility);
    return next ? printed("%.2f", next->mbps) : std::string("-");
  });
  add("configuration", [](const Service& s, const ServiceChoice& c) {
    const char* place = c.on_vehicle ? "on the vehicle" : "";
    const char* floor =
        c.utility < s.min_utility ? (c.on_vehicle ? "; below its floor" : "below its floor") : "";
    return place[0] || floor[0] ? c.config + " (" + place + floor + ")" : c.config;
  });
  return columns;
}

// Mean of the services' utilities, by their weights.
double weighted_mean(const ServiceSet& set, std::span<const double> utilities) {
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < utilities.size(); ++i) {
    sum += set.services[i].weight * utilities[i];
    weights += set.services[i].weight;
  }
  return sum / weights;
}

double weighted_mean(const ServiceSet& set, const Decision& decision) {
  std::vector<double> utilities;
  for (const auto& choice : decision.services) utilities.push_back(choice.utility);
  return weighted_mean(set, utilities);
}

double weighted_mean(const ServiceSet& set, const RunnerUp& second) {
  std::vector<double> utilities;
  for (std::size_t i = 0; i < set.services.size(); ++i)
    for (const auto& option : set.services[i].options)
      if (option.config == second.configs[i]) utilities.push_back(option.utility);
  return weighted_mean(set, utilities);
}

bool is_weighted(const ServiceSet& set) {
  return std::any_of(set.services.begin(), set.services.end(),
                     [&](const auto& service) { return service.weight != set.services.front().weight; });
}

std::string points_text(double difference) {
  const double points = 100 * difference;
  if (std::abs(points) < 0.005) return "worth the same";
  return printed("%.2f points %s", std::abs(points), points > 0 ? "more" : "less");
}

std::string runner_up_text(const ServiceSet& set, const Decision& decision) {
  if (!decision.runner_up) return "runner-up: none that fits\n";
  const auto& second = *decision.runner_up;
  const bool weighted = is_weighted(set);
  const double mean = weighted ? weighted_mean(set, second) : second.utility;
  const double best = weighted ? weighted_mean(set, decision) : decision.expected_utility;
  std::string out =
      printed("runner-up: %smean utility %.4f (%s), needs %.2f Mbps", weighted ? "weighted " : "", mean,
              points_text(mean - best).c_str(), second.needed_mbps);
  for (std::size_t i = 0; i < second.configs.size(); ++i)
    if (second.configs[i] != decision.services[i].config)
      out += printed("\n           service %d: ", decision.services[i].service_id) + second.configs[i];
  return out + "\n";
}

std::string why_none(const ServiceSet& set, const Decision& decision) {
  const bool all_on_vehicle = std::all_of(decision.services.begin(), decision.services.end(),
                                          [](const auto& choice) { return choice.on_vehicle; });
  if (!all_on_vehicle) return "";
  double cheapest = HUGE_VAL;
  for (const auto& service : set.services)
    for (const auto& option : service.options)
      if (const auto needed = needed_mbps(option, service.slo_ms, decision.rtt_ms);
          needed && !option.on_vehicle)
        cheapest = std::min(cheapest, *needed);
  if (!std::isfinite(cheapest))
    return "all on the vehicle: with this RTT no cloud configuration can be in time, however much bandwidth "
           "there is\n";
  if (cheapest > decision.budget_mbps)
    return printed(
        "all on the vehicle: a frame of the smallest cloud configuration needs %.2f Mbps to be in time\n",
        cheapest);
  return "";
}

}  // namespace

Decision decide(const ServiceSet& set, const Request& request) {
  require_within("--bandwidth", request.bandwidth_mbps, {0, 1e6, "Mbps"});
  require_within("--rtt", request.rtt_ms, {0, 600'000, "ms"});
  std::unique_ptr<Allocator> allocator;
  try {
    if (request.allocator == kCbc)
      allocator = std::make_unique<CbcAllocator>();
    else
      allocator = make_allocator(request.allocator);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--allocator: ") + error.what() +
                                (request.allocator.starts_with("fixed:") ? "" : ", cbc"));
  }
  if (const std::string fault = fault_in_fixed(request.allocator, set.services); !fault.empty())
    throw std::invalid_argument("--allocator: " + fault + " (all: turbo-curves " + set.source + " --json)");
  std::unique_ptr<BandwidthBudget> budget;
  try {
    budget = make_budget(request.budget);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--budget: ") + error.what());
  }
  Planner planner({}, std::make_unique<StaticPolicy>(set.services), std::move(allocator), std::move(budget));
  LinkReport report;
  report.bandwidth_mbps = request.bandwidth_mbps;
  report.rtt_ms = request.rtt_ms;
  Decision decision = planner.decide(Time{}, report).value();
  decision.policy = decision.allocator = decision.budget_rule = {};  // they end with the planner
  return decision;
}

std::string table_of(const ServiceSet& set, const Request& request, const Decision& decision) {
  std::string out = printed("%g Mbps, RTT %g ms, allocator %s\n\n", decision.available_mbps, decision.rtt_ms,
                            request.allocator.c_str());
  out += lines_of(columns_of(set, decision)) + "\n";
  const double count = static_cast<double>(decision.services.size());
  out += printed("mean utility %.4f (total %.4f); with everything on the vehicle %.4f: %s\n",
                 decision.expected_utility, decision.expected_utility * count, decision.local_utility,
                 points_text(decision.expected_utility - decision.local_utility).c_str());
  if (is_weighted(set)) out += printed("weighted mean utility %.4f\n", weighted_mean(set, decision));
  out += printed("needed: %.2f of %.2f Mbps", decision.needed_mbps, decision.budget_mbps);
  if (decision.needed_mbps > 0)
    out += "; what is left is shared in proportion, so that frames arrive earlier";
  return out + "\n" + why_none(set, decision) + runner_up_text(set, decision);
}

std::string json_of(const ServiceSet& set, const Request& request, const Decision& decision) {
  auto services = nlohmann::json::array();
  for (std::size_t i = 0; i < set.services.size(); ++i) {
    const Service& service = set.services[i];
    const ServiceChoice& choice = decision.services[i];
    nlohmann::json entry{{"id", service.id},
                         {"config", choice.config},
                         {"on_vehicle", choice.on_vehicle},
                         {"utility", choice.utility},
                         {"needed_mbps", choice.needed_mbps},
                         {"allocated_mbps", choice.allocated_mbps},
                         {"weight", service.weight},
                         {"min_utility", service.min_utility},
                         {"slo_ms", service.slo_ms},
                         {"next", nullptr}};
    if (const auto next = next_better(service, decision.rtt_ms, choice.utility))
      entry["next"] = {
          {"config", next->option->config}, {"from_mbps", next->mbps}, {"utility", next->option->utility}};
    services.push_back(std::move(entry));
  }
  const double count = static_cast<double>(decision.services.size());
  nlohmann::json json{{"source", set.source},
                      {"bandwidth_mbps", decision.available_mbps},
                      {"budget_mbps", decision.budget_mbps},
                      {"rtt_ms", decision.rtt_ms},
                      {"allocator", request.allocator},
                      {"services", services},
                      {"mean_utility", decision.expected_utility},
                      {"weighted_mean_utility", weighted_mean(set, decision)},
                      {"total_utility", decision.expected_utility * count},
                      {"on_vehicle_mean_utility", decision.local_utility},
                      {"needed_mbps", decision.needed_mbps},
                      {"runner_up", nullptr},
                      {"notes", set.notes}};
  if (const auto& second = decision.runner_up)
    json["runner_up"] = {{"configs", second->configs},
                         {"mean_utility", second->utility},
                         {"needed_mbps", second->needed_mbps}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace turbo::allocate
