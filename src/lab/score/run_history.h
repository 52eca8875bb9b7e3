#pragma once
// All frames of a run and what was recorded of them: fed with records in any order, it tells each frame's
// story, what made the late ones late, and what the link and the decision were at a moment. Pure.

#include <map>
#include <optional>
#include <vector>

#include "lab/score/busy_machine.h"
#include "lab/score/frame_story.h"

namespace turbo {

// A late frame, and what made it so: the stage in which its way ended before the deadline, or else the one
// that took longest beyond what is usual in the run, or a machine that was too busy for all of them.
struct LateFrame {
  FrameStory story;
  FrameStage cause = FrameStage::kCamera;
  std::optional<double> took_ms, usual_ms;  // of the cause; nothing: the way ended there, or none was in time
  std::vector<ComparedStage> slow;          // of a busy machine: what took so much longer
};

// What held when a frame was captured; records are not older than a minute.
struct Moment {
  std::optional<LinkRecord> link;
  std::optional<CloudTimeRecord> cloud_time;
  std::optional<DecisionRecord> decision;
  // The one that chose for the frame's service what `decision` kept; the same one if it is not older.
  std::optional<DecisionRecord> chosen;
  bool chosen_or_earlier = false;  // it is the first that is recorded
  // Of the emulated link, while the frame was under way.
  std::optional<double> least_capacity_mbps, largest_queue_bytes;
};

class RunHistory {
 public:
  void add(FrameRecord frame);
  void add(SendRecord send);
  void add(CloudRecord cloud);
  void add(const LinkRecord& link) { links_[link.unix_s] = link; }
  void add(const CloudTimeRecord& time) { cloud_times_[time.service][time.unix_s] = time; }
  void add(DecisionRecord decision);
  void add(const CapacityRecord& capacity) { capacities_[capacity.unix_s] = capacity; }

  // After the last record, before what follows.
  void finish();

  const std::vector<FrameStory>& stories() const { return stories_; }  // by service and context id
  // Those without an answer in time, and those of the cloud's whose answer was not delivered in time. Worst
  // first: nothing in time, then the latest answers, then those without an answer, in the order of capture.
  std::vector<LateFrame> late_frames() const;
  const FrameStory* find(const FrameName& name) const;
  std::vector<const FrameStory*> find(std::uint64_t context_id) const;  // of every service that has it
  LateFrame explain(const FrameStory& story) const;  // of one in time: what took longest beyond the usual
  std::optional<double> usual_ms(int service, FrameStage stage) const;  // median of those in time
  std::optional<double> usual_vehicle_model_ms(int service) const;      // of its runtime, which is no stage
  Moment moment(const FrameStory& story) const;

  bool has_sends() const { return has_sends_; }
  bool has_cloud() const { return has_cloud_; }
  bool has_diagnostics() const { return !links_.empty() || !decisions_.empty(); }

 private:
  std::optional<double> cloud_ahead_s(double unix_s) const;
  void compare_clocks(const FrameSteps& steps);
  std::vector<ComparedStage> slow_stages(const FrameStory& story) const;
  void find_choice(int service, Moment& moment) const;

  std::map<FrameName, FrameRecord> frames_;
  std::map<FrameName, FrameSteps> steps_;
  std::map<double, LinkRecord> links_;
  std::map<int, std::map<double, CloudTimeRecord>> cloud_times_;  // by service
  std::map<double, DecisionRecord> decisions_;
  std::map<double, CapacityRecord> capacities_;
  // The least time from the cloud's answer to the vehicle's hearing it by their clocks, of every half minute.
  std::map<long, double> least_back_s_;
  std::map<std::pair<int, FrameStage>, double> usual_;
  std::map<int, double> usual_vehicle_model_;
  std::vector<FrameStory> stories_;
  double last_unix_s_ = 0;
  bool has_sends_ = false, has_cloud_ = false;
};

}  // namespace turbo
