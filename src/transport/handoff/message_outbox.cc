#include "transport/handoff/message_outbox.h"

#include "transport/shm/message_region.h"

namespace turbo {

MessageOutbox::MessageOutbox(IpcContext& context, EventLoop& loop, const std::string& endpoint,
                             const std::string& region, Duration timeout, OnTrouble on_trouble,
                             OnDone on_done)
    : region_(region),
      region_name_(region),
      on_trouble_(std::move(on_trouble)),
      on_done_(std::move(on_done)),
      requester_(context, loop, endpoint, timeout) {}

void MessageOutbox::post(Time now, std::uint64_t context_id, Buffer message, Time deadline) {
  queue_.push(now, {context_id, std::move(message)}, deadline);
  send_next(now);
}

void MessageOutbox::send_next(Time now) {
  while (const auto message = queue_.pop(now)) {
    if (const std::string trouble = write(*message); !trouble.empty()) {
      finish(now, trouble);
      continue;
    }
    requester_.request(now, format_size_notice({message->context_id, message->bytes->size()}),
                       [this](Time at, const std::optional<Parts>& reply) { answered(at, reply); });
  }
}

std::string MessageOutbox::write(const Message& message) {
  if (!region_.refresh()) return "there is no region " + region_name_;
  if (write_message(region_.file(), *message.bytes)) return {};
  return "a message of " + std::to_string(message.bytes->size()) + " bytes has no room in region " +
         region_name_;
}

void MessageOutbox::answered(Time now, const std::optional<Parts>& reply) {
  if (!reply)
    finish(now, "no answer in time");
  else if (reply->size() != 1 || reply->front() != kAck)
    finish(now, "answered " + (reply->empty() ? "nothing" : reply->front().substr(0, 200)));
  else
    finish(now, "");
  send_next(now);
}

void MessageOutbox::finish(Time now, const std::string& trouble) {
  queue_.finished();
  ++(trouble.empty() ? delivered_ : failed_);
  if (in_trouble_ != !trouble.empty() && on_trouble_) on_trouble_(trouble);
  in_trouble_ = !trouble.empty();
  if (on_done_) on_done_(now, trouble.empty());
}

}  // namespace turbo
