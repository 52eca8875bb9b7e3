#pragma once
// Which packets a link's queue drops. Pure; the queue itself, first in first out, is the LinkModel's.

#include <cstddef>

#include "core/time.h"

namespace turbo {

class QueueDiscipline {
 public:
  virtual ~QueueDiscipline() = default;
  // Whether a packet of `size` bytes joins a queue of `queued` bytes (the packet under way out included).
  virtual bool admits(std::size_t size, std::size_t queued) const = 0;
  // Asked for every packet when it could begin to leave: whether it is dropped instead. `sojourn` is its time
  // in the queue, `behind` the bytes that wait behind it. Times do not fall from call to call.
  virtual bool drops_head(Time now, Duration sojourn, std::size_t behind) = 0;
};

}  // namespace turbo
