#pragma once
// dashboard/index.html, built into the program.

#include <string_view>

namespace turbo {

extern const std::string_view kPage;

}  // namespace turbo
