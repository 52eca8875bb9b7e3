#include "process/logging.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace turbo {

void start_logging(const std::string& name, const std::string& file) {
  std::vector<spdlog::sink_ptr> sinks;
  const bool colour = std::getenv("NO_COLOR") == nullptr;
  sinks.push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>(colour ? spdlog::color_mode::automatic
                                                                               : spdlog::color_mode::never));
  if (!file.empty()) sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
  auto logger = std::make_shared<spdlog::logger>(name, sinks.begin(), sinks.end());
  logger->set_pattern("%H:%M:%S.%e %n %^%l%$  %v");
  const char* const level = std::getenv("TURBO_LOG");
  logger->set_level(spdlog::level::from_str(level != nullptr ? level : "info"));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void write_log(LogLevel level, const std::string& text) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  // What a peer sent may stand in the text: one line stays one line.
  std::string line = text;
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  spdlog::log(kLevels[static_cast<int>(level)], "{}", line);
}

}  // namespace turbo
