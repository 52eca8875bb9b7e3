#include "cloud/quic_server/vehicle_streams.h"

#include <algorithm>
#include <utility>

namespace turbo {

bool VehicleStreams::Allowance::take(Time now, double amount, double per_s) {
  left = left < 0 ? per_s : std::min(per_s, left + seconds(now - since) * per_s);
  since = now;
  if (amount > left) return false;
  left -= amount;
  return true;
}

VehicleStreams::Event VehicleStreams::breach(std::string why) {
  breach_ = std::move(why);
  return Event::kBreach;
}

VehicleStreams::Event VehicleStreams::feed(StreamId id, std::span<const std::uint8_t>& data, bool end,
                                           Time now) {
  if (!is_unidirectional(id)) return feed_service(id, data, end);
  auto place = frames_.find(id);
  if (place == frames_.end()) {
    if (!streams_.take(now, 1, limits_.streams_per_s)) return breach("more streams a second than are taken");
    const FrameLimits limits = frame_stream(limits_.max_message_bytes, limits_.max_junk_bytes);
    place = frames_.emplace(id, FrameStream{FrameParser(limits, std::nullopt), now}).first;
  }
  FrameStream& stream = place->second;
  while (!data.empty() && !stream.skipped)
    if (const Event event = feed_frame(stream, data, now); event != Event::kNone) return event;
  if (stream.skipped) data = {};
  if (!end) return Event::kNone;
  const FrameError error = stream.skipped ? FrameError::kNone : stream.parser.finish();
  keep(stream, 0);
  frames_.erase(place);
  return error == FrameError::kNone ? Event::kNone : breach(describe(error));
}

VehicleStreams::Event VehicleStreams::feed_frame(FrameStream& stream, std::span<const std::uint8_t>& data,
                                                 Time now) {
  const std::size_t before = data.size();
  const auto step = stream.parser.feed(data);
  if (step == FrameParser::Step::kError) return breach(describe(stream.parser.error()));
  if (!stream.parser.has_header()) return Event::kNone;
  if (stream.parser.header().type == FrameType::kJunk)
    return junk_.take(now, static_cast<double>(before - data.size()), limits_.junk_bytes_per_s)
               ? Event::kNone
               : breach("more junk a second than is taken");
  current_ = &stream.parser;
  began_ = stream.began;
  if (step == FrameParser::Step::kFrame) {
    keep(stream, 0);  // it is the owner's from here on
    return Event::kRequest;
  }
  keep(stream, stream.parser.payload().size());
  if (half_received_ <= limits_.max_half_received_bytes) return Event::kNone;
  skip(stream);
  return Event::kNoRoom;
}

void VehicleStreams::keep(FrameStream& stream, std::uint64_t bytes) {
  half_received_ += bytes - stream.kept;
  stream.kept = bytes;
}

void VehicleStreams::skip(FrameStream& stream) {
  keep(stream, 0);
  stream.skipped = true;
  stream.parser.payload() = {};
}

VehicleStreams::Event VehicleStreams::feed_service(StreamId id, std::span<const std::uint8_t>& data,
                                                   bool end) {
  FrameParser& parser = greetings_.try_emplace(id, service_stream_at_cloud(), std::nullopt).first->second;
  while (!data.empty()) {
    const auto step = parser.feed(data);
    if (step == FrameParser::Step::kError) return breach(describe(parser.error()));
    if (step != FrameParser::Step::kFrame) continue;
    const int service = parser.header().service_id;
    if (!services_.emplace(service, id).second)
      return breach("service " + std::to_string(service) + " has a stream already");
    current_ = &parser;
    return Event::kHello;
  }
  return end ? breach("a service's stream ended") : Event::kNone;
}

void VehicleStreams::on_reset(StreamId id) {
  const auto stream = frames_.find(id);
  if (stream == frames_.end()) return;
  keep(stream->second, 0);
  frames_.erase(stream);
}

std::optional<StreamId> VehicleStreams::stream_of(int service) const {
  const auto stream = services_.find(service);
  if (stream == services_.end()) return std::nullopt;
  return stream->second;
}

}  // namespace turbo
