#include "cloud/quic_server/cloud_end.h"

#include <algorithm>

#include "process/logging.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

constexpr Duration kModelServerAckTimeout = std::chrono::milliseconds(1000);
constexpr std::uint32_t kMaxJunkBytes = 4 << 20;
constexpr std::uint64_t kMaxUnsentAnswerBytes = 1 << 20;  // to a vehicle that does not take them
constexpr std::size_t kMaxRefusalsTold = 64;
constexpr std::uint32_t kMaxVehicles = 8;  // each may have a whole frame half received, a service

QuicServerConfig quic_config(const QuicConfig& config, const HostPort& listen) {
  QuicServerConfig out{listen.host,
                       listen.port,
                       config.certificate_path,
                       config.private_key_path,
                       {},
                       config.fleet_ca_certificate_path,
                       config.revoked_certificates_path};
  out.settings.idle_timeout = config.idle_timeout;
  out.settings.max_connections = kMaxVehicles;
  return out;
}

}  // namespace

struct CloudEnd::Service {
  int id;
  AskerTable askers;
  BufferPool requests;
  MessageOutbox outbox;
  MessageInbox inbox;
  bool bad_request_told = false;
  bool shared_context_told = false;
};

CloudEnd::CloudEnd(Process& process, const QuicConfig& config, const HostPort& listen)
    : config_(config),
      loop_(process.loop()),
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
  log_info("listening on ", listen.host, " port ", quic_.port());
}

CloudEnd::~CloudEnd() { quic_.close(EventLoop::now()); }

CloudEnd::Services CloudEnd::make_services(Process& process) {
  Services services;
  for (const QuicServiceConfig& names : config_.services) {
    const int id = names.service_id;
    services[id].reset(new Service{
        .id = id,
        .askers = AskerTable(),
        .requests = {},
        .outbox = MessageOutbox(process.ipc(), loop_, names.server_outgoing_sockname,
                                names.server_outgoing_shm, kModelServerAckTimeout,
                                [id](const std::string& why) {
                                  if (why.empty())
                                    log_info("model server ", id, " takes requests again");
                                  else
                                    log_warning("model server ", id, " does not take requests: ", why);
                                }),
        .inbox = MessageInbox(process.ipc(), loop_, names.server_incoming_sockname, names.server_incoming_shm,
                              config_.max_message_bytes,
                              [this, id](Time now, std::uint64_t context_id, const Buffer& message) {
                                return take_response(*services_.at(id), now, context_id, message);
                              })});
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

// ---- connections

void CloudEnd::on_connected(ConnectionId connection, Time) {
  const std::string& name = vehicles_[connection] = quic_.peer_name(connection);
  log_info("vehicle ", name, " connected (connection ", connection, ")");
}

void CloudEnd::on_notice(std::string_view text, Time) { log_warning(text); }

void CloudEnd::on_disconnected(ConnectionId connection, std::string_view reason, Time) {
  log_info("vehicle ", vehicles_[connection], " gone (connection ", connection, "): ", reason);
  vehicles_.erase(connection);
  streams_.erase(connection);
  for (const auto& [id, service] : services_) service->askers.forget(connection);
}

// ---- requests, from the vehicles to the model servers

std::string CloudEnd::on_stream_data(ConnectionId connection, StreamIndex index,
                                     std::span<const std::uint8_t> data, Time now) {
  const FrameLimits limits{FrameType::kRequest, static_cast<std::uint32_t>(config_.max_message_bytes),
                           kMaxJunkBytes};
  Stream& stream =
      streams_[connection].try_emplace(index, Stream{FrameParser(limits, std::nullopt)}).first->second;
  while (!data.empty() && !stream.refused) {
    const auto step = stream.parser.feed(data);
    if (step == FrameParser::Step::kError) return describe(stream.parser.error());
    if (!stream.frame_began) stream.frame_began = now;
    if (step != FrameParser::Step::kFrame) continue;
    if (stream.parser.header().type == FrameType::kHello) {
      if (const std::string breach = bind_stream(connection, index, stream); !breach.empty()) return breach;
    } else if (stream.parser.header().type == FrameType::kRequest) {
      if (!stream.service) return "a request on the junk service's stream";
      take_request(connection, index, stream, now);
    }
    stream.frame_began.reset();
  }
  return {};
}

std::string CloudEnd::bind_stream(ConnectionId connection, StreamIndex index, Stream& stream) {
  const int id = stream.parser.header().service_id;
  const auto service = services_.find(id);
  if (id == kJunkServiceId) return {};
  if (service == services_.end()) {
    refuse_stream(connection, index, stream);
    return {};
  }
  for (const auto& [other_index, other] : streams_[connection])
    if (other.service == service->second.get())
      return "service " + std::to_string(id) + " has a stream already";
  stream.service = service->second.get();
  return {};
}

void CloudEnd::refuse_stream(ConnectionId connection, StreamIndex index, Stream& stream) {
  const std::uint16_t id = stream.parser.header().service_id;
  stream.refused = true;
  auto refusal = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
  encode({FrameType::kRefusal, id, 0, kNoBudget, 0},
         std::span<std::uint8_t, kFrameHeaderBytes>(refusal->data(), kFrameHeaderBytes));
  quic_.send(connection, index, std::move(refusal));
  if (refusals_told_.size() < kMaxRefusalsTold && refusals_told_.insert(id).second)
    log_warning("a vehicle asks for service ", id, ", which is not served here");
}

void CloudEnd::take_request(ConnectionId connection, StreamIndex index, Stream& stream, Time now) {
  Service& service = *stream.service;
  const FrameHeader& header = stream.parser.header();
  const Buffer message = service.requests.take();
  std::swap(*message, stream.parser.payload());
  const MessageView view = split_message(*message);
  std::string error;
  const auto request = decode_server_request(view.header, error);
  if (!request || request->context_id != header.context_id || request->service_id != service.id ||
      request->payload_bytes != view.payload.size()) {
    if (!service.bad_request_told)
      log_warning("a request of service ", service.id,
                  " is dropped: ", error.empty() ? "its header and its message differ" : error,
                  "; further ones are not told of");
    service.bad_request_told = true;
    return;
  }
  Time deadline = Time::max();
  if (header.budget_us != kNoBudget)
    // The budget ran since the vehicle wrote the header; the way here and the way back take a round trip of
    // it.
    deadline =
        *stream.frame_began + std::chrono::microseconds(header.budget_us) - quic_.info(connection).min_rtt;
  if (!service.askers.add(now, header.context_id, {connection, index})) {
    if (!service.shared_context_told)
      log_warning("a request of service ", service.id, " is dropped: its context id ", header.context_id,
                  " is another vehicle's, which waits for its answer; further ones are not told of");
    service.shared_context_told = true;
    return;
  }
  service.outbox.post(now, header.context_id, message, deadline);
}

// ---- answers, from the model servers to the vehicle that asked

std::string CloudEnd::take_response(Service& service, Time now, std::uint64_t context_id,
                                    const Buffer& message) {
  std::string error;
  const auto response = decode_server_response(split_message(*message).header, error);
  if (!response) return error;
  if (response->context_id != context_id) return "the message is of another context id than the notice";
  if (response->service_id != service.id) return "the message is of another service";
  const auto asker = service.askers.take(context_id);
  if (!asker) return {};  // whoever asked is gone, or asked too long ago
  if (quic_.unsent_bytes(asker->connection, asker->stream) > kMaxUnsentAnswerBytes) return {};
  auto header = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
  encode({FrameType::kResponse, static_cast<std::uint16_t>(service.id), context_id, kNoBudget,
          static_cast<std::uint32_t>(message->size())},
         std::span<std::uint8_t, kFrameHeaderBytes>(header->data(), kFrameHeaderBytes));
  if (quic_.send(asker->connection, asker->stream, std::move(header)))
    quic_.send(asker->connection, asker->stream, message);
  quic_.write(now);
  arm();
  return {};
}

}  // namespace turbo
