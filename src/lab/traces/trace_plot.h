#pragma once
// A trace as a figure: what the link can carry in every second.

#include <string>

#include "lab/figure/figure.h"
#include "lab/link/delivery_trace.h"

namespace turbo {

figure::Figure figure_of(const DeliveryTrace& trace, const std::string& title);

}  // namespace turbo
