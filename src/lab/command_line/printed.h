#pragma once
// A line of a table, as printf would write it; what is beyond 255 characters is cut off.

#include <cstdarg>
#include <cstdio>
#include <string>

namespace turbo {

__attribute__((format(printf, 1, 2))) inline std::string printed(const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return line;
}

}  // namespace turbo
