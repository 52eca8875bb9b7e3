#include "vehicle/camera_stream/camera_stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "process/logging.h"

namespace turbo {
namespace {

// The newest, the one being filled, and four in readers' hands: more would only take memory.
constexpr std::size_t kMostSlots = 6;
constexpr std::size_t kFewestSlots = 3;

Parts to_parts(const CameraDataResponse& response) { return {as_text(encode(response))}; }

}  // namespace

CameraStream::CameraStream(IpcContext& ipc, EventLoop& loop, const CameraStreamConfig& config,
                           std::unique_ptr<CameraSource> source, double phase, const std::string& truth_path)
    : config_(config), loop_(loop), region_(config.camera_stream_shmem_filename, config.shmem_buf_size) {
  make_ring(static_cast<std::size_t>(config.camera_size.height) *
            static_cast<std::size_t>(config.camera_size.width) * 3);
  change_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (change_event_ < 0)
    throw std::runtime_error(std::string("making an event descriptor: ") + std::strerror(errno));
  change_source_ = loop.on_readable(change_event_, [this](Time now) { on_change(now); });
  timer_ = loop.timer([this](Time now) { on_timeout(now); });
  std::optional<TruthLog> truth;
  if (!truth_path.empty()) truth.emplace(truth_path, config.camera_id);
  capturer_.emplace(std::move(source), *ring_,
                    FrameCapturer::Options{config.camera_size, config.frames_per_second, phase},
                    std::move(truth), [event = change_event_] {
                      const std::uint64_t one = 1;
                      (void)!::write(event, &one, sizeof one);
                    });
  socket_.emplace(ipc, loop, config.bidirectional_zmq_sockname,
                  [this](Time now, const Parts& parts) { return on_request(now, parts); });
}

CameraStream::~CameraStream() {
  socket_.reset();
  capturer_.reset();
  loop_.remove(change_source_);
  loop_.remove(timer_);
  ::close(change_event_);
}

void CameraStream::make_ring(std::size_t frame_bytes) {
  const FrameRing largest(region_.bytes(), frame_bytes, process_is_alive);
  for (std::size_t slots = std::min(kMostSlots, largest.slots()); slots >= kFewestSlots; --slots) {
    if (!region_.reserve(slots * largest.slot_bytes())) continue;
    ring_.emplace(region_.bytes().first(slots * largest.slot_bytes()), frame_bytes, process_is_alive);
    return;
  }
  throw std::runtime_error("making " + config_.camera_stream_shmem_filename + ": no memory for " +
                           std::to_string(kFewestSlots) + " frames of " + std::to_string(frame_bytes) +
                           " bytes; make /dev/shm larger");
}

std::optional<Parts> CameraStream::on_request(Time now, const Parts& parts) {
  if (parts.size() != 1)
    return error_reply("expected one CameraDataRequest, got " + std::to_string(parts.size()) +
                       " message parts");
  std::string error;
  const auto request = decode_camera_request(as_bytes(parts.front()), error);
  if (!request) return error_reply("CameraDataRequest: " + error);
  give_up_held(*request);
  if (request->release_only) {
    ring_->release({request->reader_pid, request->reader_id});
    return to_parts(no_frame());
  }
  if (const auto response = lease(now, *request)) return to_parts(*response);
  if (request->wait_ms == 0) return to_parts(no_frame());
  const auto token = socket_->defer();
  if (!token) return to_parts(no_frame());  // too many wait already
  held_.push_back({*request, now + std::chrono::milliseconds(request->wait_ms), *token});
  arm_timer();
  return std::nullopt;
}

std::optional<CameraDataResponse> CameraStream::lease(Time now, const CameraDataRequest& request) {
  const auto lease = ring_->lease_newest(now, {request.reader_pid, request.reader_id}, request.newer_than);
  if (lease.error == FrameRing::LeaseError::kNoNewFrame) return std::nullopt;
  CameraDataResponse response;
  response.camera_id = config_.camera_id;
  if (lease.error == FrameRing::LeaseError::kTooManyReaders) {
    response.status = Status::kRefused;
    response.error = "too many readers hold frames of this camera";
    return response;
  }
  response.context_id = lease.frame.context_id;
  response.slot = static_cast<std::uint32_t>(lease.frame.slot);
  response.offset_bytes = lease.frame.offset_bytes;
  response.size_bytes = lease.frame.size_bytes;
  response.height = static_cast<std::uint32_t>(config_.camera_size.height);
  response.width = static_cast<std::uint32_t>(config_.camera_size.width);
  response.capture_monotonic_ns = lease.frame.capture_monotonic_ns;
  response.capture_unix_s = lease.frame.capture_unix_s;
  response.image_path = capturer_->source_name();
  return response;
}

CameraDataResponse CameraStream::no_frame() const {
  CameraDataResponse response;
  response.status = Status::kNotYet;
  response.camera_id = config_.camera_id;
  response.error = capturer_->trouble();
  return response;
}

// Who asks again has given up what it asked before: that must not be leased to it later.
void CameraStream::give_up_held(const CameraDataRequest& by) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.request.reader_pid != by.reader_pid || held.request.reader_id != by.reader_id) return false;
    socket_->reply(held.token, to_parts(no_frame()));
    return true;
  });
}

void CameraStream::on_change(Time now) {
  std::uint64_t count = 0;
  (void)!::read(change_event_, &count, sizeof count);
  std::erase_if(held_, [&](const Held& held) {
    const auto response = lease(now, held.request);
    if (response) socket_->reply(held.token, to_parts(*response));
    return response.has_value();
  });
  arm_timer();
}

void CameraStream::on_timeout(Time now) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.until > now) return false;
    socket_->reply(held.token, to_parts(no_frame()));
    return true;
  });
  arm_timer();
}

void CameraStream::arm_timer() {
  if (held_.empty()) return loop_.disarm(timer_);
  loop_.arm(timer_, std::ranges::min(held_, {}, &Held::until).until);
}

}  // namespace turbo
