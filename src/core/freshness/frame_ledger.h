#pragma once
// The client's table of frames under way, and the rule by which each of them gets exactly one delivery:
//   1. the cloud's answer, at once, when it comes in time; where the cloud sees only a region of the frame,
//      both answers merged, as soon as the vehicle's is there too, or `guard` before the deadline without it;
//   2. else the vehicle's answer: as soon as it is there when the frame was not sent to the cloud, or came
//      while the cloud is out of reach, otherwise `guard` before the deadline, so that what remains of the
//      way is done by the deadline;
//   3. else the vehicle's answer when it comes, marked late if that is after the deadline;
//   4. else nothing (kNone): when the vehicle said it has none, when 2. would be due; when the table is full,
//      at once; at the latest `patience` after the deadline.
// A cloud answer after the deadline is stale and never delivered. No clock, no thread; bounded.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/detection/detection.h"
#include "core/time.h"

namespace turbo {

enum class ResultSource { kRemote, kVehicle, kNone };

struct Delivery {
  std::uint64_t context_id = 0;
  ResultSource source = ResultSource::kNone;
  Detections detections;
  Duration latency{};  // from the `now` of on_frame to the delivery
  bool late = false;   // delivered after the deadline
};

enum class Arrival {
  kAccepted,   // of use: will be, or has been, delivered
  kStale,      // the deadline had passed
  kRedundant,  // the frame has its delivery already
  kUnknown,    // no such frame, or one too long ago
};

struct ArrivalReport {
  Arrival arrival = Arrival::kUnknown;
  Duration latency{};  // since on_frame; 0 for kUnknown
};

class FrameLedger {
 public:
  explicit FrameLedger(std::size_t capacity = 8, Duration patience = std::chrono::milliseconds(500),
                       Duration guard = {});

  // False for an id that is known already. A full table first delivers its oldest frame with what it has.
  // region: what the cloud sees of it, in the frame's pixels; none: all.
  bool on_frame(Time now, std::uint64_t context_id, Time deadline, std::optional<Box> region = {});
  ArrivalReport on_vehicle_result(Time now, std::uint64_t context_id, Detections detections);
  ArrivalReport on_vehicle_failed(Time now, std::uint64_t context_id);  // no vehicle result will come
  // The frame was not sent: no cloud answer is waited for.
  void on_not_offloaded(Time now, std::uint64_t context_id);
  // While it is, the cloud's answers to frames that come are not waited for. Those that came before are held
  // to their deadlines: the cloud may have been thought out of reach for a frame that was dropped on the way.
  void set_cloud_out(bool out) { cloud_out_ = out; }
  bool cloud_out() const { return cloud_out_; }
  ArrivalReport on_remote_result(Time now, std::uint64_t context_id, Detections detections);

  // What is to be delivered by now, in order of decision. Call it after every event and at next_deadline().
  std::vector<Delivery> take_due(Time now);
  std::optional<Time> next_deadline() const;  // none: nothing under way
  std::size_t in_flight() const { return frames_.size(); }

 private:
  struct Frame {
    std::uint64_t context_id;
    Time start, deadline;
    std::optional<Box> region;
    std::optional<Detections> vehicle;
    std::optional<Detections> remote;  // of a region, in time
    bool vehicle_failed = false;
    bool offloaded = true;
    bool came_in_outage = false;
  };
  struct Past {
    std::uint64_t context_id;
    Time start, deadline;
  };
  Frame* find(std::uint64_t context_id);
  ArrivalReport report_past(Time now, std::uint64_t context_id) const;
  void deliver(Time now, std::uint64_t context_id, ResultSource source, Detections detections);
  Time due_at(const Frame& frame) const;
  void decide(Time now);
  void deliver_what_is_there(Time now, Frame& frame);

  std::size_t capacity_;
  Duration patience_;
  Duration guard_;
  bool cloud_out_ = false;
  std::deque<Frame> frames_;  // oldest first
  std::deque<Past> past_;     // delivered ones, so that what comes after is told from garbage
  std::vector<Delivery> due_;
};

}  // namespace turbo
