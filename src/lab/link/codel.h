#pragma once
// CoDel (RFC 8289): when packets have stayed in the queue above the target for a whole interval, drops from
// its head, the more often the longer that lasts, so that a standing queue goes and a burst may stay. Full,
// it drops at its tail as DropTail.

#include <cstdint>

#include "lab/link/drop_tail.h"

namespace turbo {

class CoDel final : public QueueDiscipline {
 public:
  struct Settings {
    std::size_t limit_bytes = 0;  // 0: no limit
    Duration target = std::chrono::milliseconds(5);
    Duration interval = std::chrono::milliseconds(100);
    std::size_t max_packet_bytes =
        1500;  // with no more than this behind a packet, there is no standing queue
  };
  explicit CoDel(const Settings& settings) : settings_(settings), tail_(settings.limit_bytes) {}

  bool admits(std::size_t size, std::size_t queued) const override { return tail_.admits(size, queued); }
  bool drops_head(Time now, Duration sojourn, std::size_t behind) override;

 private:
  bool above_for_an_interval(Time now, Duration sojourn, std::size_t behind);
  bool start_dropping(Time now);
  Time control_law(Time from) const;

  Settings settings_;
  DropTail tail_;
  bool above_ = false;     // since the last packet that was below the target
  Time may_drop_at_{};     // if above_: an interval after that began
  bool dropping_ = false;  // the RFC's dropping state
  bool just_started_ = false;
  std::uint32_t count_ = 0, last_count_ = 0;  // drops in this dropping state; and when the last one began
  Time drop_next_{};
};

}  // namespace turbo
