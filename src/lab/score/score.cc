#include "lab/score/score.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

// The smallest value that at least `share` of them do not exceed.
std::optional<double> percentile(std::vector<float> values, double share) {
  if (values.empty()) return std::nullopt;
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size()))) - 1;
  const auto at = values.begin() + std::max<std::ptrdiff_t>(0, rank);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::optional<double> mean_of(const AveragePrecision& precision) {
  const auto result = precision.result();
  if (result.images == 0) return std::nullopt;
  return result.mean;
}

}  // namespace

struct Score::Part {
  Summary counts;
  std::vector<float> latencies_ms;
  AveragePrecision delivered, onvehicle;

  void count(const DeliveryRecord& record, const std::vector<TruthBox>* truth) {
    ++counts.frames;
    counts.with_result += record.in_time && record.source != DeliverySource::kNone;
    ++counts.model_configs[record.model_config];
    if (record.offloaded) {
      ++counts.offloaded;
      counts.within_slo += record.in_time && record.source == DeliverySource::kRemote;
      counts.unanswered += !record.remote_latency_ms;
      if (record.remote_latency_ms) latencies_ms.push_back(static_cast<float>(*record.remote_latency_ms));
    }
    if (!truth) {
      ++counts.without_truth;
      return;
    }
    delivered.add(record.in_time ? record.detections : Detections{}, *truth);
    onvehicle.add(record.vehicle_detections, *truth);
  }

  Summary summary() const {
    Summary s = counts;
    s.remote_latency_p50_ms = percentile(latencies_ms, 0.5);
    s.remote_latency_p99_ms = percentile(latencies_ms, 0.99);
    s.delivered_map = mean_of(delivered);
    s.onvehicle_map = mean_of(onvehicle);
    return s;
  }
};

std::optional<double> Summary::slo_attainment() const {
  if (offloaded == 0) return std::nullopt;
  return static_cast<double>(within_slo) / static_cast<double>(offloaded);
}

Score::Score() : total_(std::make_unique<Part>()) {}
Score::~Score() = default;
Score::Score(Score&&) noexcept = default;

void Score::add_truth(TruthRecord record) {
  truth_[record.camera_id][record.context_id] = std::move(record.boxes);
}

void Score::add_delivery(const DeliveryRecord& record) {
  const std::vector<TruthBox>* truth = nullptr;
  if (const auto camera = truth_.find(record.service_id); camera != truth_.end())
    if (const auto frame = camera->second.find(record.context_id); frame != camera->second.end())
      truth = &frame->second;
  auto& part = cameras_[record.service_id];
  if (!part) part = std::make_unique<Part>();
  part->count(record, truth);
  total_->count(record, truth);
}

Summary Score::total() const { return total_->summary(); }

std::map<int, Summary> Score::cameras() const {
  std::map<int, Summary> all;
  for (const auto& [camera, part] : cameras_) all[camera] = part->summary();
  return all;
}

}  // namespace turbo
