#include "vehicle/quic_client/cloud_streams.h"

#include <utility>

namespace turbo {

CloudStreams::CloudStreams(std::vector<std::uint16_t> services, std::uint32_t max_answer_bytes)
    : services_(std::move(services)), max_answer_bytes_(max_answer_bytes) {
  restart();
}

void CloudStreams::restart() {
  parsers_.clear();
  for (const std::uint16_t id : services_)
    parsers_.emplace_back(service_stream_at_vehicle(max_answer_bytes_), id);
}

CloudStreams::Event CloudStreams::broken(std::string why) {
  breach_ = std::move(why);
  return Event::kBreach;
}

CloudStreams::Event CloudStreams::feed(StreamId stream, std::span<const std::uint8_t>& data, bool end) {
  const auto index = static_cast<std::size_t>(stream) / 4;
  if (stream != bidirectional_stream(index) || index >= parsers_.size())
    return broken("data on a stream of no service");
  service_ = index;
  while (!data.empty()) {
    const auto step = parsers_[index].feed(data);
    if (step == FrameParser::Step::kError) return broken(describe(parsers_[index].error()));
    if (step != FrameParser::Step::kFrame) continue;
    switch (header().type) {
      case FrameType::kResponse:
        return Event::kResponse;
      case FrameType::kDropped:
        return Event::kDropped;
      default:  // the parser takes nothing else
        return Event::kRefusal;
    }
  }
  return end ? broken("the cloud ended a service's stream") : Event::kNone;
}

}  // namespace turbo
