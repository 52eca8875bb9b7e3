#pragma once
// The taking end of a hand-off: REP socket [context id, size] beside a region
// that the peer created. Each notice is answered: ACK when the message was
// copied and taken, "ERROR: why" otherwise. In the loop's thread.

#include <cstdint>
#include <functional>
#include <string>

#include "transport/handoff/buffer_pool.h"
#include "transport/ipc/sockets.h"
#include "transport/shm/region.h"

namespace turbo {

class MessageInbox {
 public:
  // Returns why the message is refused, or nothing: then it is taken.
  using Handler = std::function<std::string(Time now, std::uint64_t context_id, const Buffer& message)>;

  MessageInbox(IpcContext& context, EventLoop& loop, const std::string& endpoint, const std::string& region,
               std::uint64_t max_message_bytes, Handler handler);

 private:
  Parts receive(Time now, const Parts& request);

  AttachedRegion region_;
  std::string region_name_;
  std::uint64_t max_message_bytes_;
  Handler handler_;
  BufferPool buffers_;
  Responder responder_;
};

}  // namespace turbo
