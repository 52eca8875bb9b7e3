#include "cloud/quic_server/request_desk.h"

#include <algorithm>
#include <utility>

namespace turbo {

std::optional<RequestDesk::Asker> RequestDesk::on_request(Time now, Request request) {
  ++counts_.taken;
  const auto [place, free] = waiting_.try_emplace(request.asker.vehicle, request);
  if (free) return std::nullopt;
  // Streams overtake each other: the one that may wait longer is the fresher.
  const bool fresher = request.deadline >= place->second.deadline;
  ++counts_.displaced;
  if (fresher || now >= place->second.deadline) std::swap(place->second, request);
  return request.asker;
}

std::optional<RequestDesk::Asker> RequestDesk::next_expired(Time now) {
  free_places(now);
  const auto expired = std::find_if(waiting_.begin(), waiting_.end(),
                                    [now](const auto& entry) { return now >= entry.second.deadline; });
  if (expired == waiting_.end()) return std::nullopt;
  const Asker asker = expired->second.asker;
  waiting_.erase(expired);
  ++counts_.expired;
  return asker;
}

std::size_t RequestDesk::placed() const {
  return static_cast<std::size_t>(
      std::count_if(handed_.begin(), handed_.end(), [](const Entry& entry) { return entry.placed; }));
}

RequestDesk::Entry* RequestDesk::newest_placed() {
  const auto newest =
      std::find_if(handed_.rbegin(), handed_.rend(), [](const Entry& entry) { return entry.placed; });
  return newest == handed_.rend() ? nullptr : &*newest;
}

// The place that is waited in may change its request, not its vehicle.
bool RequestDesk::may_have(ConnectionId vehicle) {
  if (placed() < kWithModelServer) return true;
  const Entry* const newest = newest_placed();
  return newest != nullptr && newest->asker.vehicle == vehicle;
}

std::uint64_t RequestDesk::choose_id(std::uint64_t context_id) {
  const bool taken =
      context_id >= kOwnIds ||
      std::any_of(handed_.begin(), handed_.end(), [=](const Entry& entry) { return entry.id == context_id; });
  return taken ? next_own_id_++ : context_id;
}

void RequestDesk::free_places(Time now) {
  for (Entry& entry : handed_)
    if (now >= entry.until) entry.placed = false;
}

std::optional<RequestDesk::Handed> RequestDesk::next(Time now) {
  free_places(now);
  auto at = waiting_.upper_bound(last_turn_);
  for (std::size_t tried = 0; tried < waiting_.size(); ++tried, ++at) {
    if (at == waiting_.end()) at = waiting_.begin();
    if (now >= at->second.deadline || !may_have(at->first)) continue;
    if (placed() >= kWithModelServer) newest_placed()->placed = false;
    last_turn_ = at->first;
    Handed out{choose_id(at->second.asker.context_id), std::move(at->second)};
    waiting_.erase(at);
    handed_.push_back({out.id, out.request.asker, now + kLongestWork});
    if (handed_.size() > kRemembered) handed_.pop_front();
    ++counts_.handed;
    return out;
  }
  return std::nullopt;
}

std::optional<RequestDesk::Asker> RequestDesk::on_failed(std::uint64_t id) {
  const auto failed =
      std::find_if(handed_.begin(), handed_.end(), [id](const Entry& entry) { return entry.id == id; });
  if (failed == handed_.end()) return std::nullopt;
  const Asker asker = failed->asker;
  handed_.erase(failed);
  return asker.vehicle == 0 ? std::nullopt : std::optional(asker);
}

std::optional<RequestDesk::Asker> RequestDesk::on_answer(std::uint64_t id) {
  const auto answered =
      std::find_if(handed_.begin(), handed_.end(), [id](const Entry& entry) { return entry.id == id; });
  if (answered == handed_.end()) return std::nullopt;
  // It took them in order: what it had before this one is done with, or was displaced.
  for (auto before = handed_.begin(); before != answered; ++before) before->placed = false;
  const Asker asker = answered->asker;
  handed_.erase(answered);
  if (asker.vehicle == 0) return std::nullopt;
  ++counts_.answered;
  return asker;
}

void RequestDesk::forget(ConnectionId vehicle) {
  waiting_.erase(vehicle);
  for (Entry& entry : handed_)
    if (entry.asker.vehicle == vehicle) entry.asker.vehicle = 0;
}

Time RequestDesk::next_deadline() const {
  Time next = Time::max();
  if (waiting_.empty()) return next;
  for (const auto& [vehicle, request] : waiting_) next = std::min(next, request.deadline);
  for (const Entry& entry : handed_)
    if (entry.placed) next = std::min(next, entry.until);
  return next;
}

}  // namespace turbo
