#pragma once
// The requests and answers that the tests of the two QUIC ends pass along.

#include <algorithm>
#include <memory>
#include <vector>

#include "transport/handoff/buffer_pool.h"
#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo::test {

inline Buffer message_of(const std::vector<std::uint8_t>& header, std::size_t payload_bytes) {
  auto message =
      std::make_shared<std::vector<std::uint8_t>>(payload_offset(header.size()) + payload_bytes, 0x5a);
  std::copy(header.begin(), header.end(), message->begin());
  return message;
}

// deadline: by default it names none.
inline Buffer request(std::uint64_t context, std::size_t image_bytes, int service = 1, Time deadline = {}) {
  return message_of(encode(ModelServerRequest{.context_id = context,
                                              .service_id = service,
                                              .model_config = "edd4-imgcomp50-inpcompNone",
                                              .form = ImageForm::kJpeg,
                                              .height = 1080,
                                              .width = 1920,
                                              .frame_height = 1080,
                                              .frame_width = 1920,
                                              .payload_bytes = image_bytes,
                                              .deadline_monotonic_ns = deadline.time_since_epoch().count()}),
                    image_bytes);
}

inline Buffer response(std::uint64_t context, int service = 1) {
  return message_of(
      encode(ModelServerResponse{
          .context_id = context, .service_id = service, .model_config = "edd4-imgcomp50-inpcompNone"}),
      0);
}

}  // namespace turbo::test
