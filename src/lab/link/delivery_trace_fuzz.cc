// The trace parser against any text: it refuses with one printable line, or gives a trace to follow.
// Sources: lab/link/delivery_trace.cc lab/link/capacity.cc lab/link/outage_schedule.cc

#include "lab/link/delivery_trace.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "lab/link/capacity.h"

namespace {

void follow(const turbo::DeliveryTrace& trace) {
  const turbo::Time start{};
  const auto capacity = turbo::trace_capacity(trace, start);
  turbo::Time before = start;
  for (int i = 0; i < 50; ++i) {
    const turbo::Time leaves = capacity->serve(before, 700);
    if (leaves < before) std::abort();
    before = leaves;
  }
  if (capacity->bits_between(start, before + std::chrono::milliseconds(1)) < 50 * 700 * 8) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  turbo::DeliveryTrace trace;
  try {
    trace = turbo::parse_delivery_trace(in, "fuzzed");
  } catch (const turbo::LinkConfigError& error) {
    for (const char* c = error.what(); *c != 0; ++c)
      if (*c < 0x20 || *c > 0x7e) std::abort();
    return 0;
  }
  const auto& all = trace.opportunities_ms;
  if (all.empty() || all.back() == 0 || !std::is_sorted(all.begin(), all.end())) std::abort();
  follow(trace);
  return 0;
}
