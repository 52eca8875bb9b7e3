// The frame parser against any bytes, in two chunkings that must agree. See src/lab/fuzz/run.
// Sources: core/framing/frame.cc core/framing/frame_parser.cc

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/framing/frame_parser.h"

namespace {

using namespace turbo;

// A digest of what came out: frames, their payloads, and the error at the end.
std::uint64_t digest(std::span<const std::uint8_t> wire, std::size_t chunk, unsigned kind) {
  const FrameLimits limits[] = {frame_stream(4'096, 1'024), service_stream_at_vehicle(4'096),
                                service_stream_at_cloud()};
  FrameParser parser(limits[kind % 3], kind == 1 ? std::optional<std::uint16_t>(1) : std::nullopt);
  std::uint64_t out = 1;
  const auto add = [&](std::uint64_t value) { out = out * 1099511628211u ^ value; };
  while (!wire.empty()) {
    std::span<const std::uint8_t> data = wire.first(std::min(chunk, wire.size()));
    wire = wire.subspan(data.size());
    while (!data.empty()) {
      const std::size_t before = data.size();
      const auto step = parser.feed(data);
      if (step == FrameParser::Step::kError) {
        add(static_cast<std::uint64_t>(parser.error()));
        return out;
      }
      if (data.size() == before) std::abort();  // no progress
      if (parser.payload().capacity() > 4'096) std::abort();
      if (step != FrameParser::Step::kFrame) continue;
      add(parser.header().context_id);
      for (const std::uint8_t byte : parser.payload()) add(byte);
    }
  }
  add(static_cast<std::uint64_t>(parser.finish()));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned kind = data[0] % 3;
  const std::span<const std::uint8_t> wire(data + 1, size - 1);
  if (digest(wire, 1 + data[0] / 3, kind) != digest(wire, size, kind)) std::abort();
  return 0;
}
