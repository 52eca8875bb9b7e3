#pragma once
// truth.jsonl: what was to be seen in each frame, for scoring. One line a frame, written before the frame is
// shown:
// {"context_id":17,"camera_id":1,"capture_unix_s":1700000000.25,"boxes":[[x_min,y_min,x_max,y_max,label],...]}
// in pixels of the camera frame.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "core/detection/detection.h"

namespace turbo {

class TruthLog {
 public:
  // Appends. Throws std::runtime_error when the file cannot be made.
  TruthLog(const std::string& path, int camera_id);

  void write(std::uint64_t context_id, double capture_unix_s, const Detections& boxes);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  int camera_id_;
};

}  // namespace turbo
