#pragma once
// What the choices of several services need together. A frame that is sent is due as soon as any other, so
// services that may send at one moment need what each of them needs, together. Services that do not send
// every frame, all at one rate, take turns (core/freshness/turns.h): where their turns are so far apart that
// no frame of one can still be on its way when the next begins, they need the most that one of them needs.

#include <cstdint>
#include <optional>
#include <span>

#include "core/utility/utility_curve.h"

namespace turbo {

// Frames that an option sends in a million seconds: rates that are equal to that are one.
std::int64_t rate_of(const Service& service, const ModelOption& option);

// Whether an option of one of so many services is sent in turns that keep its frames apart from those of the
// others at its rate, whenever their cameras take them.
bool keeps_apart(const Service& service, const ModelOption& option, std::size_t services, double rtt_ms);

// In Mbps; nothing when one of them cannot be in time at all. options: one for each service; none: nothing
// runs there.
std::optional<double> needed_together_mbps(std::span<const Service> services,
                                           std::span<const std::optional<std::size_t>> options,
                                           double rtt_ms);

}  // namespace turbo
