#include "transport/handoff/message_inbox.h"

#include "transport/shm/message_region.h"

namespace turbo {

MessageInbox::MessageInbox(IpcContext& context, EventLoop& loop, const std::string& endpoint,
                           const std::string& region, std::uint64_t max_message_bytes, Handler handler)
    : region_(region),
      region_name_(region),
      max_message_bytes_(max_message_bytes),
      handler_(std::move(handler)),
      responder_(context, loop, endpoint,
                 [this](Time now, const Parts& request) { return receive(now, request); }) {}

Parts MessageInbox::receive(Time now, const Parts& request) {
  std::string error;
  const auto notice = parse_size_notice(request, error);
  if (!notice) return error_reply(error);
  if (notice->size_bytes > max_message_bytes_)
    return error_reply("a message of " + std::to_string(notice->size_bytes) + " bytes; at most " +
                       std::to_string(max_message_bytes_) + " are taken");
  if (!region_.refresh()) return error_reply("there is no region " + region_name_);
  const Buffer message = buffers_.take();
  if (!copy_message(region_.file(), notice->size_bytes, *message, error)) return error_reply(error);
  error = handler_(now, notice->context_id, message);
  return error.empty() ? Parts{std::string(kAck)} : error_reply(error);
}

}  // namespace turbo
