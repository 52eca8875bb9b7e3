#include "vehicle/camera_stream/truth_log.h"

#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <stdexcept>

namespace turbo {

TruthLog::TruthLog(const std::string& path, int camera_id)
    : file_(std::fopen(path.c_str(), "ae")), camera_id_(camera_id) {
  if (!file_) throw std::runtime_error("writing " + path + ": " + std::strerror(errno));
}

void TruthLog::write(std::uint64_t context_id, double capture_unix_s, const Detections& boxes) {
  std::FILE* const file = file_.get();
  std::fprintf(file, "{\"context_id\":%" PRIu64 ",\"camera_id\":%d,\"capture_unix_s\":%.6f,\"boxes\":[",
               context_id, camera_id_, capture_unix_s);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& box = boxes[i].box;
    std::fprintf(file, "%s[%.2f,%.2f,%.2f,%.2f,%d]", i ? "," : "", static_cast<double>(box.x_min),
                 static_cast<double>(box.y_min), static_cast<double>(box.x_max),
                 static_cast<double>(box.y_max), boxes[i].label);
  }
  std::fputs("]}\n", file);
  std::fflush(file);  // a killed camera leaves whole lines
}

}  // namespace turbo
