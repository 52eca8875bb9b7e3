#include "lab/link/delivery_trace.h"

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace turbo {
namespace {

constexpr std::size_t kMaxOpportunities = 50'000'000;
constexpr std::uintmax_t kMaxTraceBytes = 512 << 20;    // more than so many of the longest lines
constexpr std::uint32_t kMaxMilliseconds = 86'400'000;  // a day

std::string shown(const std::string& line) {
  std::string text = line.substr(0, 40);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return "'" + text + (line.size() > text.size() ? "...'" : "'");
}

}  // namespace

double DeliveryTrace::mean_bps() const {
  return static_cast<double>(opportunities_ms.size() * kOpportunityBytes * 8) / (period_ms() / 1e3);
}

DeliveryTrace parse_delivery_trace(std::istream& in, const std::string& name) {
  DeliveryTrace trace;
  std::string line;
  std::size_t number = 0;
  const auto fail = [&](const std::string& why) {
    throw LinkConfigError(name + ":" + std::to_string(number) + ": " + why);
  };
  while (std::getline(in, line)) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::uint32_t at_ms = 0;
    const char* end = line.data() + line.size();
    const auto [stop, error] = std::from_chars(line.data(), end, at_ms);
    if (error != std::errc{} || stop != end || at_ms > kMaxMilliseconds)
      fail("expected a time in whole milliseconds, 0 to 86400000, found " + shown(line));
    if (!trace.opportunities_ms.empty() && at_ms < trace.opportunities_ms.back())
      fail("expected a time not before the previous line's " + std::to_string(trace.opportunities_ms.back()) +
           ", found " + std::to_string(at_ms));
    if (trace.opportunities_ms.size() == kMaxOpportunities) fail("longer than 50000000 lines");
    trace.opportunities_ms.push_back(at_ms);
  }
  if (in.bad()) throw LinkConfigError(name + ": cannot be read");
  if (trace.opportunities_ms.empty())
    throw LinkConfigError(name + ":1: expected at least one line, found none");
  if (trace.period_ms() == 0) fail("expected a last time over 0, at which the trace starts over");
  return trace;
}

DeliveryTrace load_delivery_trace(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error) && (!std::filesystem::is_regular_file(path, error) ||
                                               std::filesystem::file_size(path, error) > kMaxTraceBytes))
    throw LinkConfigError(path + ": no file of at most 512 MiB");
  std::ifstream in(path);
  if (!in) throw LinkConfigError(path + ": cannot be opened: " + std::strerror(errno));
  return parse_delivery_trace(in, path);
}

}  // namespace turbo
