#include "lab/score/frame_story.h"

#include <algorithm>
#include <array>
#include <utility>

namespace turbo {
namespace {

constexpr double kEarliestMs = -50, kLatestMs = 1500;  // hand-over against wall clocks: beyond, one was set

struct EndingText {
  Ending ending;
  const char* name;
  const char* text;
  std::optional<FrameStage> place;
};
// In the order of the enumeration.
constexpr std::array kEndings{
    EndingText{Ending::kInTime, "in_time", "the cloud's answer was in time", {}},
    EndingText{Ending::kVehicleInTime, "vehicle_in_time", "it was the vehicle's alone, and in time", {}},
    EndingText{Ending::kVehicleLate, "vehicle_late", "it was the vehicle's alone, and not in time", {}},
    EndingText{Ending::kBusy, "busy", "not sent: the QUIC client had not taken the one before",
               FrameStage::kHandOver},
    EndingText{Ending::kNotCompressed, "not_compressed", "not sent: compressing it failed or took too long",
               FrameStage::kCompression},
    EndingText{Ending::kUnrecorded, "unrecorded", "handed over, but in no record of the QUIC client",
               FrameStage::kHandOver},
    EndingText{Ending::kDisplaced, "displaced", "never sent: a newer frame took its place", {}},
    EndingText{Ending::kExpired, "expired", "never sent: it waited too long", {}},
    EndingText{Ending::kHopeless, "hopeless", "never sent: by the estimate it could not be in time", {}},
    EndingText{
        Ending::kCancelled, "cancelled", "given up while it was sent: it could not be in time any more", {}},
    EndingText{Ending::kCancelledForFresher,
               "cancelled_for_fresher",
               "given up while it was sent: a newer frame was worth more",
               {}},
    EndingText{Ending::kRefused, "refused", "never sent: the cloud does not serve this service",
               FrameStage::kConnection},
    EndingText{Ending::kAbandoned, "abandoned", "given up while it was sent: the connection was lost",
               FrameStage::kConnection},
    EndingText{Ending::kDroppedByCloud, "dropped_by_cloud", "its time was up before a model saw it", {}},
    EndingText{Ending::kDisplacedInCloud, "displaced_in_cloud", "in the cloud a fresher frame took its place",
               FrameStage::kDesk},
    EndingText{Ending::kNotTakenInCloud, "not_taken_in_cloud", "the model server did not take it",
               FrameStage::kQueue},
    EndingText{Ending::kNoAnswerInCloud, "no_answer_in_cloud",
               "the model server gave no answer: a fresher frame took its place there, or it ended",
               FrameStage::kQueue},
    EndingText{Ending::kAnswerLost, "answer_lost",
               "the cloud's answer came back too late to be recorded, or not at all", FrameStage::kBack},
    EndingText{Ending::kNeverArrived, "never_arrived", "it never arrived whole in the cloud",
               FrameStage::kThere},
    EndingText{Ending::kNeverAnswered, "never_answered", "it was sent, and nothing was heard of it",
               FrameStage::kNetwork},
    EndingText{Ending::kFailedInCloud, "failed_in_cloud", "the model server failed on it",
               FrameStage::kInference},
    EndingText{Ending::kAnsweredLate, "answered_late", "the cloud's answer was late", {}},
    EndingText{Ending::kThoughtOutOfReach, "thought_out_of_reach",
               "answered in time, but the cloud was thought out of reach", FrameStage::kConnection},
    EndingText{Ending::kRunOver, "run_over", "the run was over before its deadline", FrameStage::kRunEnd},
};
static_assert(kEndings.back().ending == Ending::kRunOver &&
              kEndings.size() == static_cast<std::size_t>(Ending::kRunOver) + 1);

const EndingText& entry_of(Ending ending) { return kEndings[static_cast<std::size_t>(ending)]; }

std::optional<Ending> sender_ending(const std::string& end) {
  for (Ending ending : {Ending::kDisplaced, Ending::kExpired, Ending::kHopeless, Ending::kCancelled,
                        Ending::kCancelledForFresher, Ending::kRefused, Ending::kAbandoned})
    if (end == name_of(ending)) return ending;
  return std::nullopt;
}

bool is(const std::optional<SendRecord>& record, const char* end) { return record && record->end == end; }
bool is(const std::optional<CloudRecord>& record, const char* step) { return record && record->step == step; }

class Teller {
 public:
  Teller(const FrameRecord& frame, const FrameSteps& steps, const RunFacts& run)
      : frame_(frame), steps_(steps), run_(run) {
    story_.frame = frame;
  }

  FrameStory tell() && {
    until(FrameStage::kCamera, frame_.received_ms);
    if (!frame_.offloaded) {
      if (frame_.source == "vehicle") until(FrameStage::kVehicleModel, frame_.latency_ms);
    } else {
      if (frame_.sent_ms) until(FrameStage::kCompression, *frame_.sent_ms);
      if (steps_.sent) sending(*steps_.sent);
      cloud();
      if (frame_.remote_latency_ms) until(FrameStage::kHandBack, *frame_.remote_latency_ms);
    }
    story_.answer_ms = frame_.remote_latency_ms ? frame_.remote_latency_ms : answered_;
    story_.ending = ending();
    return std::move(story_);
  }

 private:
  void until(FrameStage stage, double end_ms) {
    const double took = std::max(0.0, end_ms - at_);
    story_.stages.push_back({stage, at_, took});
    at_ += took;
  }
  void take(FrameStage stage, double ms) { until(stage, at_ + std::max(0.0, ms)); }
  double since_capture(double unix_s) const { return (unix_s - frame_.capture_unix_s) * 1e3; }

  void sending(const SendRecord& sent) {
    const double handed = since_capture(sent.unix_s) - sent.after_ms;
    if (handed > at_ + kEarliestMs && handed < at_ + kLatestMs) until(FrameStage::kHandOver, handed);
    const double begin = at_;
    until(FrameStage::kWaiting, begin + sent.waited_ms.value_or(sent.after_ms));
    if (sent.waited_ms) until(FrameStage::kSending, begin + sent.after_ms);
    if (is(steps_.heard, "answered")) answered_ = begin + steps_.heard->after_ms;
    if (is(steps_.heard, "dropped_by_cloud")) dropped_ = begin + steps_.heard->after_ms;
  }

  void cloud() {
    const auto answered = answered_ ? answered_ : frame_.remote_latency_ms;
    if (is(steps_.left, "answered") && answered) {
      way_there(*steps_.left, *answered - at_ - steps_.left->after_ms);
      in_cloud();
      until(FrameStage::kBack, *answered);
    } else if (answered) {
      take(FrameStage::kNetwork, *answered - at_ - frame_.server_overall_ms.value_or(0));
      model_server({});
    } else if (steps_.handed || steps_.left) {
      way_there(steps_.left ? *steps_.left : *steps_.handed, {});
      in_cloud();
    } else if (dropped_) {
      until(FrameStage::kNetwork, *dropped_);
    }
  }

  // network_ms: both ways together.
  void way_there(const CloudRecord& record, std::optional<double> network_ms) {
    if (!run_.cloud_ahead_s) {
      if (network_ms) take(FrameStage::kNetwork, *network_ms);
      return;
    }
    const double arrived = since_capture(record.unix_s - *run_.cloud_ahead_s) - record.after_ms;
    take(FrameStage::kThere,
         network_ms ? std::clamp(arrived - at_, 0.0, std::max(0.0, *network_ms)) : arrived - at_);
  }

  void in_cloud() {
    const auto& left = steps_.left;
    if (!steps_.handed) {
      if (left) take(FrameStage::kDesk, left->after_ms);
      return;
    }
    take(FrameStage::kDesk, steps_.handed->after_ms);
    if (left) model_server(left->after_ms - steps_.handed->after_ms);
  }

  // whole_ms: as the QUIC server saw it.
  void model_server(std::optional<double> whole_ms) {
    const auto& f = frame_;
    if (f.server_queue_ms && f.server_preprocessing_ms && f.server_inference_ms && f.server_overall_ms) {
      take(FrameStage::kQueue, *f.server_queue_ms);
      take(FrameStage::kPreparation, *f.server_preprocessing_ms);
      take(FrameStage::kInference, *f.server_inference_ms);
      take(FrameStage::kCloudRest, whole_ms.value_or(*f.server_overall_ms) - *f.server_queue_ms -
                                       *f.server_preprocessing_ms - *f.server_inference_ms);
    } else if (whole_ms) {
      take(FrameStage::kModelServer, *whole_ms);
    }
  }

  Ending ending() const {
    if (frame_.source == "remote" && frame_.in_time) return Ending::kInTime;
    if (!frame_.offloaded) {
      if (frame_.not_offloaded == "busy") return Ending::kBusy;
      if (frame_.not_offloaded == "compression") return Ending::kNotCompressed;
      return frame_.in_time ? Ending::kVehicleInTime : Ending::kVehicleLate;
    }
    const double deadline = story_.deadline_ms();
    if (story_.answer_ms) {
      if (*story_.answer_ms >= deadline) return Ending::kAnsweredLate;
      if (!frame_.remote_latency_ms) return Ending::kFailedInCloud;  // the client took it for no answer
      return frame_.cloud_out ? Ending::kThoughtOutOfReach : Ending::kAnsweredLate;
    }
    if (const auto given_up = steps_.sent ? sender_ending(steps_.sent->end) : std::nullopt) return *given_up;
    if (dropped_ || is(steps_.left, "expired")) return Ending::kDroppedByCloud;
    if (frame_.capture_unix_s + deadline / 1e3 > run_.last_unix_s) return Ending::kRunOver;
    return unanswered();
  }

  Ending unanswered() const {
    if (is(steps_.left, "displaced")) return Ending::kDisplacedInCloud;
    if (is(steps_.left, "failed")) return Ending::kNotTakenInCloud;
    if (is(steps_.left, "answered")) return Ending::kAnswerLost;
    if (steps_.handed) return Ending::kNoAnswerInCloud;
    if (!steps_.sent) return Ending::kUnrecorded;
    return run_.cloud_recorded ? Ending::kNeverArrived : Ending::kNeverAnswered;
  }

  const FrameRecord& frame_;
  const FrameSteps& steps_;
  const RunFacts& run_;
  FrameStory story_;
  double at_ = 0;
  std::optional<double> answered_, dropped_;  // when the QUIC client heard of it, from the capture
};

}  // namespace

const char* name_of(FrameStage stage) {
  switch (stage) {
    case FrameStage::kCamera:
      return "camera to client";
    case FrameStage::kVehicleModel:
      return "on-vehicle model";
    case FrameStage::kCompression:
      return "compression";
    case FrameStage::kHandOver:
      return "to the QUIC client";
    case FrameStage::kWaiting:
      return "waiting to be sent";
    case FrameStage::kSending:
      return "sending";
    case FrameStage::kThere:
      return "network, there";
    case FrameStage::kNetwork:
      return "network and cloud, undivided";
    case FrameStage::kDesk:
      return "waiting in the QUIC server";
    case FrameStage::kQueue:
      return "model server's queue";
    case FrameStage::kPreparation:
      return "decoding and resizing";
    case FrameStage::kInference:
      return "inference";
    case FrameStage::kCloudRest:
      return "the cloud's hand-overs";
    case FrameStage::kModelServer:
      return "model server";
    case FrameStage::kBack:
      return "network, back";
    case FrameStage::kHandBack:
      return "back to the client";
    case FrameStage::kConnection:
      return "connection";
    case FrameStage::kMachine:
      return "the machine was busy";
    case FrameStage::kRunEnd:
      break;
  }
  return "end of the run";
}

const char* name_of(Ending ending) { return entry_of(ending).name; }
const char* text_of(Ending ending) { return entry_of(ending).text; }
bool is_in_time(Ending ending) { return ending == Ending::kInTime || ending == Ending::kVehicleInTime; }
std::optional<FrameStage> place_of(Ending ending) { return entry_of(ending).place; }

const StageTime* FrameStory::longest() const {
  const auto longest =
      std::max_element(stages.begin(), stages.end(),
                       [](const StageTime& a, const StageTime& b) { return a.took_ms < b.took_ms; });
  return longest == stages.end() ? nullptr : &*longest;
}

FrameStory tell(const FrameRecord& frame, const FrameSteps& steps, const RunFacts& run) {
  return Teller(frame, steps, run).tell();
}

}  // namespace turbo
