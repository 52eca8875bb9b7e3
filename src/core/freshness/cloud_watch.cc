#include "core/freshness/cloud_watch.h"

#include <algorithm>

namespace turbo {
namespace {
constexpr std::size_t kMaxAwaited = 64;
}

void CloudWatch::on_offloaded(std::uint64_t context_id, Time deadline) {
  if (awaited_.size() >= kMaxAwaited) awaited_.pop_front();
  awaited_.push_back({context_id, deadline});
}

void CloudWatch::on_withdrawn(std::uint64_t context_id) {
  std::erase_if(awaited_, [=](const Awaited& frame) { return frame.context_id == context_id; });
}

void CloudWatch::on_answer(std::uint64_t context_id) {
  missed_.reset();
  out_ = false;
  const auto answered = std::find_if(awaited_.begin(), awaited_.end(),
                                     [=](const Awaited& frame) { return frame.context_id == context_id; });
  if (answered != awaited_.end()) awaited_.erase(awaited_.begin(), answered + 1);
}

void CloudWatch::advance(Time now) {
  while (!awaited_.empty() && awaited_.front().deadline <= now) {
    if (!missed_) missed_ = awaited_.front().deadline;
    awaited_.pop_front();
  }
  if (missed_ && now - *missed_ >= grace_) out_ = true;
}

std::optional<Time> CloudWatch::next_deadline() const {
  if (out_) return std::nullopt;
  if (missed_) return *missed_ + grace_;
  if (awaited_.empty()) return std::nullopt;
  return awaited_.front().deadline;
}

}  // namespace turbo
