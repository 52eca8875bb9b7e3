#include "lab/bench/frame_doubles.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "schema/channels.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

constexpr std::size_t kSmallRegionBytes = 1 << 20;  // of answers
constexpr Duration kAckTimeout = std::chrono::milliseconds(1000);
constexpr double kLeastShareMbps = 0.05;  // an estimate of nothing must not close the services for good

std::string endpoint(const RoadNames& names, std::string_view pattern) {
  return "ipc://" + names.zmq_dir + "/" + channel_name(pattern, names.service_id);
}
std::string region(const RoadNames& names, std::string_view pattern) {
  return channel_name(pattern, names.service_id);
}
std::size_t request_region_bytes(std::uint32_t frame_bytes) { return frame_bytes + kSmallRegionBytes; }

void write_request(std::uint64_t context_id, int service_id, std::uint32_t frame_bytes, Time deadline,
                   std::vector<std::uint8_t>& message) {
  const ModelServerRequest request{.context_id = context_id,
                                   .service_id = service_id,
                                   .model_config = "td2-imgcompNone-inpcomp50",
                                   .form = ImageForm::kJpeg,
                                   .height = 768,
                                   .width = 768,
                                   .frame_height = 1080,
                                   .frame_width = 1920,
                                   .payload_bytes = frame_bytes,
                                   .deadline_monotonic_ns = deadline.time_since_epoch().count()};
  const auto header = encode(request);
  message.resize(payload_offset(header.size()) + frame_bytes);
  std::copy(header.begin(), header.end(), message.begin());
}

}  // namespace

ClientDouble::ClientDouble(IpcContext& ipc, EventLoop& loop, const RoadNames& names, std::size_t service,
                           const Offer& offer, FrameRecord& record)
    : loop_(loop),
      record_(record),
      service_(service),
      service_id_(names.service_id),
      offer_(offer),
      out_(region(names, channel_names::region("client-service{N}-incoming-shm")),
           request_region_bytes(offer.frame_bytes)),
      back_(region(names, channel_names::region("client-service{N}-outgoing-shm")), kSmallRegionBytes),
      requests_(ipc, loop, endpoint(names, channel_names::socket("car-server-outgoing-{N}")),
                region(names, channel_names::region("client-service{N}-incoming-shm")), kAckTimeout,
                [](const std::string&) {}),
      answers_(ipc, loop, endpoint(names, channel_names::socket("car-server-incoming-{N}")),
               region(names, channel_names::region("client-service{N}-outgoing-shm")), kSmallRegionBytes,
               [this](Time now, std::uint64_t context_id, const Buffer&) {
                 record_.answered(context_id, now);
                 return std::string();
               }),
      timer_(loop.timer([this](Time now) { this->offer(now); })) {}

void ClientDouble::begin(Time now) {
  next_ = now + offer_.first_after;
  loop_.arm(timer_, next_);
}

void ClientDouble::offer(Time now) {
  if (ended_) return;
  const Buffer message = messages_.take();
  const std::uint64_t context_id = record_.hand_over(service_, offer_.frame_bytes, now);
  const Time deadline = offer_.slo > Duration::zero() ? now + offer_.slo : Time{};
  write_request(context_id, service_id_, offer_.frame_bytes, deadline, *message);
  requests_.post(now, context_id, message);
  next_ = std::max(next_ + offer_.interval, now);
  loop_.arm(timer_, next_);
}

ModelDouble::ModelDouble(IpcContext& ipc, EventLoop& loop, const RoadNames& names, Duration service_time,
                         FrameRecord& record)
    : loop_(loop),
      record_(record),
      service_id_(names.service_id),
      service_time_(service_time),
      in_(region(names, channel_names::region("server-service{N}-outgoing-shm")), kRegionBytes),
      out_(region(names, channel_names::region("server-service{N}-incoming-shm")), kSmallRegionBytes),
      answers_(ipc, loop, endpoint(names, channel_names::socket("remote-server-incoming-{N}")),
               region(names, channel_names::region("server-service{N}-incoming-shm")), kAckTimeout,
               [](const std::string&) {}),
      requests_(ipc, loop, endpoint(names, channel_names::socket("remote-server-outgoing-{N}")),
                region(names, channel_names::region("server-service{N}-outgoing-shm")), kRegionBytes,
                [this](Time now, std::uint64_t context_id, const Buffer&) {
                  record_.arrived(context_id, now);
                  const auto at = std::make_shared<EventLoop::Id>();
                  *at = loop_.timer([this, context_id, at](Time due) {
                    loop_.remove(*at);
                    answer(context_id, due);
                  });
                  loop_.arm(*at, now + service_time_);
                  return std::string();
                }) {}

void ModelDouble::answer(std::uint64_t context_id, Time now) {
  const double took_s = seconds(service_time_);
  const ModelServerResponse response{.context_id = context_id,
                                     .service_id = service_id_,
                                     .model_config = "td2-imgcompNone-inpcomp50",
                                     .status = Status::kOk,
                                     .error = {},
                                     .detections = {{{1, 2, 3, 4}, 0.5f, 1}},
                                     .inference_s = took_s,
                                     .overall_s = took_s};
  answers_.post(now, context_id, std::make_shared<std::vector<std::uint8_t>>(encode(response)));
}

AllocatorDouble::AllocatorDouble(IpcContext& ipc, EventLoop& loop, const std::string& zmq_dir,
                                 std::vector<int> service_ids, std::vector<double> rates_mbps,
                                 FrameRecord& record)
    : service_ids_(std::move(service_ids)),
      rates_mbps_(std::move(rates_mbps)),
      record_(record),
      responder_(ipc, loop,
                 "ipc://" + zmq_dir + "/" + std::string(channel_names::socket("car-server-bw-service")),
                 [this](Time now, const Parts& request) { return allocate(now, request); }) {}

Parts AllocatorDouble::allocate(Time now, const Parts& request) {
  const auto report = nlohmann::json::parse(request.front());
  record_.note("report", report.dump(), now);
  const double share =
      std::max(kLeastShareMbps, report.value("bw", 0.0) / static_cast<double>(service_ids_.size()));
  nlohmann::json rates = nlohmann::json::object();
  for (std::size_t i = 0; i < service_ids_.size(); ++i)
    rates[std::to_string(service_ids_[i])] = rates_mbps_.empty() ? share : rates_mbps_[i];
  return {nlohmann::json{
      {"allocation_map", rates}, {"expected_utility", 0.5}, {"model_config_map", nlohmann::json::object()}}
              .dump()};
}

}  // namespace turbo
