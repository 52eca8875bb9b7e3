#include "lab/bench_udp/meter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace turbo {

void Meter::on_packet(std::uint64_t number, std::int64_t sent_ns, std::int64_t arrived_ns,
                      std::size_t payload_bytes) {
  const std::uint64_t bytes = payload_bytes + kIpUdpHeaderBytes;
  if (delays_ns_.empty()) {
    first_ns_ = arrived_ns;
    first_bytes_ = bytes;
  } else if (number < highest_) {
    ++reordered_;
  }
  highest_ = std::max(highest_, number);
  last_ns_ = std::max(last_ns_, arrived_ns);
  bytes_ += bytes;
  delays_ns_.push_back(arrived_ns - sent_ns);
}

std::string Meter::summary() const {
  nlohmann::ordered_json json = {
      {"packets", delays_ns_.size()}, {"bytes", bytes_}, {"reordered", reordered_}};
  if (delays_ns_.size() >= 2) {
    auto sorted = delays_ns_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
      return static_cast<double>(
                 sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]) /
             1e6;
    };
    // The first arrival only begins the time in which the others came.
    if (last_ns_ > first_ns_)
      json["mbps"] =
          static_cast<double>(bytes_ - first_bytes_) * 8e3 / static_cast<double>(last_ns_ - first_ns_);
    json["delay_ms"] = {{"min", at(0)}, {"p50", at(0.5)}, {"p99", at(0.99)}, {"max", at(1)}};
  }
  return json.dump();
}

}  // namespace turbo
