#include "lab/score/busy_machine.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kFar = 4;         // times the usual
constexpr double kLeastMs = 5;     // beyond the usual: of the shortest stages any noise is many times as much
constexpr double kShortestMs = 1;  // what the usual counts for at least

bool is_of_vehicle(FrameStage stage) {
  return stage == FrameStage::kCompression || stage == FrameStage::kVehicleModel;
}
bool is_of_cloud(FrameStage stage) {
  return stage == FrameStage::kPreparation || stage == FrameStage::kInference;
}

double factor_of(const ComparedStage& stage) { return stage.took_ms / std::max(stage.usual_ms, kShortestMs); }
bool is_slow(const ComparedStage& stage) {
  return (is_of_vehicle(stage.stage) || is_of_cloud(stage.stage)) && factor_of(stage) >= kFar &&
         stage.excess_ms() >= kLeastMs;
}

}  // namespace

std::vector<ComparedStage> slow_together(std::span<const ComparedStage> way,
                                         const std::optional<ComparedStage>& beside) {
  std::vector<ComparedStage> slow;
  double explained_ms = 0, most_of_others_ms = 0;
  for (const ComparedStage& stage : way) {
    if (is_slow(stage)) {
      slow.push_back(stage);
      explained_ms += stage.excess_ms();
    } else {
      most_of_others_ms = std::max(most_of_others_ms, stage.excess_ms());
    }
  }
  if (beside && is_slow(*beside)) slow.push_back(*beside);
  const auto any = [&slow](bool (*is_of_side)(FrameStage)) {
    return std::any_of(slow.begin(), slow.end(),
                       [&](const ComparedStage& stage) { return is_of_side(stage.stage); });
  };
  if (!any(is_of_vehicle) || !any(is_of_cloud) || explained_ms <= most_of_others_ms) slow.clear();
  return slow;
}

std::string factors_text(std::span<const ComparedStage> slow) {
  std::string text;
  for (const ComparedStage& stage : slow)
    text += (text.empty() ? "" : ", ") + std::string(name_of(stage.stage)) + " x" +
            std::to_string(std::lround(std::min(factor_of(stage), 1e6)));
  return text;
}

}  // namespace turbo
