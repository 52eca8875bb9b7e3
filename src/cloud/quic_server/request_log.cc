#include "cloud/quic_server/request_log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace turbo {
namespace {

constexpr std::size_t kMostGathered = 1 << 20;  // a flush comes every half second; a flood is cut

const char* name_of(RequestStep step) {
  switch (step) {
    case RequestStep::kHanded:
      return "handed";
    case RequestStep::kDisplaced:
      return "displaced";
    case RequestStep::kExpired:
      return "expired";
    case RequestStep::kFailed:
      return "failed";
    case RequestStep::kAnswered:
      break;
  }
  return "answered";
}

}  // namespace

RequestLog::RequestLog(const std::string& path) : file_(path) {
  if (!file_) throw std::runtime_error("opening " + path + " failed");
}

RequestLog::~RequestLog() { flush(); }

void RequestLog::add(Time now, int service_id, const RequestDesk::Asker& asker, RequestStep step) {
  if (lines_.size() > kMostGathered) return;
  const double unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::array<char, 256> line;
  const int size = std::snprintf(
      line.data(), line.size(),
      R"({"context_id":%llu,"service_id":%d,"connection":%llu,"unix_s":%.6f,"step":"%s","after_ms":%.3f})"
      "\n",
      static_cast<unsigned long long>(asker.context_id), service_id,
      static_cast<unsigned long long>(asker.vehicle), unix_s, name_of(step),
      milliseconds(now - asker.arrived));
  lines_.append(line.data(), static_cast<std::size_t>(size));
}

void RequestLog::flush() {
  file_ << lines_ << std::flush;
  lines_.clear();
}

}  // namespace turbo
