#include "vehicle/quic_client/vehicle_end.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "process/logging.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"
#include "vehicle/quic_client/allocation_reply.h"

namespace turbo {
namespace {

constexpr Duration kClientAckTimeout = std::chrono::milliseconds(1000);
constexpr std::uint32_t kMaxJunkBytes = 4 << 20;  // what the other end takes
constexpr int kPumpRounds = 4;
constexpr std::uint64_t kSmallestPacketBytes = 1'200;  // less of a frame is not worth a packet

QuicClientConfig quic_config(const QuicConfig& config, const HostPort& server) {
  QuicClientConfig out{server.host,
                       server.port,
                       config.server_name,
                       config.ca_certificate_path,
                       static_cast<std::uint32_t>(config.services.size()),
                       {},
                       config.vehicle_certificate_path,
                       config.vehicle_private_key_path};
  out.settings.idle_timeout = config.idle_timeout;
  return out;
}

double all_services_bps(const QuicConfig& config) {
  return config.init_allocation_bytes_per_s * 8 * static_cast<double>(config.services.size());
}

FrameLimits limits(const QuicConfig& config) {
  return service_stream_at_vehicle(static_cast<std::uint32_t>(config.max_message_bytes));
}

}  // namespace

struct VehicleEnd::Service {
  int id;
  StreamId stream;
  std::optional<StreamId> frame_stream;  // of the frame being sent
  ServiceUplink uplink;
  FrameParser parser;
  BufferPool responses;
  MessageOutbox outbox;
  MessageInbox inbox;
  std::uint64_t sent_bytes = 0, received_bytes = 0;  // since the last diagnostics
  std::uint64_t dropped_by_cloud = 0;                // requests whose budget was gone there
  bool bad_response_told = false;
  bool refused = false;  // by the cloud, on this connection
  bool refusal_told = false;
};

VehicleEnd::VehicleEnd(Process& process, const QuicConfig& config, const HostPort& server)
    : config_(config),
      loop_(process.loop()),
      estimator_(all_services_bps(config)),
      probe_({config.enable_junk_service, config.junk_restart_interval,
              std::min<std::uint64_t>(kMaxJunkBytes,
                                      static_cast<std::uint64_t>(config.max_junk_payload_bits / 8))}),
      allocator_(process.ipc(), loop_, config.bw_service_sockname, config.bw_update_interval),
      diagnostics_(process.ipc(), config.diagnostics_sockname),
      quic_(quic_config(config, server), *this, EventLoop::now()),
      diagnosed_at_(EventLoop::now()) {
  for (const QuicServiceConfig& names : config_.services) make_service(process, names, diagnosed_at_);
  loop_.on_readable(quic_.fd(), [this](Time now) {
    quic_.on_readable(now);
    pump(now);
  });
  timer_ = loop_.timer([this](Time now) {
    quic_.on_timer(now);
    pump(now);
  });
  loop_.every(config_.bw_update_interval, [this](Time now) { report_bandwidth(now); });
  loop_.every(config_.junk_tx_loop_interval, [this](Time now) { probe(now); });
  loop_.every(config_.logging_interval, [this](Time now) { publish_diagnostics(now); });
  arm(diagnosed_at_);
}

VehicleEnd::~VehicleEnd() { quic_.close(EventLoop::now()); }

void VehicleEnd::make_service(Process& process, const QuicServiceConfig& names, Time now) {
  const std::size_t index = services_.size();
  const auto id = static_cast<std::uint16_t>(names.service_id);
  const ServiceUplink::Settings settings{id, config_.init_allocation_bytes_per_s * 8, config_.slo_timeout,
                                         config_.request_slo};
  services_.emplace_back(new Service{
      .id = names.service_id,
      .stream = bidirectional_stream(index),
      .frame_stream = {},
      .uplink = ServiceUplink(settings, now),
      .parser = FrameParser(limits(config_), id),
      .responses = {},
      .outbox = MessageOutbox(process.ipc(), loop_, names.client_incoming_sockname, names.client_outgoing_shm,
                              kClientAckTimeout,
                              [name = names.service_id](const std::string& why) {
                                if (why.empty())
                                  log_info("client ", name, " takes answers again");
                                else
                                  log_warning("client ", name, " does not take answers: ", why);
                              }),
      .inbox = MessageInbox(process.ipc(), loop_, names.client_outgoing_sockname, names.client_incoming_shm,
                            config_.max_message_bytes,
                            [this, index](Time at, std::uint64_t context_id, const Buffer& message) {
                              return take_request(*services_[index], at, context_id, message);
                            })});
}

// ---- requests, from the clients to the cloud

std::string VehicleEnd::take_request(Service& service, Time now, std::uint64_t context_id,
                                     const Buffer& message) {
  const MessageView view = split_message(*message);
  std::string error;
  const auto request = decode_server_request(view.header, error);
  if (!request) return error;
  if (request->context_id != context_id) return "the message is of another context id than the notice";
  if (request->service_id != service.id) return "the message is of another service";
  if (request->payload_bytes != view.payload.size()) return "the image is not as long as its header says";
  if (service.refused) return {};
  service.uplink.on_frame(now, context_id, message);
  pump(now);
  return {};
}

bool VehicleEnd::sends_frames() const {
  return std::any_of(services_.begin(), services_.end(), [&](const auto& service) {
    return service->frame_stream && quic_.unsent_bytes(*service->frame_stream) > 0;
  });
}

void VehicleEnd::stop_junk() {
  if (junk_stream_) quic_.reset(*junk_stream_);
  junk_stream_.reset();
}

void VehicleEnd::pump(Time now) {
  bool progress = true;
  for (int round = 0; round < kPumpRounds && progress; ++round) {
    progress = false;
    for (const auto& service : services_) {
      service->uplink.expire(now);
      if (quic_.connection() == 0 || service->refused) continue;
      const bool drained = !service->frame_stream || quic_.unsent_bytes(*service->frame_stream) == 0;
      auto out = service->uplink.next(now, drained);
      if (!out) continue;
      stop_junk();
      service->frame_stream = quic_.open_stream();
      if (!service->frame_stream) continue;
      quic_.send(*service->frame_stream, std::move(out->header));
      quic_.send(*service->frame_stream, std::move(out->message), true);
      progress = true;
    }
    quic_.write(now);
  }
  if (!sends_frames() && (!junk_stream_ || quic_.unsent_bytes(*junk_stream_) == 0))
    estimator_.on_app_limited(now);
  arm(now);
}

void VehicleEnd::arm(Time now) {
  Time next = quic_.next_deadline();
  for (const auto& service : services_)
    next = std::min(next, service->uplink.next_deadline(
                              now, service->frame_stream ? quic_.unsent_bytes(*service->frame_stream) : 0));
  if (next == Time::max())
    loop_.disarm(timer_);
  else
    loop_.arm(timer_, next);
}

std::optional<StreamTurn> VehicleEnd::next_turn(ConnectionId, Time now) {
  for (std::size_t tried = 0; tried < services_.size(); ++tried) {
    last_turn_ = (last_turn_ + 1) % services_.size();
    const Service& service = *services_[last_turn_];
    if (!service.frame_stream) continue;
    const std::uint64_t unsent = quic_.unsent_bytes(*service.frame_stream);
    const std::uint64_t allowance = service.uplink.allowance(now);
    if (unsent > 0 && allowance >= std::min<std::uint64_t>(unsent, kSmallestPacketBytes))
      return StreamTurn{*service.frame_stream, allowance};
  }
  if (!junk_stream_ || sends_frames()) return std::nullopt;  // junk never takes a frame's place
  return StreamTurn{*junk_stream_, kMaxJunkBytes};
}

void VehicleEnd::on_sent(ConnectionId, StreamId stream, std::uint64_t bytes, Time now) {
  if (stream == junk_stream_) junk_sent_ += bytes;
  for (const auto& service : services_) {
    if (service->frame_stream != stream) continue;
    service->uplink.on_sent(now, bytes);
    service->sent_bytes += bytes;
  }
}

void VehicleEnd::on_flight(ConnectionId, const Flight& flight, Time now) {
  if (flight.sent_bytes > 0) estimator_.on_sent(now, static_cast<std::int64_t>(flight.sent_bytes));
  const auto left = static_cast<std::int64_t>(flight.acknowledged_bytes + flight.lost_bytes);
  if (left > 0) estimator_.on_acked(now, left, quic_.info().smoothed_rtt);
}

void VehicleEnd::probe(Time now) {
  if (quic_.connection() == 0) return;
  bool idle = !junk_stream_ || quic_.unacknowledged_bytes(*junk_stream_) == 0;
  for (const auto& service : services_) idle = idle && !service->uplink.has_work();
  const BandwidthReport report = estimator_.report(now);
  const std::uint32_t size = probe_.due_bytes(now, report.rate_bps, report.age, idle);
  if (size == 0) return;
  junk_stream_ = quic_.open_stream();
  if (!junk_stream_) return;
  auto junk = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes + size);
  encode({FrameType::kJunk, kJunkServiceId, 0, kNoBudget, size},
         std::span<std::uint8_t, kFrameHeaderBytes>(junk->data(), kFrameHeaderBytes));
  quic_.send(*junk_stream_, std::move(junk), true);
  pump(now);
}

// ---- the connection

void VehicleEnd::on_confirmed(ConnectionId, Time) {
  log_info("connected to the cloud");
  last_trouble_.clear();
}

void VehicleEnd::on_connected(ConnectionId, Time) {
  for (const auto& service : services_) {
    const auto id = static_cast<std::uint16_t>(service->id);
    service->parser = FrameParser(limits(config_), id);
    service->refused = false;
    auto hello = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
    encode({FrameType::kHello, id, 0, kNoBudget, 0},
           std::span<std::uint8_t, kFrameHeaderBytes>(hello->data(), kFrameHeaderBytes));
    quic_.send(service->stream, std::move(hello));
  }
}

void VehicleEnd::on_disconnected(ConnectionId, std::string_view reason, Time now) {
  if (reason != last_trouble_) log_warning("no connection to the cloud: ", reason, "; trying again");
  last_trouble_ = reason;
  estimator_.on_connection_lost(now);
  for (const auto& service : services_) {
    service->uplink.on_disconnected(now);
    service->frame_stream.reset();
    service->refused = false;
  }
  junk_stream_.reset();
}

// ---- answers, from the cloud to the clients

std::string VehicleEnd::on_stream_data(ConnectionId, StreamId stream, std::span<const std::uint8_t> data,
                                       bool end, Time now) {
  Service& service = *services_[static_cast<std::size_t>(stream) / 4];
  service.received_bytes += data.size();
  while (!data.empty()) {
    const auto step = service.parser.feed(data);
    if (step == FrameParser::Step::kError) return describe(service.parser.error());
    if (step != FrameParser::Step::kFrame) continue;
    if (service.parser.header().type == FrameType::kResponse) take_response(service, now);
    if (service.parser.header().type == FrameType::kRefusal) take_refusal(service, now);
    if (service.parser.header().type == FrameType::kDropped) ++service.dropped_by_cloud;
  }
  return end ? "the cloud ended a service's stream" : "";
}

void VehicleEnd::take_refusal(Service& service, Time now) {
  service.refused = true;
  if (service.frame_stream) quic_.reset(*service.frame_stream);
  service.frame_stream.reset();
  service.uplink.on_disconnected(now);
  if (!service.refusal_told)
    log_warning("the cloud does not serve service ", service.id,
                ": its requests are dropped; list it in the services of both ends");
  service.refusal_told = true;
}

void VehicleEnd::take_response(Service& service, Time now) {
  const Buffer message = service.responses.take();
  std::swap(*message, service.parser.payload());
  std::string error;
  const auto response = decode_server_response(split_message(*message).header, error);
  if (response && response->context_id == service.parser.header().context_id &&
      response->service_id == service.id)
    return service.outbox.post(now, response->context_id, message);
  if (service.bad_response_told) return;
  service.bad_response_told = true;
  log_warning("an answer of service ", service.id,
              " is dropped: ", error.empty() ? "it is of another context or service" : error,
              "; further ones are not told of");
}

// ---- the allocator and the plotter

void VehicleEnd::report_bandwidth(Time now) {
  const bool connected = quic_.confirmed();
  const BandwidthReport report = estimator_.report(now);
  const QuicInfo info = quic_.info();
  // Without a connection the link carries nothing.
  const nlohmann::json message{{"bw", connected ? report.rate_bps / 1e6 : 0.0},
                               {"rtt", milliseconds(info.smoothed_rtt)},
                               {"min_rtt", milliseconds(info.min_rtt)},
                               {"app_limited", report.app_limited},
                               {"connected", connected}};
  allocator_.request(now, {message.dump()},
                     [this](Time at, const std::optional<Parts>& reply) { apply_allocation(at, reply); });
}

void VehicleEnd::apply_allocation(Time now, const std::optional<Parts>& reply) {
  std::string trouble;
  if (!reply || reply->size() != 1) {
    trouble = reply ? "an answer of several parts" : "no answer in time";
  } else if (const auto rates = parse_allocation(reply->front(), trouble)) {
    for (const auto& service : services_)
      if (const auto rate = rates->find(service->id); rate != rates->end())
        service->uplink.set_rate(now, rate->second);
    pump(now);
  }
  if (trouble != allocator_trouble_) {
    if (trouble.empty())
      log_info("the bandwidth allocator decides again");
    else
      log_warning("the bandwidth allocator: ", trouble, "; the last allocation stays");
  }
  allocator_trouble_ = trouble;
}

void VehicleEnd::publish_diagnostics(Time now) {
  const double elapsed = std::max(1e-3, seconds(now - diagnosed_at_));
  diagnosed_at_ = now;
  const auto mbps = [&](std::uint64_t bytes) { return static_cast<double>(bytes) * 8e-6 / elapsed; };
  const double unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const BandwidthReport report = estimator_.report(now);
  for (const auto& service : services_) {
    const FreshnessCounts& counts = service->uplink.counts();
    nlohmann::json message{{"plot_id", 3},
                           {"service_id", service->id},
                           {"timestamp", unix_s},
                           {"max_limit", service->uplink.rate_bps() / 1e6},
                           {"snd_rate", mbps(service->sent_bytes)},
                           {"recv_rate", mbps(service->received_bytes)},
                           {"frames_displaced", counts.displaced},
                           {"frames_expired", counts.expired},
                           {"frames_sent", counts.popped},
                           {"frames_dropped_by_cloud", service->dropped_by_cloud}};
    if (service == services_.front()) {
      const QuicInfo info = quic_.info();
      message["estimate"] = report.rate_bps / 1e6;
      message["app_limited"] = report.app_limited;
      message["rtt"] = milliseconds(info.smoothed_rtt);
      message["min_rtt"] = milliseconds(info.min_rtt);
      message["cwnd_bytes"] = info.congestion_window_bytes;
      message["bytes_in_flight"] = info.bytes_in_flight;
      message["junk_rate"] = mbps(junk_sent_);
      message["connected"] = quic_.confirmed();
      junk_sent_ = 0;
    }
    service->sent_bytes = service->received_bytes = 0;
    diagnostics_.publish(message.dump());
  }
}

}  // namespace turbo
