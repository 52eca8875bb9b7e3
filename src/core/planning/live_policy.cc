#include "core/planning/live_policy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/utility/model_config.h"
#include "core/utility/utility_curve.h"

namespace turbo {
namespace {

constexpr double kMostBytes = 1.25e9;
constexpr double kMostMs = 600'000;
constexpr double kNeverMs = std::numeric_limits<double>::infinity();  // the run time of what is held off
constexpr int kMostFrames = 100'000;                                  // of one report
constexpr int kFewFrames = 3;                                         // fewer say nothing
constexpr double kHardlyAny = 0.1;  // in time, of the frames of a choice that misses
constexpr int kGoodFrames = 20;     // in time, after which a failure is forgotten
constexpr Duration kFirstHoldOff = std::chrono::seconds(1);
constexpr Duration kMostHoldOff = std::chrono::seconds(60);
constexpr Duration kRightAfter = std::chrono::seconds(10);  // a hold-off
constexpr Duration kPause = std::chrono::seconds(2);        // what was before it is another matter

bool right(const std::optional<Quantiles>& quantiles, double most) {
  return quantiles && quantiles->p50 > 0 && quantiles->p50 <= quantiles->p95 && quantiles->p95 <= most;
}

ModelConfig frames_of(const ModelOption& option) {
  ModelConfig config = parse_model_config(option.config).value_or(ModelConfig{.model = option.config});
  config.frames_per_s = 0;
  return config;
}

// The first of those with the same frames stands for them.
std::vector<std::size_t> kinds_of(const Service& service) {
  std::vector<ModelConfig> configs;
  std::vector<std::size_t> kinds;
  for (const ModelOption& option : service.options) {
    configs.push_back(frames_of(option));
    const auto first = std::find(configs.begin(), configs.end(), configs.back());
    kinds.push_back(static_cast<std::size_t>(first - configs.begin()));
  }
  return kinds;
}

std::vector<bool> compressed(const Service& service) {
  std::vector<bool> out;
  for (const ModelOption& option : service.options) {
    const ModelConfig config = frames_of(option);
    out.push_back(config.image != Compression::kNone || config.input != Compression::kNone);
  }
  return out;
}

double needed(const Service& service, std::size_t option, double rtt_ms) {
  return needed_mbps(service.options[option], service.slo_ms, rtt_ms).value_or(kUnlimitedMbps);
}

}  // namespace

LivePolicy::Learned::Learned(const Service& service)
    : kinds(kinds_of(service)),
      sizes(compressed(service)),
      run_times(std::vector<bool>(service.options.size(), true)),
      held(service.options.size()) {}

LivePolicy::LivePolicy(std::unique_ptr<UtilityPolicy> beliefs) : beliefs_(std::move(beliefs)) {}

double LivePolicy::rtt_ms(Time now, const LinkReport& report) const {
  return rtts_.planned_ms(now, report.rtt_ms);
}

bool LivePolicy::held_off(std::size_t service, std::size_t option) const {
  return service < learned_.size() && option < learned_[service].held.size() &&
         learned_[service].held[option];
}

std::span<const Service> LivePolicy::services(Time now, const LinkReport& report) {
  const std::span<const Service> beliefs = beliefs_->services(now, report);
  if (learned_.empty()) begin(beliefs);
  if (report.connected) rtts_.add(now, report.rtt_ms);
  const double planned_rtt_ms = rtt_ms(now, report);
  const Duration since_last = last_ ? now - *last_ : Duration::zero();
  last_ = now;

  std::fill(evidence_.begin(), evidence_.end(), std::nullopt);
  for (const ServiceReport& service : report.services) {
    const auto belief = std::find_if(beliefs.begin(), beliefs.end(),
                                     [&](const Service& one) { return one.id == service.service_id; });
    if (belief == beliefs.end()) continue;
    const auto index = static_cast<std::size_t>(belief - beliefs.begin());
    if (evidence_[index]) continue;  // it stands twice
    evidence_[index] = evidence_of(*belief, service);
    if (!evidence_[index]) continue;
    if (now - learned_[index].heard_at > kPause) {
      learned_[index].last.reset();
      learned_[index].measured_frames = 0;
    }
    learned_[index].heard_at = now;
    measure(learned_[index], *belief, service, *evidence_[index]);
  }
  int heard = 0, missed = 0;
  for (const auto& evidence : evidence_) {
    heard += evidence && evidence->finished > 0 ? 1 : 0;
    missed += evidence && evidence->missed() ? 1 : 0;
  }
  const Missing who = heard == 1 ? Missing::kAlone : missed == heard ? Missing::kAll : Missing::kSome;
  for (std::size_t i = 0; i < beliefs.size(); ++i) {
    learned_[i].sizes.settle(since_last);
    learned_[i].run_times.settle(since_last);
    correct(beliefs[i], learned_[i], services_[i]);
    if (evidence_[i]) judge(now, i, *evidence_[i], who, planned_rtt_ms);
    std::fill(learned_[i].held.begin(), learned_[i].held.end(), false);
    if (learned_[i].failed_option && now < learned_[i].held_until)
      hold_off(*learned_[i].failed_option, learned_[i].held, planned_rtt_ms, services_[i]);
    if (learned_[i].link_option && now < learned_[i].link_held_until)
      hold_off(*learned_[i].link_option, learned_[i].held, planned_rtt_ms, services_[i]);
  }
  return services_;
}

bool LivePolicy::Evidence::missed() const { return finished > 0 && in_time <= kHardlyAny * finished; }

bool LivePolicy::Evidence::misses_with(const Evidence& before) const {
  const Evidence both{option, finished + before.finished, in_time + before.in_time};
  return both.finished >= 2 && in_time < finished && both.missed();
}

void LivePolicy::begin(std::span<const Service> beliefs) {
  services_.assign(beliefs.begin(), beliefs.end());
  for (const Service& service : beliefs) learned_.emplace_back(service);
  evidence_.resize(beliefs.size());
}

// Nothing of a choice that sends nothing, or of one that is none of ours.
std::optional<LivePolicy::Evidence> LivePolicy::evidence_of(const Service& belief,
                                                            const ServiceReport& report) const {
  const bool counts_right =
      report.in_time >= 0 && report.in_time <= report.finished && report.finished <= kMostFrames;
  const auto option = std::find_if(belief.options.begin(), belief.options.end(),
                                   [&](const ModelOption& one) { return one.config == report.config; });
  if (!counts_right || option == belief.options.end() || option->on_vehicle) return std::nullopt;
  return Evidence{static_cast<std::size_t>(option - belief.options.begin()), report.finished, report.in_time};
}

void LivePolicy::measure(Learned& learned, const Service& belief, const ServiceReport& report,
                         const Evidence& evidence) {
  if (learned.measured_option != evidence.option) learned.measured_frames = 0;
  learned.measured_option = evidence.option;
  learned.measured_frames = std::min(learned.measured_frames + evidence.finished, kFewFrames);
  if (learned.measured_frames < kFewFrames) return;
  const ModelOption& option = belief.options[evidence.option];
  const std::size_t kind = learned.kinds[evidence.option];
  if (right(report.frame_bytes, kMostBytes) && option.size_megabits > 0)
    learned.sizes.observe(kind, report.frame_bytes->p50 * 8 / 1e6 / option.size_megabits);
  const bool server_known = right(report.server_ms, kMostMs), cloud_known = right(report.cloud_ms, kMostMs);
  if (!(server_known || cloud_known) || !(option.runtime_ms > 0)) return;
  const double run_ms = (server_known ? report.server_ms : report.cloud_ms)->p50;
  learned.run_times.observe(kind, run_ms / option.runtime_ms);
}

// service: as corrected, before anything is held off.
void LivePolicy::judge(Time now, std::size_t index, const Evidence& evidence, Missing who, double rtt_ms) {
  Learned& learned = learned_[index];
  const Service& service = services_[index];
  if (evidence.finished == 0) return;
  const auto as_much_as = [&](std::optional<std::size_t> other) {
    return other && needed(service, evidence.option, rtt_ms) >= needed(service, *other, rtt_ms);
  };
  const bool as_much = as_much_as(learned.failed_option), as_link = as_much_as(learned.link_option);
  if ((as_much && now < learned.held_until) || (as_link && now < learned.link_held_until))
    return;  // late news of what was left already
  const bool keeps_missing =
      learned.last && learned.last->option == evidence.option && evidence.misses_with(*learned.last);
  learned.last = evidence;
  if (as_much && !evidence.missed()) {
    learned.good_frames += evidence.in_time;
    if (learned.good_frames >= kGoodFrames) learned.failed_option.reset();
  }
  if (!keeps_missing) return;
  learned.last.reset();
  const Duration remembered = who == Missing::kAlone ? kRightAfter : kMostHoldOff;
  const bool again = as_much && now - learned.held_until <= remembered;
  const bool again_link = as_link && now - learned.link_held_until <= kRightAfter;
  if (who == Missing::kAll || (who == Missing::kAlone && !again && !again_link)) {
    learned.link_option = evidence.option;
    learned.link_held_until = now + kFirstHoldOff;
    return;
  }
  const bool afresh = !learned.failed_option || now - learned.held_until > remembered;
  const Duration first = who == Missing::kAlone ? 2 * kFirstHoldOff : kFirstHoldOff;
  const Duration length = std::min(afresh ? first : learned.next_hold_off, kMostHoldOff);
  learned.next_hold_off = 2 * length;
  learned.held_until = now + length;
  learned.failed_option = evidence.option;
  learned.good_frames = 0;
}

void LivePolicy::correct(const Service& belief, const Learned& learned, Service& out) {
  for (std::size_t i = 0; i < belief.options.size(); ++i) {
    const ModelOption& option = belief.options[i];
    out.options[i].utility = option.utility;
    if (option.on_vehicle) continue;
    out.options[i].size_megabits = option.size_megabits * learned.sizes.factor(learned.kinds[i]);
    out.options[i].runtime_ms = option.runtime_ms * learned.run_times.factor(learned.kinds[i]);
  }
}

void LivePolicy::hold_off(std::size_t failed, std::vector<bool>& held, double rtt_ms, Service& out) {
  const double failed_mbps = needed(out, failed, rtt_ms);
  for (std::size_t i = 0; i < out.options.size(); ++i) {
    if (!out.options[i].on_vehicle && needed(out, i, rtt_ms) >= failed_mbps) held[i] = true;
    if (held[i]) out.options[i].runtime_ms = kNeverMs;
  }
}

}  // namespace turbo
