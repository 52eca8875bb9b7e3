#include "cloud/quic_server/cloud_end.h"

#include <algorithm>

#include "process/logging.h"

namespace turbo {
namespace {

// Beyond one message of the largest size: several of usual sizes may be on their way at a time.
constexpr std::uint64_t kMoreHalfReceivedBytes = 16 << 20;
constexpr std::uint64_t kMaxUnsentBytes = 256 << 10;  // to a vehicle that does not take its answers
constexpr std::size_t kMaxRefusalsTold = 64;
constexpr Duration kLogInterval = std::chrono::milliseconds(500);

QuicServerConfig quic_config(const QuicConfig& config, const HostPort& listen) {
  QuicServerConfig out{listen.host,
                       listen.port,
                       config.certificate_path,
                       config.private_key_path,
                       {},
                       config.fleet_ca_certificate_path,
                       config.revoked_certificates_path};
  out.settings.idle_timeout = config.idle_timeout;
  out.settings.max_connections = CloudEnd::kMaxVehicles;
  out.settings.max_connections_a_name = static_cast<std::uint32_t>(config.max_connections_per_vehicle);
  return out;
}

}  // namespace

CloudEnd::CloudEnd(Process& process, const QuicConfig& config, const HostPort& listen,
                   const std::string& run_folder)
    : config_(config),
      loop_(process.loop()),
      log_(run_folder + "/requests.jsonl"),
      services_(make_services(process)),
      quic_(quic_config(config, listen), *this) {
  loop_.on_readable(quic_.fd(), [this](Time now) {
    quic_.on_readable(now);
    arm();
  });
  timer_ = loop_.timer([this](Time now) {
    quic_.on_timer(now);
    arm();
  });
  loop_.every(kLogInterval, [this](Time) { log_.flush(); });
  log_info("listening on ", listen.host, " port ", quic_.port());
}

CloudEnd::~CloudEnd() { quic_.close(EventLoop::now()); }

CloudEnd::Services CloudEnd::make_services(Process& process) {
  Services services;
  for (const QuicServiceConfig& names : config_.services) {
    const auto id = static_cast<std::uint16_t>(names.service_id);
    const auto answer = [this, id](Time now, const RequestDesk::Asker& asker, const Buffer& message) {
      const auto size = static_cast<std::uint32_t>(message->size());
      send(asker.vehicle, {FrameType::kResponse, id, asker.context_id, kNoBudget, size}, message);
      quic_.write(now);
      arm();
    };
    const auto dropped = [this, id](Time now, const RequestDesk::Asker& asker) {
      tell_dropped(asker.vehicle, id, asker.context_id);
      loop_.arm(timer_, now);  // this may run within the endpoint's own calls, where write must not
    };
    services[id] =
        std::make_unique<ModelService>(process, names, config_.max_message_bytes, log_, answer, dropped);
  }
  return services;
}

void CloudEnd::arm() {
  const Time next = quic_.next_deadline();
  if (next == Time::max())
    loop_.disarm(timer_);
  else
    loop_.arm(timer_, next);
}

// ---- vehicles

CloudEnd::Vehicle& CloudEnd::vehicle(ConnectionId connection) {
  const VehicleStreams::Limits limits{
      .max_message_bytes = static_cast<std::uint32_t>(config_.max_message_bytes),
      .max_junk_bytes = kMaxJunkBytes,
      .max_half_received_bytes = config_.max_message_bytes + kMoreHalfReceivedBytes};
  return vehicles_.try_emplace(connection, Vehicle{{}, VehicleStreams(limits)}).first->second;
}

void CloudEnd::on_connected(ConnectionId connection, Time) {
  const std::string& name = vehicle(connection).name = quic_.peer_name(connection);
  log_info("vehicle ", name, " connected from ", quic_.peer_address(connection), " (connection ", connection,
           ")");
}

void CloudEnd::on_notice(std::string_view text, Time) { log_warning(text); }

void CloudEnd::on_disconnected(ConnectionId connection, std::string_view reason, Time) {
  const Vehicle& gone = vehicle(connection);
  log_info("vehicle ", gone.name, " gone (connection ", connection, "): ", reason, "; ", gone.requests,
           " requests, ", gone.answers, " answered, ", gone.dropped, " dropped unread");
  vehicles_.erase(connection);
  for (const auto& [id, service] : services_) service->forget(connection);
}

// ---- requests, from the vehicles to the model servers

std::string CloudEnd::on_stream_data(ConnectionId connection, StreamId stream,
                                     std::span<const std::uint8_t> data, bool end, Time now) {
  VehicleStreams& streams = vehicle(connection).streams;
  for (;;) {
    switch (streams.feed(stream, data, end, now)) {
      case VehicleStreams::Event::kNone:
        return {};
      case VehicleStreams::Event::kHello:
        greet(connection, streams.header().service_id);
        break;
      case VehicleStreams::Event::kRequest:
        take_request(connection, streams, now);
        // A stream that is kept open after its one frame keeps no memory.
        std::vector<std::uint8_t>().swap(streams.payload());
        break;
      case VehicleStreams::Event::kNoRoom:
        tell_dropped(connection, streams.header().service_id, streams.header().context_id);
        break;
      case VehicleStreams::Event::kBreach:
        return streams.breach();
    }
  }
}

void CloudEnd::on_stream_reset(ConnectionId connection, StreamId stream, Time) {
  if (const auto vehicle = vehicles_.find(connection); vehicle != vehicles_.end())
    vehicle->second.streams.on_reset(stream);
}

void CloudEnd::greet(ConnectionId connection, std::uint16_t service) {
  if (services_.contains(service)) return;
  send(connection, {FrameType::kRefusal, service, 0, kNoBudget, 0}, nullptr);
  if (refusals_told_.size() < kMaxRefusalsTold && refusals_told_.insert(service).second)
    log_warning("vehicle ", vehicle(connection).name, " asks for service ", service,
                ", which is not served here");
}

void CloudEnd::take_request(ConnectionId connection, VehicleStreams& streams, Time now) {
  const FrameHeader& header = streams.header();
  ++vehicle(connection).requests;
  const auto service = services_.find(header.service_id);
  if (service == services_.end()) return;  // its hello was, or will be, answered with a refusal
  Time deadline = Time::max();
  if (header.budget_us != kNoBudget)
    // The budget ran since the vehicle wrote the header; the way here and the way back take a round trip of
    // it.
    deadline = streams.began() + std::chrono::microseconds(header.budget_us) - quic_.info(connection).min_rtt;
  service->second->take(now, connection, header, streams.payload(), deadline);
}

// ---- answers, to the vehicle that asked

void CloudEnd::tell_dropped(ConnectionId connection, std::uint16_t service, std::uint64_t context_id) {
  send(connection, {FrameType::kDropped, service, context_id, kNoBudget, 0}, nullptr);
}

// To nobody when the vehicle has not greeted the service yet (an answer takes longer than that), or does not
// take what it gets.
void CloudEnd::send(ConnectionId connection, const FrameHeader& header, const Buffer& payload) {
  const auto vehicle = vehicles_.find(connection);
  if (vehicle == vehicles_.end()) return;
  const auto stream = vehicle->second.streams.stream_of(header.service_id);
  if (!stream || quic_.unsent_bytes(connection, *stream) > kMaxUnsentBytes) return;
  auto raw = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
  encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
  quic_.send(connection, *stream, std::move(raw));
  if (payload) quic_.send(connection, *stream, payload);
  vehicle->second.answers += header.type == FrameType::kResponse;
  vehicle->second.dropped += header.type == FrameType::kDropped;
}

}  // namespace turbo
