#include "lab/experiments/truth.h"

#include <algorithm>
#include <stdexcept>

#include "core/fnv1a.h"
#include "core/utility/model_config.h"
#include "lab/simulate/chance.h"

namespace turbo::experiments {
namespace {

constexpr std::int64_t kLoneFrameUs = 100'000;

enum Purpose : std::int64_t { kSizeOfCamera = 100, kSizeOfFrame, kRuntimeOfModel, kRuntimeOfFrame };

double factor(std::uint64_t seed, Purpose purpose, std::int64_t a, std::int64_t b, double spread) {
  if (spread <= 0) return 1;
  scene::Dice dice(seed, purpose, a, b);
  return simulate::log_normal(dice, 1, spread);
}

std::optional<std::size_t> full_rate_of(const Service& service, const ModelOption& option) {
  auto config = parse_model_config(option.config);
  if (!config || option.duty >= 1) return std::nullopt;
  config->frames_per_s = 0;
  const std::string name = format_model_config(*config);
  for (std::size_t i = 0; i < service.options.size(); ++i)
    if (service.options[i].config == name) return i;
  return std::nullopt;
}

}  // namespace

std::int64_t name_number(const std::string& name) { return static_cast<std::int64_t>(fnv1a(name)); }

std::int64_t length_us(const UtilityTimeline& frames) {
  const auto& windows = frames.windows;
  if (windows.size() < 2) return kLoneFrameUs;
  const std::int64_t first_to_last = windows.back().start_us - windows.front().start_us;
  return std::max<std::int64_t>(
      1, first_to_last + first_to_last / static_cast<std::int64_t>(windows.size() - 1));
}

UtilityTimeline repeated(const UtilityTimeline& timeline, std::int64_t round_us, Duration at_least) {
  UtilityTimeline longer = timeline;
  const std::int64_t rounds =
      std::chrono::duration_cast<std::chrono::microseconds>(at_least).count() / round_us;
  for (std::int64_t round = 1; round <= rounds; ++round)
    for (std::size_t i = 0; i < timeline.windows.size(); ++i) {
      UtilityWindow window = timeline.windows[i];
      window.start_us += round * round_us;
      window.end_us += round * round_us;
      longer.windows.push_back(window);
      longer.utilities.push_back(timeline.utilities[i]);
    }
  return longer;
}

Truth::Truth(std::vector<Service> services, std::optional<UtilityTimeline> timeline,
             const Disturbance& disturbance, std::uint64_t seed)
    : services_(std::move(services)), timeline_(std::move(timeline)), disturbance_(disturbance), seed_(seed) {
  std::size_t column = 0;
  for (std::size_t s = 0; s < services_.size(); ++s) {
    const Service& service = services_[s];
    const double size = factor(seed, kSizeOfCamera, service.id, 0, disturbance.size_bias);
    vehicle_.push_back(0);
    auto& costs = costs_.emplace_back();
    for (std::size_t o = 0; o < service.options.size(); ++o) {
      const ModelOption& option = service.options[o];
      if (option.on_vehicle) vehicle_[s] = o;
      const auto config = parse_model_config(option.config);
      const double runtime =
          factor(seed, kRuntimeOfModel, name_number(config ? config->model : option.config), 0,
                 disturbance.server_bias);
      costs.push_back({size, runtime, full_rate_of(service, option), column++});
    }
  }
  if (!timeline_) return;
  if (timeline_->windows.empty() || timeline_->utilities.size() != timeline_->windows.size())
    throw std::invalid_argument("scenario " + timeline_->scenario + ": no utilities of its frames");
  for (const auto& row : timeline_->utilities)
    if (row.size() != column)
      throw std::invalid_argument("scenario " + timeline_->scenario +
                                  ": not as many utilities in a frame as configurations");
  length_us_ = length_us(*timeline_);
}

double Truth::megabits(std::size_t service, std::size_t option, std::int64_t frame) const {
  return services_[service].options[option].size_megabits * costs_[service][option].size_factor *
         factor(seed_, kSizeOfFrame, services_[service].id, frame, disturbance_.size_spread);
}

double Truth::runtime_ms(std::size_t service, std::size_t option, std::int64_t frame) const {
  return services_[service].options[option].runtime_ms * costs_[service][option].runtime_factor *
         factor(seed_, kRuntimeOfFrame, services_[service].id, frame, disturbance_.server_spread);
}

template <class Value>
double Truth::when_sent(std::size_t service, std::size_t option, const Value& value) const {
  const double duty = services_[service].options[option].duty;
  if (duty >= 1) return value(option);
  if (const auto full_rate = costs_[service][option].full_rate) return value(*full_rate);
  // The mean of its own frames and of those between, which the vehicle answers.
  return std::clamp((value(option) - (1 - duty) * value(vehicle_[service])) / duty, 0.0, 1.0);
}

double Truth::believed_when_sent(std::size_t service, std::size_t option) const {
  return when_sent(service, option,
                   [&](std::size_t which) { return services_[service].options[which].utility; });
}

double Truth::utility(std::size_t service, std::size_t option, Duration since_start) const {
  if (!timeline_) return believed_when_sent(service, option);
  const auto& row = timeline_->utilities[row_at(since_start)];
  return when_sent(service, option, [&](std::size_t which) { return row[costs_[service][which].column]; });
}

std::size_t Truth::row_at(Duration since_start) const {
  const auto& windows = timeline_->windows;
  const std::int64_t us =
      std::chrono::duration_cast<std::chrono::microseconds>(since_start).count() % length_us_;
  const auto next =
      std::upper_bound(windows.begin(), windows.end(), windows.front().start_us + us,
                       [](std::int64_t at, const UtilityWindow& window) { return at < window.start_us; });
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, next - windows.begin())) - 1;
}

}  // namespace turbo::experiments
