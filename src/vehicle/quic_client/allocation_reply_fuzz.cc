// The allocator's answer, from any text. See src/lab/fuzz/run.
// Sources: vehicle/quic_client/allocation_reply.cc core/utility/model_config.cc

#include "vehicle/quic_client/allocation_reply.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string error;
  const auto rates = turbo::parse_allocation(std::string(reinterpret_cast<const char*>(data), size), error);
  if (rates.has_value() != error.empty()) std::abort();
  if (rates)
    for (const auto& [id, rate] : *rates)
      if (!std::isfinite(rate.guaranteed_bps) || !(rate.guaranteed_bps >= 0) || !(rate.limit_bps >= 0))
        std::abort();
  return 0;
}
