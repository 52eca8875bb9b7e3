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
  const std::string& name = vehicles_[connection].name = quic_.peer_name(connection);
  log_info("vehicle ", name, " connected (connection ", connection, ")");
}

void CloudEnd::on_notice(std::string_view text, Time) { log_warning(text); }

void CloudEnd::on_disconnected(ConnectionId connection, std::string_view reason, Time) {
  log_info("vehicle ", vehicles_[connection].name, " gone (connection ", connection, "): ", reason);
  vehicles_.erase(connection);
  for (const auto& [id, service] : services_) service->askers.forget(connection);
}

// ---- requests, from the vehicles to the model servers

std::string CloudEnd::on_stream_data(ConnectionId connection, StreamId id, std::span<const std::uint8_t> data,
                                     bool end, Time now) {
  if (!is_unidirectional(id)) return end ? "a service's stream ended" : take_greeting(connection, id, data);
  auto& frames = vehicles_[connection].frames;
  const FrameLimits limits =
      frame_stream(static_cast<std::uint32_t>(config_.max_message_bytes), kMaxJunkBytes);
  FrameStream& stream =
      frames.try_emplace(id, FrameStream{FrameParser(limits, std::nullopt), now}).first->second;
  while (!data.empty()) {
    const auto step = stream.parser.feed(data);
    if (step == FrameParser::Step::kError) return describe(stream.parser.error());
    if (step != FrameParser::Step::kFrame) continue;
    if (std::string breach = take_frame(connection, stream, now); !breach.empty()) return breach;
  }
  if (!end) return {};
  const FrameError error = stream.parser.finish();
  frames.erase(id);
  return error == FrameError::kNone ? "" : describe(error);
}

void CloudEnd::on_stream_reset(ConnectionId connection, StreamId stream, Time) {
  if (const auto vehicle = vehicles_.find(connection); vehicle != vehicles_.end())
    vehicle->second.frames.erase(stream);
}

std::string CloudEnd::take_greeting(ConnectionId connection, StreamId id,
                                    std::span<const std::uint8_t> data) {
  FrameParser& parser =
      vehicles_[connection].greetings.try_emplace(id, service_stream_at_cloud(), std::nullopt).first->second;
  while (!data.empty()) {
    const auto step = parser.feed(data);
    if (step == FrameParser::Step::kError) return describe(parser.error());
    if (step != FrameParser::Step::kFrame) continue;
    if (std::string breach = bind_service(connection, id, parser.header().service_id); !breach.empty())
      return breach;
  }
  return {};
}

std::string CloudEnd::bind_service(ConnectionId connection, StreamId stream, int id) {
  if (!services_.contains(id)) {
    send_header(connection, stream, {FrameType::kRefusal, static_cast<std::uint16_t>(id), 0, kNoBudget, 0});
    if (refusals_told_.size() < kMaxRefusalsTold &&
        refusals_told_.insert(static_cast<std::uint16_t>(id)).second)
      log_warning("a vehicle asks for service ", id, ", which is not served here");
    return {};
  }
  if (vehicles_[connection].services.emplace(id, stream).second) return {};
  return "service " + std::to_string(id) + " has a stream already";
}

void CloudEnd::send_header(ConnectionId connection, StreamId stream, const FrameHeader& header) {
  auto raw = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
  encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
  quic_.send(connection, stream, std::move(raw));
}

std::string CloudEnd::take_frame(ConnectionId connection, FrameStream& stream, Time now) {
  const FrameHeader& header = stream.parser.header();
  if (header.type == FrameType::kJunk) return {};
  const auto service = services_.find(header.service_id);
  if (service == services_.end()) return {};  // its hello was, or will be, answered with a refusal
  return take_request(connection, stream, *service->second, now);
}

std::string CloudEnd::take_request(ConnectionId connection, FrameStream& stream, Service& service, Time now) {
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
    return {};
  }
  Time deadline = Time::max();
  if (header.budget_us != kNoBudget)
    // The budget ran since the vehicle wrote the header; the way here and the way back take a round trip of
    // it.
    deadline = stream.began + std::chrono::microseconds(header.budget_us) - quic_.info(connection).min_rtt;
  if (now >= deadline) {
    drop_request(connection, header);
    return {};
  }
  if (!service.askers.add(now, header.context_id, connection)) {
    if (!service.shared_context_told)
      log_warning("a request of service ", service.id, " is dropped: its context id ", header.context_id,
                  " is another vehicle's, which waits for its answer; further ones are not told of");
    service.shared_context_told = true;
    return {};
  }
  service.outbox.post(now, header.context_id, message, deadline);
  return {};
}

void CloudEnd::drop_request(ConnectionId connection, const FrameHeader& header) {
  if (const auto stream = answer_stream(connection, header.service_id))
    send_header(connection, *stream,
                {FrameType::kDropped, header.service_id, header.context_id, kNoBudget, 0});
}

// None before its hello: streams overtake each other, but an answer takes longer than that.
std::optional<StreamId> CloudEnd::answer_stream(ConnectionId connection, int service) const {
  const auto vehicle = vehicles_.find(connection);
  if (vehicle == vehicles_.end()) return std::nullopt;
  const auto stream = vehicle->second.services.find(service);
  if (stream == vehicle->second.services.end()) return std::nullopt;
  return stream->second;
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
  const auto stream = answer_stream(*asker, service.id);
  if (!stream || quic_.unsent_bytes(*asker, *stream) > kMaxUnsentAnswerBytes) return {};
  send_header(*asker, *stream,
              {FrameType::kResponse, static_cast<std::uint16_t>(service.id), context_id, kNoBudget,
               static_cast<std::uint32_t>(message->size())});
  quic_.send(*asker, *stream, message);
  quic_.write(now);
  arm();
  return {};
}

}  // namespace turbo
