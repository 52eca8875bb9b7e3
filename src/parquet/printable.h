#pragma once
// Text out of a file, as it may stand in a line for people: nobody knows what was written there.

#include <cstddef>
#include <string>
#include <string_view>

namespace turbo {

// Control characters (a line's end and a terminal's escape among them) and what is no UTF-8 become '?', a
// byte each; what is longer than so many bytes ends in "...", and is at most 3 longer.
std::string printable(std::string_view text, std::size_t most_bytes = 100);

// Whether it stays as it is.
bool is_printable(std::string_view text, std::size_t most_bytes = 100);

}  // namespace turbo
