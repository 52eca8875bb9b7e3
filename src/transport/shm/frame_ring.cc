#include "transport/shm/frame_ring.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace turbo {

namespace {
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kMaxReaders = 32;
constexpr std::size_t kMaxOfProcess = 2;
constexpr Duration kLongestLease = std::chrono::seconds(10);
constexpr std::size_t kMaxSlots = 16;  // more would only be more memory to walk through
bool same(const FrameRing::Reader& a, const FrameRing::Reader& b) { return a.pid == b.pid && a.id == b.id; }
}  // namespace

FrameRing::FrameRing(std::span<std::uint8_t> region, std::size_t frame_bytes, IsAlive is_alive)
    : region_(region),
      frame_bytes_(frame_bytes),
      slot_bytes_((frame_bytes + kPageBytes - 1) / kPageBytes * kPageBytes),
      is_alive_(std::move(is_alive)) {
  const std::size_t count = slot_bytes_ == 0 ? 0 : std::min(kMaxSlots, region.size() / slot_bytes_);
  if (count < 3)
    throw std::runtime_error("a camera region of " + std::to_string(region.size()) + " bytes holds " +
                             std::to_string(count) + " frames of " + std::to_string(frame_bytes) +
                             " bytes: three are needed; raise shmem_buf_size");
  slots_.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    slots_[i].frame = {.slot = i, .offset_bytes = i * slot_bytes_, .size_bytes = frame_bytes_};
}

std::size_t FrameRing::free_slot() const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (i != newest_ && slots_[i].readers.empty()) return i;
  return slots_.size();  // cannot be: lease_newest keeps one free
}

std::span<std::uint8_t> FrameRing::begin_frame() {
  const std::lock_guard lock(mutex_);
  if (!filling_) filling_ = free_slot();
  return region_.subspan(slots_.at(*filling_).frame.offset_bytes, frame_bytes_);
}

void FrameRing::publish(std::uint64_t context_id, std::int64_t capture_monotonic_ns, double capture_unix_s) {
  const std::lock_guard lock(mutex_);
  if (!filling_) return;
  Frame& frame = slots_[*filling_].frame;
  frame.context_id = context_id;
  frame.capture_monotonic_ns = capture_monotonic_ns;
  frame.capture_unix_s = capture_unix_s;
  newest_ = filling_;
  filling_.reset();
}

FrameRing::Lease FrameRing::lease_newest(Time now, const Reader& reader, std::uint64_t newer_than) {
  const std::lock_guard lock(mutex_);
  release_locked(reader);
  if (!newest_ || slots_[*newest_].frame.context_id <= newer_than) return {LeaseError::kNoNewFrame, {}};
  if (is_full_for(reader.pid)) drop_if([&](const Held& held) { return !is_alive_(held.reader.pid); });
  if (is_full_for(reader.pid)) drop_if([&](const Held& held) { return now - held.since > kLongestLease; });
  if (is_full_for(reader.pid)) return {LeaseError::kTooManyReaders, {}};
  slots_[*newest_].readers.push_back({reader, now});
  return {LeaseError::kNone, slots_[*newest_].frame};
}

bool FrameRing::is_full_for(pid_t pid) const {
  std::size_t readers = 0, of_process = 0, leased_slots = 0;
  for (const Slot& slot : slots_) {
    readers += slot.readers.size();
    leased_slots += !slot.readers.empty();
    for (const Held& held : slot.readers) of_process += held.reader.pid == pid;
  }
  // The newest may go stale in this reader's hands: then it, the next newest and the one being filled are
  // three slots.
  const bool takes_a_slot = slots_[*newest_].readers.empty();
  return readers >= kMaxReaders || of_process >= kMaxOfProcess ||
         (takes_a_slot && leased_slots >= slots_.size() - 2);
}

void FrameRing::release(const Reader& reader) {
  const std::lock_guard lock(mutex_);
  release_locked(reader);
}

void FrameRing::release_locked(const Reader& reader) {
  drop_if([&](const Held& held) { return same(reader, held.reader); });
}

void FrameRing::drop_if(const std::function<bool(const Held&)>& condition) {
  for (Slot& slot : slots_) std::erase_if(slot.readers, condition);
}

std::uint64_t FrameRing::newest_context_id() const {
  const std::lock_guard lock(mutex_);
  return newest_ ? slots_[*newest_].frame.context_id : 0;
}

bool process_is_alive(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace turbo
