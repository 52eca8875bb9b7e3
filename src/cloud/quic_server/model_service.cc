#include "cloud/quic_server/model_service.h"

#include <utility>

#include "process/logging.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

constexpr Duration kModelServerAckTimeout = std::chrono::milliseconds(1000);

std::span<std::uint8_t> header_of(const Buffer& message) {
  return {message->data(), split_message(*message).header.size()};
}

}  // namespace

ModelService::ModelService(Process& process, const QuicServiceConfig& names, std::uint64_t max_message_bytes,
                           RequestLog& log, OnAnswer on_answer, OnDropped on_dropped)
    : id_(names.service_id),
      loop_(process.loop()),
      log_(log),
      on_answer_(std::move(on_answer)),
      on_dropped_(std::move(on_dropped)),
      desk_(static_cast<std::uint64_t>(EventLoop::now().time_since_epoch().count())),
      timer_(loop_.timer([this](Time now) { hand_on(now); })),
      outbox_(
          process.ipc(), process.loop(), names.server_outgoing_sockname, names.server_outgoing_shm,
          kModelServerAckTimeout,
          [id = id_](const std::string& why) {
            if (why.empty())
              log_info("model server ", id, " takes requests again");
            else
              log_warning("model server ", id, " does not take requests: ", why);
          },
          [this](Time now, bool delivered) {
            if (!delivered) {
              if (const auto asker = desk_.on_failed(with_outbox_))
                log_.add(now, id_, *asker, RequestStep::kFailed);
            }
            hand_on(now);
          }),
      inbox_(process.ipc(), process.loop(), names.server_incoming_sockname, names.server_incoming_shm,
             max_message_bytes, [this](Time now, std::uint64_t context_id, const Buffer& message) {
               return take_response(now, context_id, message);
             }) {}

void ModelService::take(Time now, ConnectionId vehicle, const FrameHeader& header,
                        std::vector<std::uint8_t>& payload, Time deadline) {
  const Buffer message = requests_.take();
  std::swap(*message, payload);
  const MessageView view = split_message(*message);
  std::string error;
  const auto request = decode_server_request(view.header, error);
  if (!request) return drop_bad(error);
  if (request->context_id != header.context_id || request->service_id != id_ ||
      request->payload_bytes != view.payload.size())
    return drop_bad("its header and its message differ");
  if (const auto displaced = desk_.on_request(now, {{vehicle, header.context_id, now}, message, deadline}))
    log_.add(now, id_, *displaced, RequestStep::kDisplaced);
  hand_on(now);
}

void ModelService::drop_bad(const std::string& why) {
  if (!bad_request_told_)
    log_warning("a request of service ", id_, " is dropped: ", why, "; further ones are not told of");
  bad_request_told_ = true;
}

void ModelService::hand_on(Time now) {
  if (handing_on_) return;  // the outbox tells of a failure from within post
  handing_on_ = true;
  while (const auto expired = desk_.next_expired(now)) {
    log_.add(now, id_, *expired, RequestStep::kExpired);
    on_dropped_(now, *expired);
  }
  while (!outbox_.busy()) {
    const auto next = desk_.next(now);
    if (!next) break;
    with_outbox_ = next->id;
    if (next->id == next->request.asker.context_id ||
        rename_request(header_of(next->request.message), next->id)) {
      log_.add(now, id_, next->request.asker, RequestStep::kHanded);
      outbox_.post(now, next->id, next->request.message, next->request.deadline);
    } else {
      drop_bad("it leaves no room for a context id");
      desk_.on_failed(next->id);
    }
  }
  handing_on_ = false;
  if (const Time at = desk_.next_deadline(); at != Time::max())
    loop_.arm(timer_, at);
  else
    loop_.disarm(timer_);
}

std::string ModelService::take_response(Time now, std::uint64_t id, const Buffer& message) {
  std::string error;
  const auto response = decode_server_response(split_message(*message).header, error);
  if (!response) return error;
  if (response->context_id != id) return "the message is of another context id than the notice";
  if (response->service_id != id_) return "the message is of another service";
  const auto asker = desk_.on_answer(id);
  hand_on(now);
  if (!asker) return {};  // whoever asked is gone, or asked too long ago
  if (id != asker->context_id && !rename_response(header_of(message), asker->context_id))
    return "it leaves no room for a context id";
  log_.add(now, id_, *asker, RequestStep::kAnswered);
  on_answer_(now, *asker, message);
  return {};
}

}  // namespace turbo
