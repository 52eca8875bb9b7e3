#pragma once
// The camera's region: several frames, of which readers look at the newest where it lies.
//
// The protocol, in which only the camera stream writes and only it keeps the book (readers hold no lock,
// so a reader that dies holds up nobody):
//  1. The camera takes a free slot: one that is neither the newest frame nor leased. It fills it and
//     publishes it: the slot becomes the newest, the one before it becomes free unless leased.
//  2. A reader asks for a frame (CameraDataRequest). The camera ends the lease that this reader had,
//     leases it the newest slot, and answers with the slot's offset and size (CameraDataResponse).
//  3. The reader looks at the frame in the region: no leased slot is written.
//  4. The reader's next request, its release, or its process's end gives the slot back. A reader must ask
//     again within 10 s: where another reader finds no slot, the leases older than that are ended, and their
//     frames may be overwritten. (Nobody checks that a reader is who it says; leases of made-up readers end
//     so too.)
//  5. Of S slots at most S - 2 are leased (one is the newest, one is being filled), each to any number of
//     readers, up to 32 in all and two for one process; a reader beyond that is refused. So the camera always
//     has a slot to fill, however slow the readers are.
//  6. A restarted camera stream makes a new region; readers of the old one keep what they see until they
//     ask again.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/time.h"

namespace turbo {

class FrameRing {  // thread-safe: one thread fills, another leases
 public:
  struct Reader {
    pid_t pid = 0;
    std::uint64_t id = 0;  // tells two readers of one process apart
  };
  struct Frame {
    std::size_t slot = 0;
    std::size_t offset_bytes = 0;
    std::size_t size_bytes = 0;
    std::uint64_t context_id = 0;
    std::int64_t capture_monotonic_ns = 0;
    double capture_unix_s = 0;
  };
  enum class LeaseError { kNone, kNoNewFrame, kTooManyReaders };
  struct Lease {
    LeaseError error = LeaseError::kNone;
    Frame frame;
  };
  using IsAlive = std::function<bool(pid_t)>;

  // The first bytes of the region are reserved by the caller (Region::reserve) for slots() * slot_bytes().
  // Throws if fewer than three frames fit.
  FrameRing(std::span<std::uint8_t> region, std::size_t frame_bytes, IsAlive is_alive);

  std::size_t slots() const { return slots_.size(); }
  std::size_t slot_bytes() const { return slot_bytes_; }  // frame_bytes rounded up to a page

  // The filling thread's: a slot's bytes to write, then publish (or begin again: the same slot is given).
  std::span<std::uint8_t> begin_frame();
  void publish(std::uint64_t context_id, std::int64_t capture_monotonic_ns, double capture_unix_s);

  // Ends the reader's lease and leases it the newest frame, if that is newer than newer_than (0: any). With
  // kNoNewFrame or kTooManyReaders it holds no lease afterwards.
  Lease lease_newest(Time now, const Reader& reader, std::uint64_t newer_than);
  void release(const Reader& reader);
  std::uint64_t newest_context_id() const;  // 0: none yet

 private:
  struct Held {
    Reader reader;
    Time since;
  };
  struct Slot {
    Frame frame;
    std::vector<Held> readers;
  };
  void release_locked(const Reader& reader);
  bool is_full_for(pid_t pid) const;
  void drop_if(const std::function<bool(const Held&)>& condition);
  std::size_t free_slot() const;

  std::span<std::uint8_t> region_;
  std::size_t frame_bytes_;
  std::size_t slot_bytes_;
  IsAlive is_alive_;
  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::optional<std::size_t> newest_;
  std::optional<std::size_t> filling_;
};

// kill(pid, 0): whether there is such a process.
bool process_is_alive(pid_t pid);

}  // namespace turbo
