#include "lab/experiments/variants.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <stdexcept>

#include "core/planning/live_policy.h"
#include "core/planning/policy_names.h"
#include "core/planning/timeline_policy.h"
#include "lab/cbc/cbc.h"
#include "lab/experiments/truth.h"

namespace turbo::experiments {
namespace {

// CBC keeps what it knows in globals: one thread at a time.
class OneAtATime final : public Allocator {
 public:
  std::string_view name() const override { return cbc_.name(); }
  Allocation allocate(const AllocationProblem& problem) override {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    return cbc_.allocate(problem);
  }

 private:
  CbcAllocator cbc_;
};

constexpr std::string_view kLiveOf = "live:", kRecent = "recent:", kForeseen = "foreseen:";

template <class Number>
bool read(std::string_view text, Number* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// What evaluation data make possible, beside policy_names().
constexpr PolicyName kOfData[] = {{"scenario", "utilities over all of this scenario"},
                                  {"recent:N", "utilities over its last finished block of N frames"},
                                  {"oracle", "utilities of the frame itself"}};

std::string all_names() {
  std::string names;
  for (const auto& [name, about] : policy_names()) names.append(name).append(", ");
  for (const auto& [name, about] : kOfData) names.append(name).append(", ");
  return names + "or live: and one of these";
}

bool is_of_vehicle(std::string_view policy) {
  const auto names = policy_names();
  return std::any_of(names.begin(), names.end(), [&](const auto& row) { return row.name == policy; });
}

// Of frames, that the policy's windows have; 0: it has none.
int window_size(std::string_view policy) {
  std::string_view name = policy;
  if (name.starts_with(kLiveOf)) name.remove_prefix(kLiveOf.size());
  const bool twice = policy == "live:live";  // corrected once is all that there is to correct
  if ((is_of_vehicle(name) && !twice) || name == "scenario") return 0;
  if (name == "oracle") return 1;
  int size = 0;
  if (name.starts_with(kRecent) && read(name.substr(kRecent.size()), &size) && size > 0) return size;
  throw std::invalid_argument("no policy is called \"" + std::string(policy.substr(0, 60)) +
                              "\"; expected one of " + all_names());
}

}  // namespace

std::vector<int> window_sizes(const std::vector<std::string>& policies) {
  std::vector<int> sizes;
  for (const std::string& policy : policies)
    if (const int size = window_size(policy); size > 0) sizes.push_back(size);
  return sizes;
}

std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, const ScenarioData& data, Time start,
                                           Duration cover) {
  const int size = window_size(name);
  if (is_of_vehicle(name)) return turbo::make_policy(name, data.global);
  if (name.starts_with(kLiveOf))
    return std::make_unique<LivePolicy>(make_policy(name.substr(kLiveOf.size()), data, start, cover));
  if (name == "scenario") return std::make_unique<StaticPolicy>(data.own);
  if (size == 0)
    throw std::invalid_argument("policy " + std::string(name) + ": it has a name, but nothing makes it");
  if (!data.frames) throw std::invalid_argument("policy " + std::string(name) + ": only with --evaluation");
  const auto windows = data.windows.find(size);
  if (windows == data.windows.end())
    throw std::invalid_argument("policy " + std::string(name) + ": scenario " + data.name +
                                " has no such windows");
  return std::make_unique<TimelinePolicy>(
      data.global, repeated(windows->second, length_us(*data.frames), cover),
      name == "oracle" ? TimelinePolicy::View::kPresent : TimelinePolicy::View::kRecent, start);
}

std::unique_ptr<Allocator> allocator_named(const std::string& name) {
  if (name == "cbc") return std::make_unique<OneAtATime>();
  return make_allocator(name);
}

bool is_foreseen(std::string_view budget) { return budget.starts_with(kForeseen); }

std::unique_ptr<BandwidthBudget> make_budget(std::string_view name) {
  return turbo::make_budget(is_foreseen(name) ? name.substr(kForeseen.size()) : name);
}

std::string policy_help() {
  std::string out;
  for (const auto& [name, about] : policy_names()) out.append(name).append(": ").append(about).append("; ");
  for (const auto& [name, about] : kOfData) out.append(name).append(": ").append(about).append("; ");
  return out + "live: and one of these: that, corrected so";
}

std::string budget_help() {
  std::string out;
  for (const auto& [name, about] : budget_names()) out.append(name).append(": ").append(about).append("; ");
  return out +
         "foreseen: and one of these: told the link's true mean rate of the half second to come in place of "
         "the estimate";
}

}  // namespace turbo::experiments
