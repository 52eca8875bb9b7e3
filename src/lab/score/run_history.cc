#include "lab/score/run_history.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turbo {
namespace {

constexpr double kOldestRecordS = 60;
constexpr double kClockWindowS = 30;  // clocks drift apart
constexpr double kLeastUnderWayS = 0.2;

long window_of(double unix_s) { return std::lround(std::floor(unix_s / kClockWindowS)); }

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The last record at that time or before.
template <class Record>
std::optional<Record> in_force(const std::map<double, Record>& records, double unix_s) {
  const auto after = records.upper_bound(unix_s);
  if (after == records.begin() || unix_s - std::prev(after)->first > kOldestRecordS) return std::nullopt;
  return std::prev(after)->second;
}

// Missed ones, then late answers, then no answers, then answers that were in time and not taken.
int rank(const LateFrame& late) {
  if (late.story.missed()) return 0;
  if (late.story.ending == Ending::kThoughtOutOfReach) return 3;
  return late.story.answer_ms ? 1 : 2;
}

}  // namespace

void RunHistory::add(FrameRecord frame) {
  const FrameName name = frame.name;
  frames_[name] = std::move(frame);
}

void RunHistory::add(SendRecord send) {
  has_sends_ = true;
  last_unix_s_ = std::max(last_unix_s_, send.unix_s);
  auto& steps = steps_[send.name];
  (send.end == "answered" || send.end == "dropped_by_cloud" ? steps.heard : steps.sent) = std::move(send);
}

void RunHistory::add(CloudRecord cloud) {
  has_cloud_ = true;
  auto& steps = steps_[cloud.name];
  (cloud.step == "handed" ? steps.handed : steps.left) = std::move(cloud);
}

void RunHistory::add(DecisionRecord decision) {
  const double at = decision.unix_s;
  decisions_[at] = std::move(decision);
}

void RunHistory::compare_clocks(const FrameSteps& steps) {
  if (!steps.heard || steps.heard->end != "answered" || !steps.left || steps.left->step != "answered") return;
  const double back = steps.heard->unix_s - steps.left->unix_s;
  const auto [place, first] = least_back_s_.try_emplace(window_of(steps.heard->unix_s), back);
  if (!first) place->second = std::min(place->second, back);
}

// The quickest answers took half of the least RTT for their way back; what is missing to that is the clocks'.
std::optional<double> RunHistory::cloud_ahead_s(double unix_s) const {
  const auto link = in_force(links_, unix_s);
  if (!link || link->min_rtt_ms <= 0) return std::nullopt;
  std::optional<double> least;
  const long window = window_of(unix_s);
  for (auto at = least_back_s_.lower_bound(window - 1); at != least_back_s_.end() && at->first <= window + 1;
       ++at)
    least = least ? std::min(*least, at->second) : at->second;
  if (!least) return std::nullopt;
  return link->min_rtt_ms / 2e3 - *least;
}

void RunHistory::finish() {
  for (const auto& [name, steps] : steps_) compare_clocks(steps);
  if (!has_sends_)
    for (const auto& [name, frame] : frames_)
      last_unix_s_ = std::max(last_unix_s_, frame.capture_unix_s + frame.latency_ms / 1e3);
  std::map<std::pair<int, FrameStage>, std::vector<double>> in_time;
  std::map<int, std::vector<double>> vehicle_model;
  for (const auto& [name, frame] : frames_) {
    const auto steps = steps_.find(name);
    stories_.push_back(tell(frame, steps == steps_.end() ? FrameSteps{} : steps->second,
                            {.cloud_recorded = has_cloud_,
                             .cloud_ahead_s = cloud_ahead_s(frame.capture_unix_s),
                             .last_unix_s = last_unix_s_}));
    if (!is_in_time(stories_.back().ending)) continue;
    if (frame.vehicle_runtime_ms) vehicle_model[name.service].push_back(*frame.vehicle_runtime_ms);
    for (const StageTime& time : stories_.back().stages)
      in_time[{name.service, time.stage}].push_back(time.took_ms);
  }
  for (auto& [key, values] : in_time) usual_[key] = median(values);
  for (auto& [service, values] : vehicle_model) usual_vehicle_model_[service] = median(values);
}

std::optional<double> RunHistory::usual_ms(int service, FrameStage stage) const {
  const auto found = usual_.find({service, stage});
  return found == usual_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> RunHistory::usual_vehicle_model_ms(int service) const {
  const auto found = usual_vehicle_model_.find(service);
  return found == usual_vehicle_model_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ComparedStage> RunHistory::slow_stages(const FrameStory& story) const {
  const int service = story.frame.name.service;
  std::vector<ComparedStage> way;
  for (const StageTime& time : story.stages)
    if (const auto usual = usual_ms(service, time.stage)) way.push_back({time.stage, time.took_ms, *usual});
  const auto usual = usual_vehicle_model_ms(service);
  std::optional<ComparedStage> beside;
  if (usual && story.frame.offloaded && story.frame.vehicle_runtime_ms)
    beside = {FrameStage::kVehicleModel, *story.frame.vehicle_runtime_ms, *usual};
  return slow_together(way, beside);
}

LateFrame RunHistory::explain(const FrameStory& story) const {
  LateFrame late{.story = story};
  // Of one that was late before it ended there, it is not what made it late.
  const auto place = place_of(story.ending);
  if (place && story.end_ms() <= story.deadline_ms()) {
    late.cause = *place;
    return late;
  }
  late.slow = slow_stages(story);
  if (!late.slow.empty()) {
    late.cause = FrameStage::kMachine;
    return late;
  }
  double most = -1;
  for (const StageTime& time : story.stages) {
    const auto usual = usual_ms(story.frame.name.service, time.stage);
    if (time.took_ms - usual.value_or(0) <= most) continue;
    most = time.took_ms - usual.value_or(0);
    late.cause = time.stage;
    late.took_ms = time.took_ms;
    late.usual_ms = usual;
  }
  return late;
}

std::vector<LateFrame> RunHistory::late_frames() const {
  std::vector<LateFrame> all;
  for (const FrameStory& story : stories_)
    if (!is_in_time(story.ending) || story.missed()) all.push_back(explain(story));
  std::sort(all.begin(), all.end(), [](const LateFrame& a, const LateFrame& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    const double late_a = a.story.answer_ms.value_or(0), late_b = b.story.answer_ms.value_or(0);
    if (late_a != late_b) return late_a > late_b;
    return std::pair(a.story.frame.capture_unix_s, a.story.frame.name) <
           std::pair(b.story.frame.capture_unix_s, b.story.frame.name);
  });
  return all;
}

const FrameStory* RunHistory::find(const FrameName& name) const {
  const auto found = std::lower_bound(
      stories_.begin(), stories_.end(), name,
      [](const FrameStory& story, const FrameName& wanted) { return story.frame.name < wanted; });
  return found == stories_.end() || found->frame.name != name ? nullptr : &*found;
}

std::vector<const FrameStory*> RunHistory::find(std::uint64_t context_id) const {
  std::vector<const FrameStory*> found;
  for (const FrameStory& story : stories_)
    if (story.frame.name.context_id == context_id) found.push_back(&story);
  return found;
}

void RunHistory::find_choice(int service, Moment& moment) const {
  const auto config_of = [service](const DecisionRecord& decision) {
    const auto mine = decision.services.find(service);
    return mine == decision.services.end() ? std::string() : mine->second.config;
  };
  auto at = decisions_.find(moment.decision->unix_s);
  const std::string config = config_of(at->second);
  while (at != decisions_.begin() && config_of(std::prev(at)->second) == config) --at;
  moment.chosen = at->second;
  moment.chosen_or_earlier = at == decisions_.begin();
}

Moment RunHistory::moment(const FrameStory& story) const {
  const double begin = story.frame.capture_unix_s;
  Moment moment{.link = in_force(links_, begin), .decision = in_force(decisions_, begin)};
  if (moment.decision) find_choice(story.frame.name.service, moment);
  if (const auto times = cloud_times_.find(story.frame.name.service); times != cloud_times_.end())
    moment.cloud_time = in_force(times->second, begin);
  const double end = begin + std::max(kLeastUnderWayS, story.end_ms() / 1e3);
  for (auto at = capacities_.lower_bound(begin); at != capacities_.end() && at->first <= end; ++at) {
    moment.least_capacity_mbps = std::min(moment.least_capacity_mbps.value_or(INFINITY), at->second.mbps);
    moment.largest_queue_bytes = std::max(moment.largest_queue_bytes.value_or(0), at->second.queue_bytes);
  }
  return moment;
}

}  // namespace turbo
