#pragma once
// One frame's way, stage by stage, put together from what each process recorded of it: how long each stage
// took, and where the way ended. Pure.

#include <optional>
#include <vector>

#include "lab/score/step_records.h"

namespace turbo {

// In the order of the way. kNetwork stands for both directions and what of the cloud is not recorded where
// the QUIC server's records are missing, kModelServer for its four parts. The last three are causes only.
enum class FrameStage {
  kCamera,
  kVehicleModel,
  kCompression,
  kHandOver,
  kWaiting,
  kSending,
  kThere,
  kNetwork,
  kDesk,
  kQueue,
  kPreparation,
  kInference,
  kCloudRest,
  kModelServer,
  kBack,
  kHandBack,
  kConnection,
  kMachine,
  kRunEnd
};
const char* name_of(FrameStage stage);  // "waiting to be sent"

enum class Ending {
  kInTime,         // the cloud's answer was delivered in time
  kVehicleInTime,  // the frame was the vehicle's alone, which was in time
  kVehicleLate,
  kBusy,
  kNotCompressed,
  kUnrecorded,
  kDisplaced,
  kExpired,
  kHopeless,
  kCancelled,
  kCancelledForFresher,
  kRefused,
  kAbandoned,
  kDroppedByCloud,
  kDisplacedInCloud,
  kNotTakenInCloud,
  kNoAnswerInCloud,
  kAnswerLost,
  kNeverArrived,
  kNeverAnswered,
  kFailedInCloud,
  kAnsweredLate,
  kThoughtOutOfReach,
  kRunOver
};
const char* name_of(Ending ending);                 // "answered_late"
const char* text_of(Ending ending);                 // a clause for people
bool is_in_time(Ending ending);                     // of the first two
std::optional<FrameStage> place_of(Ending ending);  // where it ended, if the ending alone says so

struct StageTime {
  FrameStage stage = FrameStage::kCamera;
  double from_ms = 0, took_ms = 0;  // from: since the capture
};

struct FrameStory {
  FrameRecord frame;
  std::vector<StageTime> stages;  // what is known; without gaps, in order
  Ending ending = Ending::kInTime;
  std::optional<double> answer_ms;  // from the capture to the cloud's answer, also a late one

  bool missed() const { return !frame.in_time; }  // nothing was delivered by the deadline
  double deadline_ms() const { return frame.deadline_ms.value_or(200); }
  double end_ms() const { return stages.empty() ? 0 : stages.back().from_ms + stages.back().took_ms; }
  const StageTime* longest() const;  // null: no stage is known
};

// What the processes behind the client recorded of the frame.
struct FrameSteps {
  std::optional<SendRecord> sent, heard;    // how it left the QUIC client's hands, what was heard of it then
  std::optional<CloudRecord> handed, left;  // to the model server; how it left the cloud
};

struct RunFacts {
  bool cloud_recorded = false;          // there are records of the cloud
  std::optional<double> cloud_ahead_s;  // the cloud's clock is ahead of the vehicle's by so much
  double last_unix_s = 0;               // of any record of the vehicle
};

FrameStory tell(const FrameRecord& frame, const FrameSteps& steps, const RunFacts& run);

}  // namespace turbo
