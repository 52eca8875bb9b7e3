#pragma once
// One camera's end: its region of frames and the socket where readers ask for them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/client_config.h"
#include "transport/ipc/event_loop.h"
#include "transport/ipc/sockets.h"
#include "transport/messages/messages.h"
#include "transport/shm/frame_ring.h"
#include "transport/shm/region.h"
#include "vehicle/camera_stream/frame_capturer.h"

namespace turbo {

// The loop's thread answers readers; the capturer's thread fills the ring (see frame_ring.h for the
// protocol). A request may be held until a newer frame comes, for as long as it allows; up to 32 are.
class CameraStream {
 public:
  // phase: see frame_clock.h. truth_path: empty for none.
  CameraStream(IpcContext& ipc, EventLoop& loop, const CameraStreamConfig& config,
               std::unique_ptr<CameraSource> source, double phase, const std::string& truth_path);
  ~CameraStream();
  CameraStream(const CameraStream&) = delete;

  std::uint64_t published() const { return capturer_->published(); }
  std::size_t slots() const { return ring_->slots(); }

 private:
  std::optional<Parts> on_request(Time now, const Parts& parts);
  // Nothing: there is no newer frame.
  std::optional<CameraDataResponse> lease(Time now, const CameraDataRequest& request);
  CameraDataResponse no_frame() const;
  void give_up_held(const CameraDataRequest& by);
  void on_change(Time now);
  void on_timeout(Time now);
  void arm_timer();
  void make_ring(std::size_t frame_bytes);

  CameraStreamConfig config_;
  EventLoop& loop_;
  Region region_;
  std::optional<FrameRing> ring_;
  struct Held {
    CameraDataRequest request;
    Time until;
    Responder::Token token;
  };
  std::vector<Held> held_;
  int change_event_ = -1;  // eventfd, written by the capturer
  EventLoop::Id change_source_ = 0;
  EventLoop::Id timer_ = 0;
  std::optional<FrameCapturer> capturer_;
  std::optional<Responder> socket_;  // last: binds when all else is ready
};

}  // namespace turbo
