#include "vehicle/quic_client/vehicle_end.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/uplink/service_meter.h"
#include "process/logging.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"
#include "vehicle/quic_client/allocation_reply.h"

namespace turbo {
namespace {

using Json = nlohmann::json;

constexpr Duration kClientAckTimeout = std::chrono::milliseconds(1000);

CloudConnection::Settings connection_settings(const QuicConfig& config, const HostPort& server) {
  CloudConnection::Settings out;
  out.quic = {server.host,
              server.port,
              config.server_name,
              config.ca_certificate_path,
              static_cast<std::uint32_t>(config.services.size()),
              {},
              config.vehicle_certificate_path,
              config.vehicle_private_key_path};
  out.quic.settings.idle_timeout = config.idle_timeout;
  out.uplink = {config.share_leftover, config.cancel_stale, config.newest_first};
  const double rate_bps = config.init_allocation_bytes_per_s * 8;
  for (std::size_t i = 0; i < config.services.size(); ++i)
    out.services.push_back(
        {.service_id = static_cast<std::uint16_t>(config.services[i].service_id),
         .rate_bps = rate_bps,
         .weight = config.leftover_weights.empty() ? 1.0 : static_cast<double>(config.leftover_weights[i]),
         .queue_slo = config.slo_timeout});
  out.estimator.initial_bps = rate_bps * static_cast<double>(config.services.size());
  if (config.window_over_rtt) out.estimator.formula = DeliveryRateEstimator::Formula::kWindowOverRtt;
  out.probe = {config.enable_junk_service, config.junk_restart_interval,
               static_cast<std::int64_t>(config.max_junk_payload_bits / 8), config.junk_max_share};
  out.probe_interval = config.junk_tx_loop_interval;
  out.max_answer_bytes = static_cast<std::uint32_t>(config.max_message_bytes);
  return out;
}

// {"p50": ..., "p95": ...} of values times `unit`; null before there are any.
Json quantiles(const RecentQuantiles& recent, double unit) {
  const auto middle = recent.quantile(0.5), high = recent.quantile(0.95);
  if (!middle) return nullptr;
  return {{"p50", *middle * unit}, {"p95", *high * unit}};
}

}  // namespace

struct VehicleEnd::Service {
  int id;
  BufferPool responses;
  MessageOutbox outbox;
  MessageInbox inbox;
  ServiceMeter meter = {};
  std::optional<Duration> cloud_time = {};                     // as expected of the next frame
  std::uint64_t sent_bytes_told = 0, received_bytes_told = 0;  // by diagnostics
  bool bad_response_told = false;
  bool refusal_told = false;
};

VehicleEnd::VehicleEnd(Process& process, const QuicConfig& config, const HostPort& server,
                       const std::string& run_folder)
    : config_(config),
      loop_(process.loop()),
      allocator_(process.ipc(), loop_, config.bw_service_sockname, config.bw_update_interval),
      diagnostics_(process.ipc(), config.diagnostics_sockname),
      frames_(run_folder + "/frames.jsonl"),
      cloud_(loop_, connection_settings(config, server), *this),
      diagnosed_at_(EventLoop::now()) {
  for (const QuicServiceConfig& names : config_.services) make_service(process, names);
  loop_.every(config_.bw_update_interval, [this](Time now) { report_bandwidth(now); });
  loop_.every(config_.logging_interval, [this](Time now) {
    publish_diagnostics(now);
    frames_.flush();
  });
}

VehicleEnd::~VehicleEnd() = default;

void VehicleEnd::make_service(Process& process, const QuicServiceConfig& names) {
  const std::size_t index = services_.size();
  services_.emplace_back(new Service{
      .id = names.service_id,
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
                              return take_request(index, at, context_id, message);
                            })});
}

// ---- requests, from the clients to the cloud

std::string VehicleEnd::take_request(std::size_t index, Time now, std::uint64_t context_id,
                                     const Buffer& message) {
  const MessageView view = split_message(*message);
  std::string error;
  const auto request = decode_server_request(view.header, error);
  if (!request) return error;
  if (request->context_id != context_id) return "the message is of another context id than the notice";
  if (request->service_id != services_[index]->id) return "the message is of another service";
  if (request->payload_bytes != view.payload.size()) return "the image is not as long as its header says";
  const Time deadline = answer_deadline(*request, now).value_or(now + config_.request_slo);
  services_[index]->meter.on_frame(context_id, request->model_config,
                                   static_cast<std::int64_t>(kFrameHeaderBytes + message->size()), deadline);
  cloud_.send_frame(now, index, context_id, message, deadline);
  return {};
}

// ---- the connection

void VehicleEnd::on_connected(Time now) {
  log_info("connected to the cloud");
  last_trouble_.clear();
  report_bandwidth(now);
}

void VehicleEnd::on_disconnected(std::string_view reason, Time now) {
  for (const auto& service : services_) service->meter.on_disconnected();
  if (reason != last_trouble_) {
    log_warning("no connection to the cloud: ", reason, "; trying again");
    report_bandwidth(now);
  }
  last_trouble_ = reason;
}

void VehicleEnd::on_refused(std::size_t index, Time) {
  Service& service = *services_[index];
  if (!service.refusal_told)
    log_warning("the cloud does not serve service ", service.id,
                ": its requests are dropped; list it in the services of both ends");
  service.refusal_told = true;
}

void VehicleEnd::on_end(const EndedFrame& ended) {
  Service& service = *services_[ended.service];
  frames_.add(service.id, ended);
  service.meter.on_end(ended.context_id, ended.end, cloud_.connected());
}

// ---- answers, from the cloud to the clients

void VehicleEnd::on_answer(std::size_t index, std::uint64_t context_id, std::vector<std::uint8_t>& payload,
                           std::optional<Duration> cloud, Time now) {
  Service& service = *services_[index];
  const Buffer message = service.responses.take();
  std::swap(*message, payload);
  std::string error;
  const auto response = decode_server_response(split_message(*message).header, error);
  if (response && response->context_id == context_id && response->service_id == service.id) {
    const bool ok = response->status == Status::kOk;
    service.meter.on_answer(now, context_id,
                            ok ? std::optional(from_seconds(response->overall_s)) : std::nullopt, cloud);
    if (const auto expected = service.meter.cloud_s().quantile(0.5)) {
      service.cloud_time = from_seconds(*expected);
      cloud_.set_cloud_time(index, *service.cloud_time);
    }
    return service.outbox.post(now, response->context_id, message);
  }
  if (service.bad_response_told) return;
  service.bad_response_told = true;
  log_warning("an answer of service ", service.id,
              " is dropped: ", error.empty() ? "it is of another context or service" : error,
              "; further ones are not told of");
}

// ---- the allocator and the plotter

void VehicleEnd::report_bandwidth(Time now) {
  if (allocator_.busy()) return;  // what is counted waits for a report that is sent
  const bool connected = cloud_.connected();
  const LinkEstimate link = cloud_.estimate(now);
  Json services = Json::object();
  for (const auto& service : services_) {
    ServiceMeter& meter = service->meter;
    const ServiceMeter::Counts counts = meter.take_counts(now);
    services[std::to_string(service->id)] = {
        {"config", meter.choice().empty() ? Json() : Json(meter.choice())},
        {"finished", counts.finished},
        {"in_time", counts.in_time},
        {"all_finished", counts.all_finished},
        {"all_in_time", counts.all_in_time},
        {"frame_bytes", quantiles(meter.frame_bytes(), 1)},
        {"server_ms", quantiles(meter.server_s(), 1e3)},
        {"cloud_ms", quantiles(meter.cloud_s(), 1e3)}};
  }
  // Without a connection the link carries nothing.
  const Json message{{"bw", connected ? link.rate_bps / 1e6 : 0.0},
                     {"rtt", milliseconds(cloud_.info().smoothed_rtt)},
                     {"bw_low", connected ? link.low_bps / 1e6 : 0.0},
                     {"bw_high", connected ? link.high_bps / 1e6 : 0.0},
                     {"min_rtt", milliseconds(cloud_.info().min_rtt)},
                     {"app_limited", link.app_limited},
                     {"connected", connected},
                     {"services", std::move(services)}};
  allocator_.request(now, {message.dump()},
                     [this](Time at, const std::optional<Parts>& reply) { apply_allocation(at, reply); });
}

void VehicleEnd::apply_allocation(Time now, const std::optional<Parts>& reply) {
  std::string trouble;
  if (!reply || reply->size() != 1) {
    trouble = reply ? "an answer of several parts" : "no answer in time";
  } else if (const auto rates = parse_allocation(reply->front(), trouble)) {
    for (std::size_t i = 0; i < services_.size(); ++i) {
      const auto found = rates->find(services_[i]->id);
      if (found == rates->end()) continue;
      const ServiceAllocation& mine = found->second;
      if (!mine.config.empty()) services_[i]->meter.on_choice(mine.config, mine.frames_name);
      cloud_.set_allocation(now, i, mine.guaranteed_bps, mine.limit_bps);
    }
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
  const auto mbps_since = [&](std::uint64_t bytes, std::uint64_t& told) {
    const double rate = static_cast<double>(bytes - told) * 8e-6 / elapsed;
    told = bytes;
    return rate;
  };
  const double unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  const LinkEstimate link = cloud_.estimate(now);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    Service& service = *services_[i];
    const UplinkCounts& counts = cloud_.uplink().counts(i);
    const CloudConnection::Traffic& traffic = cloud_.traffic(i);
    Json message{{"plot_id", 3},
                 {"service_id", service.id},
                 {"timestamp", unix_s},
                 {"cloud_ms", service.cloud_time ? Json(milliseconds(*service.cloud_time)) : Json()},
                 {"max_limit", cloud_.uplink().guaranteed_bps(i) / 1e6},
                 {"snd_rate", mbps_since(traffic.sent_bytes, service.sent_bytes_told)},
                 {"recv_rate", mbps_since(traffic.received_bytes, service.received_bytes_told)},
                 {"frames_displaced", counts.displaced},
                 {"frames_expired", counts.expired},
                 {"frames_hopeless", counts.hopeless},
                 {"frames_cancelled", counts.cancelled},
                 {"frames_cancelled_for_fresher", counts.cancelled_for_fresher},
                 {"frames_abandoned", counts.abandoned},
                 {"frames_refused", counts.dropped},
                 {"frames_sent", counts.finished},
                 {"frames_dropped_by_cloud", traffic.dropped_by_cloud},
                 {"cancelled_bytes", counts.cancelled_bytes}};
    if (i == 0) {
      const QuicInfo info = cloud_.info();
      message["estimate"] = link.rate_bps / 1e6;
      message["estimate_low"] = link.low_bps / 1e6;
      message["estimate_high"] = link.high_bps / 1e6;
      message["app_limited"] = link.app_limited;
      message["rtt"] = milliseconds(info.smoothed_rtt);
      message["min_rtt"] = milliseconds(info.min_rtt);
      message["cwnd_bytes"] = info.congestion_window_bytes;
      message["bytes_in_flight"] = info.bytes_in_flight;
      message["junk_rate"] = mbps_since(cloud_.junk_bytes(), junk_told_);
      message["congestion_restarts"] = cloud_.congestion_restarts();
      message["connected"] = cloud_.connected();
    }
    diagnostics_.publish(message.dump());
  }
}

}  // namespace turbo
