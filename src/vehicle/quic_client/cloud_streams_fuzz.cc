// The vehicle's handling of the services' streams against chunks and ends of many streams in any order. What
// comes of them must not depend on how the chunks are cut.
// Sources: core/framing/frame.cc core/framing/frame_parser.cc vehicle/quic_client/cloud_streams.cc

#include <cstdlib>

#include "core/framing/fuzz_script.h"
#include "vehicle/quic_client/cloud_streams.h"

namespace {

using namespace turbo;
using fuzz::Script;
using Event = CloudStreams::Event;

constexpr std::uint32_t kMaxAnswerBytes = 2'000;

class Run {
 public:
  explicit Run(bool cut) : cut_(cut) {}

  std::uint64_t play(Script script) {
    while (!script.ended() && !ended_) {
      const std::uint8_t op = script.byte();
      const StreamId stream = script.byte() % 18 - 1;
      const bool end = op & 0x80;
      if (op % 8 == 7) {
        streams_.restart();
      } else if (op % 2) {
        give(stream, script.header(), end);
      } else {
        give(stream, script.bytes(script.byte()), end);
      }
    }
    return digest_.value();
  }

 private:
  void give(StreamId stream, std::span<const std::uint8_t> bytes, bool end) {
    while (cut_ && bytes.size() > 1 && !ended_) {
      read(stream, bytes.first(1), false);
      bytes = bytes.subspan(1);
    }
    if (!ended_ && (end || !bytes.empty())) read(stream, bytes, end);
  }

  void read(StreamId stream, std::span<const std::uint8_t> data, bool end) {
    for (int events = 0;; ++events) {
      if (events > 300) std::abort();  // no progress
      const Event event = streams_.feed(stream, data, end);
      if (event == Event::kNone) {
        if (!data.empty()) std::abort();
        return;
      }
      digest_.add(static_cast<std::uint64_t>(event));
      if (event == Event::kBreach) {
        if (streams_.breach().empty()) std::abort();
        digest_.add_all(streams_.breach());
        ended_ = true;
        return;
      }
      if (streams_.service() != static_cast<std::size_t>(stream) / 4) std::abort();
      if (streams_.header().service_id != streams_.service()) std::abort();
      if (streams_.payload().size() != streams_.header().length_bytes) std::abort();
      if (streams_.payload().size() > kMaxAnswerBytes) std::abort();
      digest_.add(streams_.header().context_id);
      digest_.add_all(streams_.payload());
    }
  }

  bool cut_;
  CloudStreams streams_{{0, 1, 2}, kMaxAnswerBytes};
  fuzz::Digest digest_;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Script script({data, size});
  if (Run(false).play(script) != Run(true).play(script)) std::abort();
  return 0;
}
