#include "vehicle/client/client.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "process/logging.h"
#include "transport/shm/message_region.h"

namespace turbo {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr Duration kCameraTimeout = 1000ms, kQuicTimeout = 1000ms;
constexpr std::uint32_t kFrameWaitMs = 500;  // the camera may hold its answer so long for the next frame
constexpr Duration kAskAgain = 50ms;         // after an answer without a frame
constexpr Duration kForgetNewest = 2s;       // without a newer frame: perhaps its numbers began anew
constexpr Duration kDeliveryGuard = 15ms;    // before the deadline: this loop may be compressing just then
constexpr std::size_t kFramesUnderWay = 8;
constexpr Duration kPatience = 500ms;     // for the vehicle's own late answer
constexpr Duration kOldestCapture = 10s;  // a capture time further back is not believed

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Client::Client(Process& process, const MainClientConfig& config, const std::string& run_folder)
    : process_(process),
      config_(config),
      choice_{.model = config.onvehicle_model_name},
      choice_name_(format_model_config(choice_)),
      ledger_(kFramesUnderWay, kPatience, kDeliveryGuard),
      log_(run_folder + "/deliveries.jsonl", config.service_id, static_cast<std::size_t>(config.max_entries)),
      camera_region_(config.camera_stream_shmem_filename),
      model_(Detector(config.onvehicle_model_path, {.device = config.onvehicle_device})),
      image_sender_(config.quic_snd_shm_filename, config.quic_shm_size, config.service_id,
                    config.model_image_sizes),
      result_region_(config.quic_rcv_shm_filename, config.quic_shm_size),
      camera_(process.ipc(), process.loop(), config.camera_bidirectional_zmq_sockname, kCameraTimeout),
      quic_(process.ipc(), process.loop(), config.quic_snd_zmq_sockname, kQuicTimeout),
      results_(process.ipc(), process.loop(), config.quic_rcv_zmq_sockname,
               [this](Time now, const Parts& request) { return on_result_notice(now, request); }),
      allocations_(process.ipc(), process.loop(), config.bandwidth_allocation_incoming_zmq_sockname,
                   [this](Time, const std::string& json) { on_allocation(json); }),
      diagnostics_(process.ipc(), config.outgoing_zmq_diagnostic_sockname),
      deadline_timer_(process.loop().timer([this](Time now) { deliver(now); })),
      again_timer_(process.loop().timer([this](Time now) { ask_for_frame(now); })) {
  process_.loop().on_readable(model_.fd(), [this](Time now) { on_model_done(now); });
  process_.loop().every(1s, [this](Time now) { log_.settle(now); });
  ask_for_frame(EventLoop::now());
}

// ---- frames
// ---------------------------------------------------------------------------------------------------------

void Client::ask_for_frame(Time now) {
  const CameraDataRequest request{.reader_pid = ::getpid(),
                                  .reader_id = static_cast<std::uint64_t>(config_.service_id),
                                  .newer_than = newest_seen_,
                                  .wait_ms = kFrameWaitMs};
  const auto bytes = encode(request);
  camera_.request(now, {as_text(bytes)},
                  [this](Time at, std::optional<Parts> reply) { on_camera_answer(at, std::move(reply)); });
}

void Client::ask_again(Time now) {
  if (!no_frame_since_) no_frame_since_ = now;
  if (now - *no_frame_since_ > kForgetNewest) newest_seen_ = 0;
  process_.loop().arm(again_timer_, now + kAskAgain);
}

// Each trouble is said once, until the camera gives a frame again.
void Client::camera_trouble(Time now, const std::string& what) {
  if (std::exchange(camera_trouble_, what) != what) log_warning("the camera ", what, ": trying on");
  ask_again(now);
}

void Client::on_camera_answer(Time now, std::optional<Parts> reply) {
  if (!reply) return camera_trouble(now, "did not answer in 1000 ms");
  std::string error;
  const std::string& answer = reply->front();
  if (answer.starts_with("ERROR: ")) return camera_trouble(now, "refused: " + answer.substr(7));
  const auto frame = decode_camera_response(as_bytes(answer), error);
  if (!frame) return camera_trouble(now, "gave no frame: " + error);
  if (frame->status == Status::kNotYet) return ask_again(now);
  if (frame->status != Status::kOk) return camera_trouble(now, "gave no frame: " + frame->error);
  on_frame(now, *frame);
}

void Client::on_frame(Time now, const CameraDataResponse& frame) {
  if (!camera_region_.refresh() || frame.offset_bytes > camera_region_.bytes().size() ||
      frame.size_bytes > camera_region_.bytes().size() - frame.offset_bytes)
    return camera_trouble(now,
                          "gave a frame that does not lie in region " + config_.camera_stream_shmem_filename);
  no_frame_since_.reset();
  newest_seen_ = frame.context_id;
  const Time claimed{std::chrono::nanoseconds(frame.capture_monotonic_ns)};
  const Time captured = claimed <= now && claimed > now - kOldestCapture ? claimed : now;
  if (!ledger_.on_frame(captured, frame.context_id, captured + config_.slo_timeout))
    return camera_trouble(now, "gave a frame whose context id is not new");
  if (!std::exchange(camera_trouble_, "").empty()) log_info("the camera gives frames again");

  log_.on_frame(now, captured, frame.context_id, frame.capture_unix_s, choice_name_);
  offloaded_[frame.context_id] = false;
  const ImageView image =
      packed_view(static_cast<const std::uint8_t*>(camera_region_.bytes().data()) + frame.offset_bytes,
                  static_cast<int>(frame.height), static_cast<int>(frame.width));
  model_.start(frame.context_id, image);
  if (!choice_is_remote_ || !offload(now, frame.context_id, image))
    ledger_.on_not_offloaded(now, frame.context_id);
  deliver(EventLoop::now());
}

bool Client::offload(Time now, std::uint64_t context_id, ImageView frame) {
  if (quic_.busy())
    return false;  // the QUIC client has not taken the frame before: this one is the vehicle's alone
  const ImageSender::Written written = image_sender_.write(context_id, choice_, frame);
  if (written.size_bytes == 0) {
    log_warning("frame ", context_id, " was not sent: ", written.error);
    return false;
  }
  quic_.request(now, format_size_notice({context_id, written.size_bytes}),
                [this](Time, std::optional<Parts> reply) {
                  if (!reply) {
                    if (!std::exchange(quic_silent_, true))
                      log_warning("the QUIC client did not answer in 1000 ms: trying on");
                  } else {
                    if (std::exchange(quic_silent_, false)) log_info("the QUIC client answers again");
                    if (reply->size() != 1 || (*reply)[0] != kAck)
                      log_warning("the QUIC client refused a frame: ", reply->empty() ? "" : (*reply)[0]);
                  }
                });
  log_.on_offloaded(EventLoop::now(), context_id, written.size_bytes);
  offloaded_[context_id] = true;
  return true;
}

// ---- answers
// --------------------------------------------------------------------------------------------------------

void Client::on_model_done(Time now) {
  auto result = model_.take();
  if (!result) return;
  if (result->error.empty()) {
    log_.on_vehicle_result(result->context_id, result->detections, result->runtime);
    ledger_.on_vehicle_result(now, result->context_id, std::move(result->detections));
  } else {
    log_warning("the on-vehicle model failed: ", result->error);
    ledger_.on_vehicle_failed(now, result->context_id);
  }
  deliver(now);
  ask_for_frame(now);  // and so give the frame back: it was compressed before this result was looked at
}

Parts Client::on_result_notice(Time now, const Parts& request) {
  std::string error;
  const auto notice = parse_size_notice(request, error);
  if (!notice) return error_reply(error);
  if (!copy_message(result_region_.bytes(), notice->size_bytes, result_, error)) return error_reply(error);
  auto response = decode_server_response(split_message(result_).header, error);
  if (!response) return error_reply(error);
  if (response->context_id != notice->context_id) return error_reply("the region holds another context id");
  if (response->service_id != config_.service_id) return error_reply("an answer for another service");
  if (response->status != Status::kOk) {
    log_warning("the model server failed on frame ", response->context_id, ": ", response->error);
    return {std::string(kAck)};
  }
  const ArrivalReport arrival =
      ledger_.on_remote_result(now, response->context_id, std::move(response->detections));
  if (arrival.arrival != Arrival::kUnknown)
    log_.on_remote_result(
        response->context_id, arrival.latency,
        {response->queue_s, response->preprocessing_s, response->inference_s, response->overall_s});
  deliver(now);
  return {std::string(kAck)};
}

void Client::deliver(Time now) {
  for (const Delivery& delivery : ledger_.take_due(now)) {
    log_.on_delivery(delivery);
    report(delivery);
  }
  if (const auto next = ledger_.next_deadline())
    process_.loop().arm(deadline_timer_, *next);
  else
    process_.loop().disarm(deadline_timer_);
}

void Client::report(const Delivery& delivery) {
  const auto known = offloaded_.extract(delivery.context_id);
  const bool remote = delivery.source == ResultSource::kRemote;
  diagnostics_.publish(Json{
      {"plot_id", 1},
      {"service_id", config_.service_id},
      {"timestamp", unix_now()},
      {"remote_request_made", !known.empty() && known.mapped()},
      {"remote_request_successful", remote},
      {"context_id", delivery.context_id},
      {"source", remote                                      ? "remote"
                 : delivery.source == ResultSource::kVehicle ? "vehicle"
                                                             : "none"},
      {"latency_ms", milliseconds(delivery.latency)},
      {"late", delivery.late},
      {"detections", delivery.detections.size()},
      {"model_config",
       choice_name_}}.dump());
}

// ---- the allocator's choice
// -----------------------------------------------------------------------------------------

void Client::on_allocation(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto map = json.is_object() ? json.find("model_config_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object())
    return log_warning("an allocation that is not JSON with a model_config_map");
  const auto mine = map->find(std::to_string(config_.service_id));
  if (mine == map->end()) return;
  std::string error = "not text";
  const auto choice = mine->is_string() ? parse_model_config(mine->get<std::string>(), &error) : std::nullopt;
  if (!choice) return log_warning("an allocation with an unusable configuration: ", error);
  if (*choice == choice_) return;
  const bool remote = choice->model != config_.onvehicle_model_name;
  if (remote && !image_sender_.can_send(*choice))
    return log_warning("the allocator chose model ", choice->model,
                       ", whose input size is not configured; the choice stays ", choice_name_);
  choice_ = *choice;
  choice_name_ = format_model_config(choice_);
  choice_is_remote_ = remote;
}

}  // namespace turbo
