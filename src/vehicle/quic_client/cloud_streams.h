#pragma once
// The services' streams, as the vehicle reads them: answers, refusals, and requests that the cloud dropped.
// Whatever the cloud sends in whatever pieces, memory is bounded by one answer a service, and what the wire
// protocol forbids is a breach. No socket, no clock.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/framing/frame_parser.h"
#include "transport/quic/quic_types.h"

namespace turbo {

class CloudStreams {
 public:
  enum class Event {
    kNone,      // all is read
    kResponse,  // service(), header(), payload()
    kDropped,   // service(), header(): that request was dropped unread
    kRefusal,   // service(): not served there
    kBreach,    // breach() says which; nothing more is to be read
  };

  // The services in the order of their streams.
  CloudStreams(std::vector<std::uint16_t> services, std::uint32_t max_answer_bytes);

  // A new connection: nothing is half received.
  void restart();
  // Takes bytes from the front of `data`, up to the next event. Until kNone or kBreach; `end` says each time
  // whether the stream ends with these data.
  Event feed(StreamId stream, std::span<const std::uint8_t>& data, bool end);

  // Of the last event.
  std::size_t service() const { return service_; }  // index
  const FrameHeader& header() const { return parsers_[service_].header(); }
  std::vector<std::uint8_t>& payload() { return parsers_[service_].payload(); }  // may be swapped
  const std::string& breach() const { return breach_; }

 private:
  Event broken(std::string why);

  std::vector<std::uint16_t> services_;
  std::uint32_t max_answer_bytes_;
  std::vector<FrameParser> parsers_;
  std::size_t service_ = 0;
  std::string breach_;
};

}  // namespace turbo
