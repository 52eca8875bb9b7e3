#pragma once
// One line a fact, to stderr and into the run folder: "12:00:01.123 client-1 warning  camera did not answer
// in 1000 ms". Never from a hot path; what repeats is logged when it changes.

#include <sstream>
#include <string>

namespace turbo {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// name: of the process, as "client-1". file: empty for stderr only. Honours
// TURBO_LOG=debug|info|warning|error.
void start_logging(const std::string& name, const std::string& file);
void write_log(LogLevel level, const std::string& text);

template <typename... Values>
std::string text_of(const Values&... values) {
  std::ostringstream stream;
  (stream << ... << values);
  return stream.str();
}

template <typename... Values>
void log_info(const Values&... values) {
  write_log(LogLevel::kInfo, text_of(values...));
}
template <typename... Values>
void log_warning(const Values&... values) {
  write_log(LogLevel::kWarning, text_of(values...));
}
template <typename... Values>
void log_error(const Values&... values) {
  write_log(LogLevel::kError, text_of(values...));
}

}  // namespace turbo
