#pragma once
// A trace as text: a bar for every second.

#include <cstddef>
#include <string>

#include "lab/link/delivery_trace.h"

namespace turbo {

// UTF-8, some lines of `per_line` seconds each, then what a full bar stands for; a dot is under 0.05 Mbps.
std::string plot(const DeliveryTrace& trace, std::size_t per_line = 60);

}  // namespace turbo
