// Every message of schema/messages.fbs, from any bytes: what decodes must encode and decode again.
// Sources: transport/messages/messages.cc

#include "transport/messages/messages.h"

#include <cstdlib>

namespace {

template <typename Decode>
void check(std::span<const std::uint8_t> bytes, Decode decode) {
  std::string error;
  const auto message = decode(bytes, error);
  if (!message) {
    if (error.empty()) std::abort();
    return;
  }
  const auto again = encode(*message);
  if (!decode(again, error)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      check(bytes, turbo::decode_camera_request);
      break;
    case 1:
      check(bytes, turbo::decode_camera_response);
      break;
    case 2:
      check(bytes, turbo::decode_server_request);
      break;
    default:
      check(bytes, turbo::decode_server_response);
  }
  return 0;
}
