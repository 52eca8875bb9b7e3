#include "lab/demo/link_follower.h"

#include <nlohmann/json.hpp>
#include <numeric>

namespace turbo {
namespace {
constexpr std::size_t kIntervalsPerSecond = 10;
}

void LinkFollower::read() {
  lines_.read([this](const std::string& line) { take(line); });
}

void LinkFollower::start_count() {
  counted_ = 0;
  sum_mbps_ = 0;
}

void LinkFollower::take(const std::string& line) {
  const auto row = nlohmann::json::parse(line, nullptr, false);
  const auto up = row.is_object() ? row.find("up") : row.end();
  if (!row.is_object() || up == row.end() || !up->is_object()) return;
  const auto capacity = up->find("capacity_mbps");
  if (capacity == up->end() || !capacity->is_number()) return;
  const auto mbps = capacity->get<double>();
  ++intervals_;
  ++counted_;
  sum_mbps_ += mbps;
  recent_.push_back(mbps);
  if (recent_.size() > kIntervalsPerSecond) recent_.pop_front();
}

std::optional<double> LinkFollower::recent_mbps() const {
  if (recent_.empty()) return std::nullopt;
  return std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(recent_.size());
}

}  // namespace turbo
