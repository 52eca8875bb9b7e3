#include "core/uplink/service_meter.h"

#include <algorithm>
#include <utility>

namespace turbo {

void ServiceMeter::on_choice(std::string_view config, std::string_view frames_name) {
  if (config == choice_) return;
  for (Frame& frame : frames_) frame.former = true;
  frame_bytes_ = server_s_ = cloud_s_ = {};
  counts_.finished = counts_.in_time = 0;
  choice_ = config;
  frames_name_ = frames_name;
}

void ServiceMeter::on_frame(std::uint64_t context_id, std::string_view frames_name, std::int64_t bytes,
                            Time deadline) {
  const bool former = !choice_.empty() && frames_name != frames_name_;
  if (!former) frame_bytes_.add(static_cast<double>(bytes));
  Frame& frame = frames_[next_];
  next_ = (next_ + 1) % frames_.size();
  frame = {context_id, deadline, State::kHandedOver, former};
}

void ServiceMeter::on_end(std::uint64_t context_id, FrameEnd end, bool connected) {
  Frame* const frame = find(context_id);
  if (frame == nullptr) return;
  switch (end) {
    case FrameEnd::kSent:
      if (frame->state == State::kHandedOver) frame->state = State::kSent;
      break;
    case FrameEnd::kAnswered:  // on_answer() knows more
      break;
    case FrameEnd::kRefused:
    case FrameEnd::kAbandoned:
      frame->state = State::kNone;
      break;
    default:
      if (connected)
        count(*frame, false);
      else
        frame->state = State::kNone;
  }
}

void ServiceMeter::on_answer(Time now, std::uint64_t context_id, std::optional<Duration> server,
                             std::optional<Duration> cloud) {
  Frame* const frame = find(context_id);
  if (frame == nullptr) return;
  if (server && !frame->former) server_s_.add(seconds(*server));
  if (server && cloud && !frame->former) cloud_s_.add(std::max(0.0, seconds(*cloud)));
  count(*frame, server && now <= frame->deadline);
  frame->state = State::kNone;
}

void ServiceMeter::on_disconnected() { frames_.fill({}); }

ServiceMeter::Counts ServiceMeter::take_counts(Time now) {
  for (Frame& frame : frames_)
    if (frame.state == State::kSent && now > frame.deadline) count(frame, false);
  return std::exchange(counts_, {});
}

ServiceMeter::Frame* ServiceMeter::find(std::uint64_t context_id) {
  const auto found = std::find_if(frames_.begin(), frames_.end(), [&](const Frame& frame) {
    return frame.state != State::kNone && frame.context_id == context_id;
  });
  return found == frames_.end() ? nullptr : &*found;
}

void ServiceMeter::count(Frame& frame, bool in_time) {
  if (frame.state == State::kCounted) return;
  frame.state = State::kCounted;
  ++counts_.all_finished;
  if (in_time) ++counts_.all_in_time;
  if (frame.former) return;
  ++counts_.finished;
  if (in_time) ++counts_.in_time;
}

}  // namespace turbo
