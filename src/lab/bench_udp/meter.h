#pragma once
// What a receiver of measuring packets has seen. Pure; times are in ns of one clock that both ends read.

#include <cstdint>
#include <string>
#include <vector>

namespace turbo {

inline constexpr std::size_t kIpUdpHeaderBytes = 28;

class Meter {
 public:
  void on_packet(std::uint64_t number, std::int64_t sent_ns, std::int64_t arrived_ns,
                 std::size_t payload_bytes);
  // JSON: packets, bytes (IP packets, headers and all), mbps (from the first arrival to the last), reordered,
  // and delay_ms: min, p50, p99, max. Without two packets: packets only.
  std::string summary() const;

 private:
  std::vector<std::int64_t> delays_ns_;
  std::uint64_t bytes_ = 0, first_bytes_ = 0, reordered_ = 0, highest_ = 0;
  std::int64_t first_ns_ = 0, last_ns_ = 0;
};

}  // namespace turbo
