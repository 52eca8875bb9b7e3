#include "core/freshness/frame_ledger.h"

#include <algorithm>
#include <utility>

#include "core/detection/region_merge.h"

namespace turbo {
namespace {
constexpr std::size_t kPastFrames = 64;
}

FrameLedger::FrameLedger(std::size_t capacity, Duration patience, Duration guard)
    : capacity_(std::max<std::size_t>(capacity, 1)), patience_(patience), guard_(guard) {}

bool FrameLedger::on_frame(Time now, std::uint64_t context_id, Time deadline, std::optional<Box> region) {
  if (find(context_id) != nullptr || report_past(now, context_id).arrival != Arrival::kUnknown) return false;
  decide(now);
  if (frames_.size() >= capacity_) deliver_what_is_there(now, frames_.front());
  frames_.push_back({.context_id = context_id,
                     .start = now,
                     .deadline = deadline,
                     .region = region,
                     .vehicle = {},
                     .remote = {},
                     .came_in_outage = cloud_out_});
  return true;
}

ArrivalReport FrameLedger::on_vehicle_result(Time now, std::uint64_t context_id, Detections detections) {
  Frame* frame = find(context_id);
  if (frame == nullptr) return report_past(now, context_id);
  frame->vehicle = std::move(detections);
  const ArrivalReport report{Arrival::kAccepted, now - frame->start};
  decide(now);
  return report;
}

ArrivalReport FrameLedger::on_vehicle_failed(Time now, std::uint64_t context_id) {
  Frame* frame = find(context_id);
  if (frame == nullptr) return report_past(now, context_id);
  frame->vehicle_failed = true;
  const ArrivalReport report{Arrival::kAccepted, now - frame->start};
  decide(now);
  return report;
}

void FrameLedger::on_not_offloaded(Time now, std::uint64_t context_id) {
  if (Frame* const frame = find(context_id)) frame->offloaded = false;
  decide(now);
}

ArrivalReport FrameLedger::on_remote_result(Time now, std::uint64_t context_id, Detections detections) {
  Frame* frame = find(context_id);
  if (frame == nullptr) return report_past(now, context_id);
  const Duration latency = now - frame->start;
  if (now > frame->deadline) {
    decide(now);
    return {Arrival::kStale, latency};
  }
  frame->remote = std::move(detections);
  if (!frame->region) deliver_what_is_there(now, *frame);
  decide(now);
  return {Arrival::kAccepted, latency};
}

std::vector<Delivery> FrameLedger::take_due(Time now) {
  decide(now);
  return std::exchange(due_, {});
}

std::optional<Time> FrameLedger::next_deadline() const {
  if (frames_.empty()) return std::nullopt;
  Time next = Time::max();
  for (const Frame& frame : frames_) next = std::min(next, due_at(frame));
  return next;
}

// A frame whose vehicle's answer is out is waited for beyond its deadline, but not for ever.
Time FrameLedger::due_at(const Frame& frame) const {
  const bool vehicle_known = frame.vehicle || frame.vehicle_failed;
  if (frame.remote) return vehicle_known ? frame.start : frame.deadline - guard_;
  if (!vehicle_known) return frame.deadline + patience_;
  const bool alone = !frame.offloaded || (cloud_out_ && frame.came_in_outage);
  return !alone ? frame.deadline - guard_ : frame.start;
}

void FrameLedger::decide(Time now) {
  for (std::size_t i = 0; i < frames_.size();) {
    Frame& frame = frames_[i];
    if (now < due_at(frame)) {
      ++i;
      continue;
    }
    deliver_what_is_there(now, frame);
  }
}

void FrameLedger::deliver_what_is_there(Time now, Frame& frame) {
  Detections vehicle = frame.vehicle ? std::move(*frame.vehicle) : Detections{};
  if (frame.remote)
    deliver(now, frame.context_id, ResultSource::kRemote,
            frame.region ? merge_by_region(*frame.remote, vehicle, *frame.region) : std::move(*frame.remote));
  else
    deliver(now, frame.context_id, frame.vehicle ? ResultSource::kVehicle : ResultSource::kNone,
            std::move(vehicle));
}

void FrameLedger::deliver(Time now, std::uint64_t context_id, ResultSource source, Detections detections) {
  const auto at = std::find_if(frames_.begin(), frames_.end(),
                               [&](const Frame& frame) { return frame.context_id == context_id; });
  due_.push_back({context_id, source, std::move(detections), now - at->start, now > at->deadline});
  past_.push_back({context_id, at->start, at->deadline});
  if (past_.size() > kPastFrames) past_.pop_front();
  frames_.erase(at);
}

FrameLedger::Frame* FrameLedger::find(std::uint64_t context_id) {
  for (Frame& frame : frames_)
    if (frame.context_id == context_id) return &frame;
  return nullptr;
}

ArrivalReport FrameLedger::report_past(Time now, std::uint64_t context_id) const {
  for (const Past& past : past_)
    if (past.context_id == context_id)
      return {now > past.deadline ? Arrival::kStale : Arrival::kRedundant, now - past.start};
  return {};
}

}  // namespace turbo
