#pragma once
// What a simulation leaves behind: a record for every frame, a sample of the estimate every 100 ms, counts.

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"
#include "core/uplink/uplink.h"

namespace turbo::simulate {

inline constexpr Time kNever = Time::max();

struct FrameRecord {
  std::size_t service = 0;
  std::string config;      // the plan's when it was captured
  Time captured;           // by the camera
  Time deadline = kNever;  // of the answer
  Time entered = kNever;   // the uplink's queue
  Time started = kNever;   // its stream was opened
  Time left = kNever;      // its last byte was sent
  Time received = kNever;  // completely, by the server
  Time served = kNever;    // the server has its answer
  Time answered = kNever;  // at the vehicle
  std::int64_t bytes = 0;  // on its stream
  std::int64_t bytes_sent = 0;
  double server_ms = -1;      // mean of what it takes the server; below 0: the server's own
  double guaranteed_bps = 0;  // its service's when it started
  bool cancelled = false;
  bool dropped = false;  // by the server: its budget was gone, or a fresher one waited

  bool operator==(const FrameRecord&) const = default;
};

struct EstimateSample {
  Time at;
  double capacity_bps = 0;                         // of the uplink, averaged over the last 500 ms
  double rate_bps = 0, low_bps = 0, high_bps = 0;  // of payload
  double payload_share = 0;                        // of the bytes on the link
  double window_bps = 0;  // the prototype's formula: congestion window over smoothed RTT
  bool app_limited = false, measured = false;

  bool operator==(const EstimateSample&) const = default;
};

struct Records {
  Time began, ended;
  std::vector<FrameRecord> frames;  // the index is the context id
  std::vector<EstimateSample> samples;
  std::vector<UplinkCounts> services;
  std::uint64_t junk_bytes = 0;
  std::uint64_t sent_bytes = 0;  // all packets that the vehicle sent, junk's and acknowledgements' too
  std::uint64_t collapses = 0;   // of the congestion controller, seen by the watchdog
  std::uint64_t disconnections = 0;
  std::uint64_t events = 0;
  std::size_t packets_left = 0;  // still under way at the end
};

}  // namespace turbo::simulate
