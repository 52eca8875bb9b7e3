#include "lab/experiments/links.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

#include "lab/experiments/grid.h"
#include "lab/traces/named_recipe.h"
#include "lab/traces/trace_recipe.h"
#include "parquet/printable.h"

namespace turbo::experiments {
namespace {

constexpr double kRecipeS = 120, kConstantS = 60, kLongestS = 3600;
constexpr double kRttMs = 50;
constexpr std::size_t kMostNameBytes = 200;

void require(double value, double low, double high, const char* name, const char* expected) {
  if (!(value >= low && value <= high))
    throw std::invalid_argument(std::string(name) + ": expected " + expected);
}

struct Found {
  DriveLink link;  // its RTT: the one that goes well with it
  double duration_s;
};

Found find(const std::string& name, const LinkChoice& choice) {
  std::error_code error;
  if (std::filesystem::exists(name, error)) {
    auto trace = std::make_shared<const DeliveryTrace>(load_delivery_trace(name));
    const double period_s = trace->period_ms() / 1e3;
    return {{.name = printable(std::filesystem::path(name).stem().string(), kMostNameBytes),
             .trace = std::move(trace),
             .rtt_ms = kRttMs},
            period_s};
  }
  const double duration_s = choice.duration_s.value_or(kRecipeS);
  if (name == kMobileRecipe) {
    const TraceRecipe recipe{.duration_s = duration_s, .seed = choice.seed};
    return {{.name = name,
             .trace = std::make_shared<const DeliveryTrace>(make_trace(recipe)),
             .rtt_ms = kMobileRttMs},
            duration_s};
  }
  const auto& recipes = named_recipes();
  const auto recipe =
      std::find_if(recipes.begin(), recipes.end(), [&](const auto& r) { return name == r.name; });
  if (recipe == recipes.end())
    throw std::invalid_argument("--trace " + name +
                                ": no such file, and no recipe of turbo-trace, whose --list names them");
  return {{.name = name,
           .trace = std::make_shared<const DeliveryTrace>(make_named_trace(name, choice.seed, duration_s)),
           .rtt_ms = recipe->rtt_ms},
          duration_s};
}

}  // namespace

std::shared_ptr<const DeliveryTrace> rotated(const DeliveryTrace& trace, double share) {
  const std::uint32_t period = trace.period_ms();
  const auto shift = static_cast<std::uint32_t>(share * period);
  auto turned = std::make_shared<DeliveryTrace>();
  // The trace's length is its last line, so the part that moves to the front ends with the period itself.
  for (const std::uint32_t at : trace.opportunities_ms)
    if (at > shift) turned->opportunities_ms.push_back(at - shift);
  for (const std::uint32_t at : trace.opportunities_ms)
    if (at <= shift) turned->opportunities_ms.push_back(at + period - shift);
  if (turned->period_ms() != period) turned->opportunities_ms.push_back(period);
  return turned;
}

std::vector<NamedLink> make_links(const LinkChoice& choice) {
  if (choice.duration_s) require(*choice.duration_s, 1, kLongestS, "--duration", "1 to 3600 s");
  for (const double rate : choice.rates_mbps) require(rate, 0.01, 1e5, "--rate-mbps", "0.01 to 100000");
  for (const double rtt : choice.rtts_ms) require(rtt, 0, 10'000, "--rtt-ms", "0 to 10000");
  std::vector<Found> found;
  for (const std::string& name : choice.traces) found.push_back(find(name, choice));
  for (const double rate : choice.rates_mbps) {
    std::string name = std::to_string(rate);
    name.erase(name.find_last_not_of('0') + 1);
    if (name.ends_with('.')) name.pop_back();
    found.push_back({{.name = name + " Mbps", .rate_mbps = rate, .rtt_ms = kRttMs}, kConstantS});
  }
  if (found.empty()) throw std::invalid_argument("no link: name one with --trace or --rate-mbps");
  refuse_repeats("--rtt-ms", choice.rtts_ms);
  std::vector<std::string> names;
  for (const Found& one : found) names.push_back(one.link.name);
  refuse_repeats("link", names);
  std::vector<NamedLink> links;
  for (const Found& one : found) {
    const Duration duration = from_seconds(std::min(choice.duration_s.value_or(one.duration_s), kLongestS));
    if (choice.rtts_ms.empty()) links.push_back({one.link, duration});
    for (const double rtt : choice.rtts_ms) {
      links.push_back({one.link, duration});
      links.back().link.rtt_ms = rtt;
    }
  }
  return links;
}

Identity identity_of(std::span<const NamedLink> links) {
  std::map<std::string, std::set<std::string>> values;
  for (const NamedLink& each : links) {
    const DriveLink& link = each.link;
    if (link.trace) {
      const auto& times = link.trace->opportunities_ms;
      values["trace"].insert(
          link.name + " " +
          digest_text({reinterpret_cast<const char*>(times.data()), times.size() * sizeof times.front()}));
    } else {
      values["rate-mbps"].insert(shortest_text(link.rate_mbps));
    }
    values["rtt-ms"].insert(link.name + " " + shortest_text(link.rtt_ms));
    values["duration"].insert(link.name + " " + shortest_text(seconds(each.duration)));
  }
  Identity identity{{"trace", ""}, {"rate-mbps", ""}};
  for (const auto& [option, texts] : values)
    for (const std::string& text : texts) identity[option] += (identity[option].empty() ? "" : ",") + text;
  return identity;
}

}  // namespace turbo::experiments
