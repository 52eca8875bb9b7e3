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
constexpr Duration kDeliveryGuard = 10ms;    // before the deadline
constexpr std::size_t kFramesUnderWay = 8;
constexpr Duration kPatience = 500ms;                         // for the vehicle's own late answer
constexpr Duration kFinishGrace = 50ms, kLongestFinish = 2s;  // a main kills after 5 s
constexpr Duration kOldestCapture = 10s;                      // a capture time further back is not believed

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// What the cloud sees of a frame, where that is not all.
std::optional<Box> region_of(const ModelConfig& choice, ImageSize frame) {
  if (!choice.region) return std::nullopt;
  const PixelRect part = pixels_of(*choice.region, frame);
  return Box{static_cast<float>(part.left), static_cast<float>(part.top),
             static_cast<float>(part.left + part.width), static_cast<float>(part.top + part.height)};
}

std::string why_not_sent(Time now, const CompressWorker::Result& result) {
  if (result.size_bytes == 0) return result.error;
  return now >= result.deadline ? "compressing it took too long" : "";
}

}  // namespace

Client::Client(Process& process, const MainClientConfig& config, const std::string& run_folder)
    : process_(process),
      config_(config),
      choice_{.model = config.onvehicle_model_name},
      choice_name_(format_model_config(choice_)),
      turns_(config.place, config.places),
      ledger_(kFramesUnderWay, kPatience, kDeliveryGuard),
      log_(run_folder + "/deliveries.jsonl", config.service_id, config.slo_timeout,
           static_cast<std::size_t>(config.max_entries)),
      camera_region_(config.camera_stream_shmem_filename),
      model_(Detector(config.onvehicle_model_path, {.device = config.onvehicle_device})),
      compressor_(config.quic_snd_shm_filename, config.quic_shm_size, config.service_id,
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
      cloud_timer_(process.loop().timer([this](Time now) { deliver(now); })),
      again_timer_(process.loop().timer([this](Time now) { ask_for_frame(now); })) {
  process_.loop().on_readable(model_.fd(), [this](Time now) { on_model_done(now); });
  process_.loop().on_readable(compressor_.fd(), [this](Time now) { on_compressed(now); });
  process_.loop().every(1s, [this](Time now) { log_.settle(now); });
  ask_for_frame(EventLoop::now());
}

// ---- frames

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
  if (camera_trouble_.begin(what)) log_warning("the camera ", what, ": trying on");
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
  const ImageSize size{static_cast<int>(frame.height), static_cast<int>(frame.width)};
  if (!ledger_.on_frame(captured, frame.context_id, captured + config_.slo_timeout, region_of(choice_, size)))
    return camera_trouble(now, "gave a frame whose context id is not new");
  if (camera_trouble_.end()) log_info("the camera gives frames again");

  log_.on_frame(now, captured, frame.context_id, frame.capture_unix_s, choice_name_);
  under_way_[frame.context_id] = {choice_name_};
  const ImageView image =
      packed_view(static_cast<const std::uint8_t*>(camera_region_.bytes().data()) + frame.offset_bytes,
                  static_cast<int>(frame.height), static_cast<int>(frame.width));
  model_.start(frame.context_id, image);
  if (const std::string_view why = why_not_offloaded(captured); !why.empty()) {
    log_.on_not_offloaded(frame.context_id, why);
    ledger_.on_not_offloaded(now, frame.context_id);
  } else {
    compressor_.start(frame.context_id, captured + config_.slo_timeout - kDeliveryGuard, choice_, image);
  }
  deliver(EventLoop::now());
}

// Empty: it is to be sent. Else it is the vehicle's alone.
std::string_view Client::why_not_offloaded(Time captured) {
  if (!choice_is_remote_) return "vehicle chosen";
  if (quic_.busy()) return "busy";  // the QUIC client has not taken the frame before
  return turns_.take(captured, choice_.frames_per_s) ? "" : "turn";
}

void Client::on_compressed(Time now) {
  const auto result = compressor_.take();
  if (!result) return;
  if (const std::string why = why_not_sent(now, *result); !why.empty()) {
    if (sending_trouble_.begin(why)) log_warning("frame ", result->context_id, " was not sent: ", why);
    log_.on_not_offloaded(result->context_id, "compression");
    answer_alone(now, result->context_id);
  } else {
    if (sending_trouble_.end()) log_info("frames are sent again");
    quic_.request(now, format_size_notice({result->context_id, result->size_bytes}),
                  [this, id = result->context_id](Time at, const std::optional<Parts>& reply) {
                    on_quic_answer(at, id, reply);
                  });
    log_.on_offloaded(now, result->context_id, result->size_bytes);
    // The vehicle may have answered already, while the cloud is out of reach: what comes of this says whether
    // it is.
    if (const auto frame = under_way_.find(result->context_id); frame != under_way_.end())
      frame->second.offloaded = true;
    cloud_.on_offloaded(result->context_id, result->deadline + kDeliveryGuard);
    deliver(now);
  }
  give_frame_back(now);
}

void Client::on_quic_answer(Time now, std::uint64_t context_id, const std::optional<Parts>& reply) {
  const bool taken = reply && reply->size() == 1 && reply->front() == kAck;
  if (taken) {
    if (quic_trouble_.end()) log_info("the QUIC client takes frames again");
    return;
  }
  const std::string why = !reply           ? "did not answer in 1000 ms"
                          : reply->empty() ? "refused a frame"
                                           : "refused a frame: " + reply->front();
  if (quic_trouble_.begin(why)) log_warning("the QUIC client ", why, ": trying on");
  cloud_.on_withdrawn(context_id);
  answer_alone(now, context_id);
}

// No answer of the cloud will come.
void Client::answer_alone(Time now, std::uint64_t context_id) {
  ledger_.on_not_offloaded(now, context_id);
  deliver(now);
}

void Client::give_frame_back(Time now) {
  if (model_.idle() && compressor_.idle() && !finishing_) ask_for_frame(now);
}

// ---- answers

void Client::on_model_done(Time now) {
  auto result = model_.take();
  if (!result) return;
  if (result->error.empty()) {
    if (model_trouble_.end()) log_info("the on-vehicle model works again");
    log_.on_vehicle_result(result->context_id, result->detections, result->runtime);
    ledger_.on_vehicle_result(now, result->context_id, std::move(result->detections));
  } else {
    if (model_trouble_.begin(result->error)) log_warning("the on-vehicle model failed: ", result->error);
    ledger_.on_vehicle_failed(now, result->context_id);
  }
  deliver(now);
  give_frame_back(now);
}

Parts Client::on_result_notice(Time now, const Parts& request) {
  std::string error;
  const auto notice = parse_size_notice(request, error);
  if (!notice) return error_reply(error);
  if (!copy_message(result_region_.file(), notice->size_bytes, result_, error)) return error_reply(error);
  auto response = decode_server_response(split_message(result_).header, error);
  if (!response) return error_reply(error);
  if (response->context_id != notice->context_id) return error_reply("the region holds another context id");
  if (response->service_id != config_.service_id) return error_reply("an answer for another service");
  cloud_.on_answer(response->context_id);
  if (response->status != Status::kOk) {
    if (cloud_trouble_.begin(response->error))
      log_warning("the model server failed on frame ", response->context_id, ": ", response->error);
    answer_alone(now, response->context_id);
    return {std::string(kAck)};
  }
  if (cloud_trouble_.end()) log_info("the model server works again");
  const ArrivalReport arrival =
      ledger_.on_remote_result(now, response->context_id, std::move(response->detections));
  if (arrival.arrival != Arrival::kUnknown)
    log_.on_remote_result(
        response->context_id, arrival.latency,
        {response->queue_s, response->preprocessing_s, response->inference_s, response->overall_s});
  deliver(now);
  return {std::string(kAck)};
}

void Client::watch_cloud(Time now) {
  const bool was_out = ledger_.cloud_out();
  cloud_.advance(now);
  ledger_.set_cloud_out(cloud_.out());
  if (cloud_.out() && !was_out) log_warning("the cloud is out of reach: the vehicle answers alone, at once");
  if (!cloud_.out() && was_out) log_info("the cloud answers again");
  if (const auto next = cloud_.next_deadline())
    process_.loop().arm(cloud_timer_, *next);
  else
    process_.loop().disarm(cloud_timer_);
}

void Client::deliver(Time now) {
  watch_cloud(now);
  for (const Delivery& delivery : ledger_.take_due(now)) {
    log_.on_delivery(delivery, ledger_.cloud_out());
    report(delivery);
  }
  if (const auto next = ledger_.next_deadline())
    process_.loop().arm(deadline_timer_, *next);
  else
    process_.loop().disarm(deadline_timer_);
  if (finishing_ && ledger_.in_flight() == 0) process_.loop().stop();
}

void Client::finish() {
  EventLoop& loop = process_.loop();
  finishing_ = true;
  camera_.cancel();
  loop.disarm(again_timer_);
  const Time last = EventLoop::now() + std::min<Duration>(config_.slo_timeout + kFinishGrace, kLongestFinish);
  loop.arm(loop.timer([&loop](Time) { loop.stop(); }), last);
  // ABORT is told until the process has ended, and each stops the loop.
  while (ledger_.in_flight() > 0 && EventLoop::now() < last) loop.run();
  const auto left = under_way_;
  for (const auto& [context_id, frame] : left) answer_alone(EventLoop::now(), context_id);
}

void Client::report(const Delivery& delivery) {
  const auto node = under_way_.extract(delivery.context_id);
  const UnderWay frame = node.empty() ? UnderWay{} : node.mapped();
  const bool remote = delivery.source == ResultSource::kRemote;
  diagnostics_.publish(Json{
      {"plot_id", 1},
      {"service_id", config_.service_id},
      {"timestamp", unix_now()},
      {"remote_request_made", frame.offloaded},
      {"remote_request_successful", remote},
      {"context_id", delivery.context_id},
      {"source", remote                                      ? "remote"
                 : delivery.source == ResultSource::kVehicle ? "vehicle"
                                                             : "none"},
      {"latency_ms", milliseconds(delivery.latency)},
      {"late", delivery.late},
      {"cloud_out", ledger_.cloud_out()},
      {"detections", delivery.detections.size()},
      {"model_config",
       frame.model_config}}.dump());
}

// ---- the allocator's choice

void Client::on_allocation(const std::string& text) {
  const std::string error = take_allocation(text);
  if (error.empty()) {
    if (allocation_trouble_.end()) log_info("allocations are usable again");
  } else if (allocation_trouble_.begin(error)) {
    log_warning("an allocation is of no use: ", error, "; the choice stays ", choice_name_);
  }
}

// Returns why not.
std::string Client::take_allocation(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto map = json.is_object() ? json.find("model_config_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object())
    return "it is not JSON with a model_config_map";
  const auto mine = map->find(std::to_string(config_.service_id));
  if (mine == map->end()) return {};
  std::string error = "the configuration is not text";
  const auto choice = mine->is_string() ? parse_model_config(mine->get<std::string>(), &error) : std::nullopt;
  if (!choice) return error;
  const bool remote = choice->model != config_.onvehicle_model_name;
  if (remote && !compressor_.can_send(*choice))
    return "the input size of model " + choice->model + " is not configured";
  choice_ = *choice;
  choice_name_ = format_model_config(choice_);
  choice_is_remote_ = remote;
  return {};
}

}  // namespace turbo
