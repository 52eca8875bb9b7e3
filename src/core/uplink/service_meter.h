#pragma once
// What one service's choice of model and compression really costs and how often it is in time, from the
// frames that were handed over under that choice. All of it begins anew with another choice; frames of the
// former one count only in what is said of all, which is what a promise is compared with. No clock, no
// thread; bounded.
//
// A frame counts when its end is known: in time, when it is answered by its deadline; a miss, when the answer
// is later, or not there at the deadline of a frame that was sent, or the model server failed on it, or it
// was dropped on the way. A displaced frame is a miss too: that the link was not done with the one before it
// is what its choice costs. What says nothing of the choice is not counted: frames that ended while there was
// no connection, or with it, and those of a service that the cloud does not serve.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "core/uplink/recent_quantiles.h"
#include "core/uplink/uplink.h"

namespace turbo {

class ServiceMeter {
 public:
  struct Counts {
    int finished = 0;
    int in_time = 0;                        // of them
    int all_finished = 0, all_in_time = 0;  // the same with the frames of former choices
  };

  // frames_name: what the service's frames call this choice. Nothing changes when it is the one that holds.
  void on_choice(std::string_view config, std::string_view frames_name);
  // As told last; empty before: then every frame counts.
  const std::string& choice() const { return choice_; }

  void on_frame(std::uint64_t context_id, std::string_view frames_name, std::int64_t bytes, Time deadline);
  // connected: whether there was a connection when it ended.
  void on_end(std::uint64_t context_id, FrameEnd end, bool connected);
  // server: as the model server measured it; nothing when it failed. cloud: from the frame's last byte to its
  // answer, less an RTT; nothing when that is not known.
  void on_answer(Time now, std::uint64_t context_id, std::optional<Duration> server,
                 std::optional<Duration> cloud);
  void on_disconnected();

  Counts take_counts(Time now);  // since the last call
  const RecentQuantiles& frame_bytes() const { return frame_bytes_; }
  const RecentQuantiles& server_s() const { return server_s_; }
  const RecentQuantiles& cloud_s() const { return cloud_s_; }

 private:
  // Of one that counts already only a late answer's times are still wanted.
  enum class State : std::uint8_t { kNone, kHandedOver, kSent, kCounted };
  struct Frame {
    std::uint64_t context_id = 0;
    Time deadline;
    State state = State::kNone;
    bool former = false;  // handed over under a former choice
  };
  Frame* find(std::uint64_t context_id);
  void count(Frame& frame, bool in_time);

  std::string choice_, frames_name_;
  std::array<Frame, 64> frames_;  // the oldest gives way, and does not count
  std::size_t next_ = 0;
  RecentQuantiles frame_bytes_, server_s_, cloud_s_;
  Counts counts_;
};

}  // namespace turbo
