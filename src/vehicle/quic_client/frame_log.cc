#include "vehicle/quic_client/frame_log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace turbo {
namespace {
constexpr std::size_t kMostGathered = 1 << 20;  // a flush comes every half second; a flood is cut
}

FrameLog::FrameLog(const std::string& path) : file_(path) {
  if (!file_) throw std::runtime_error("opening " + path + " failed");
}

FrameLog::~FrameLog() { flush(); }

void FrameLog::add(int service_id, const EndedFrame& ended) {
  if (lines_.size() > kMostGathered) return;
  const double unix_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::array<char, 32> waited{"null"};
  if (ended.waited) std::snprintf(waited.data(), waited.size(), "%.3f", milliseconds(*ended.waited));
  std::array<char, 256> line;
  const int size = std::snprintf(
      line.data(), line.size(),
      R"({"context_id":%llu,"service_id":%d,"unix_s":%.6f,"end":"%s","after_ms":%.3f,"waited_ms":%s,"sent_bytes":%lld})"
      "\n",
      static_cast<unsigned long long>(ended.context_id), service_id, unix_s, name_of(ended.end),
      milliseconds(ended.after), waited.data(), static_cast<long long>(ended.sent_bytes));
  lines_.append(line.data(), static_cast<std::size_t>(size));
}

void FrameLog::flush() {
  file_ << lines_ << std::flush;
  lines_.clear();
}

}  // namespace turbo
