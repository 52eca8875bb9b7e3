#include "vehicle/plotter/plotter.h"

#include <algorithm>
#include <charconv>

#include "process/logging.h"
#include "vehicle/plotter/page.h"

namespace turbo {
namespace {

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The number of since=N; 0 for anything else: then everything is given.
std::uint64_t parse_since(std::string_view query) {
  constexpr std::string_view kKey = "since=";
  std::uint64_t since = 0;
  if (!query.starts_with(kKey)) return 0;
  const auto [end, problem] = std::from_chars(query.data() + kKey.size(), query.data() + query.size(), since);
  return problem == std::errc() && end == query.data() + query.size() ? since : 0;
}

}  // namespace

Plotter::Plotter(Process& process, const PlotterConfig& config, const std::string& record_path)
    : history_(config.keep),
      record_(record_path),
      server_(
          config.host, config.port, [this](auto path, auto query) { return answer(path, query); },
          [](const std::string& text) { log_info(text); }),
      subscriber_(process.ipc(), process.loop(), config.zmq_incoming_diagnostic_name,
                  [this](Time now, const std::string& message) { collect(now, message); }) {
  process.loop().every(std::chrono::seconds(1), [this](Time) { record_.flush(); });
}

void Plotter::collect(Time now, const std::string& message) {
  std::string error;
  if (history_.add(now, unix_now(), message, error)) {
    // JSON has line ends between its tokens only: a line stays a line.
    std::string line = message;
    std::replace(line.begin(), line.end(), '\n', ' ');
    record_.write(line);
    return;
  }
  // Each reason once; there are but a few.
  if (refusals_.insert(error).second) log_warning("a diagnostic message was refused: ", error);
}

HttpAnswer Plotter::answer(std::string_view path, std::string_view query) const {
  if (path == "/" || path == "/index.html") return {200, "text/html; charset=utf-8", std::string(kPage)};
  if (path == "/api/history")
    return {200, "application/json", history_.to_json(unix_now(), parse_since(query))};
  return {404, "text/plain; charset=utf-8", "there are / and /api/history\n"};
}

}  // namespace turbo
