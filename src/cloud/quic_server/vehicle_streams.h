#pragma once
// The streams of one vehicle, as the cloud reads them: which service each stream that goes both ways is of,
// and the requests and junk of the one-way ones. Whatever a peer sends in whatever pieces, it costs bounded
// memory, and what the wire protocol forbids is a breach. It knows no socket, no thread and no other vehicle;
// time is an argument.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/framing/frame_parser.h"
#include "core/time.h"
#include "transport/quic/quic_types.h"

namespace turbo {

class VehicleStreams {
 public:
  struct Limits {
    std::uint32_t max_message_bytes = 0;
    std::uint32_t max_junk_bytes = 0;           // of one stream
    std::uint64_t max_half_received_bytes = 0;  // of all requests that are not complete
    double streams_per_s = 4'000;               // one-way ones; as many at once
    double junk_bytes_per_s = 25e6;             // as much at once
  };
  enum class Event {
    kNone,     // all is read
    kHello,    // header() names the service that the stream is of from now on
    kRequest,  // header(), payload(), began()
    kNoRoom,   // the request of header() is skipped: more are half received than may be
    kBreach,   // breach() says which; nothing more is to be read
  };

  explicit VehicleStreams(const Limits& limits) : limits_(limits) {}

  // Takes bytes from the front of `data`, up to the next event. Until kNone or kBreach; `end` says each time
  // whether the stream ends with these data.
  Event feed(StreamId stream, std::span<const std::uint8_t>& data, bool end, Time now);
  // The vehicle gave it up.
  void on_reset(StreamId stream);

  // Of the last event.
  const FrameHeader& header() const { return current_->header(); }
  std::vector<std::uint8_t>& payload() { return current_->payload(); }  // may be swapped with another vector
  Time began() const { return began_; }  // when the first byte of the request was read
  const std::string& breach() const { return breach_; }

  // Where the service's answers go. None before its hello: streams overtake each other.
  std::optional<StreamId> stream_of(int service) const;
  std::uint64_t half_received_bytes() const { return half_received_; }

 private:
  // As much as `per_s` a second and at once.
  struct Allowance {
    double left = -1;  // not used yet
    Time since{};
    bool take(Time now, double amount, double per_s);
  };
  struct FrameStream {
    FrameParser parser;
    Time began;
    std::uint64_t kept = 0;  // bytes of payload
    bool skipped = false;
  };
  Event feed_service(StreamId stream, std::span<const std::uint8_t>& data, bool end);
  Event feed_frame(FrameStream& stream, std::span<const std::uint8_t>& data, Time now);
  void keep(FrameStream& stream, std::uint64_t bytes);
  void skip(FrameStream& stream);
  Event breach(std::string why);

  Limits limits_;
  std::map<StreamId, FrameParser> greetings_;
  std::map<int, StreamId> services_;
  std::map<StreamId, FrameStream> frames_;  // being received
  std::uint64_t half_received_ = 0;
  Allowance streams_, junk_;
  FrameParser* current_ = nullptr;
  Time began_{};
  std::string breach_;
};

}  // namespace turbo
