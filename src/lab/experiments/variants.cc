#include "lab/experiments/variants.h"

#include <charconv>
#include <stdexcept>

#include "core/planning/timeline_policy.h"
#include "lab/experiments/truth.h"

namespace turbo::experiments {
namespace {

constexpr std::string_view kRecent = "recent:", kShare = "share:";

template <class Number>
bool read(std::string_view text, Number* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

int window_size(const std::string& policy) {
  if (policy == "static" || policy == "scenario") return 0;
  if (policy == "oracle") return 1;
  int size = 0;
  if (policy.starts_with(kRecent) && read(std::string_view(policy).substr(kRecent.size()), &size) && size > 0)
    return size;
  throw std::invalid_argument("no policy is called \"" + policy.substr(0, 60) +
                              "\"; expected static, scenario, recent:N or oracle");
}

}  // namespace

std::vector<int> window_sizes(const std::vector<std::string>& policies) {
  std::vector<int> sizes;
  for (const std::string& policy : policies)
    if (const int size = window_size(policy); size > 0) sizes.push_back(size);
  return sizes;
}

std::unique_ptr<UtilityPolicy> make_policy(const std::string& name, const ScenarioData& data, Time start,
                                           Duration cover) {
  if (name == "static") return std::make_unique<StaticPolicy>(data.global);
  if (name == "scenario") return std::make_unique<StaticPolicy>(data.own);
  if (!data.frames) throw std::invalid_argument("policy " + name + ": only with evaluation data");
  using View = TimelinePolicy::View;
  const std::int64_t round_us = length_us(*data.frames);
  if (name == "oracle")
    return std::make_unique<TimelinePolicy>(data.global, repeated(*data.frames, round_us, cover),
                                            View::kPresent, start);
  return std::make_unique<TimelinePolicy>(
      data.global, repeated(data.windows.at(window_size(name)), round_us, cover), View::kRecent, start);
}

std::unique_ptr<BandwidthBudget> make_budget(const std::string& name) {
  double share = 0;
  if (name.starts_with(kShare) && read(std::string_view(name).substr(kShare.size()), &share) && share > 0 &&
      share <= 1)
    return std::make_unique<FixedShare>(share);
  throw std::invalid_argument("no budget is called \"" + name.substr(0, 60) +
                              "\"; expected share:X, X above 0 to 1");
}

}  // namespace turbo::experiments
