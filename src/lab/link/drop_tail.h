#pragma once
// The plain queue: a packet that does not fit is dropped.

#include "lab/link/queue_discipline.h"

namespace turbo {

class DropTail final : public QueueDiscipline {
 public:
  explicit DropTail(std::size_t limit_bytes = 0) : limit_bytes_(limit_bytes) {}  // 0: no limit

  bool admits(std::size_t size, std::size_t queued) const override {
    return limit_bytes_ == 0 || queued == 0 || queued + size <= limit_bytes_;  // a packet always fits alone
  }
  bool drops_head(Time, Duration, std::size_t) override { return false; }

 private:
  std::size_t limit_bytes_;
};

}  // namespace turbo
