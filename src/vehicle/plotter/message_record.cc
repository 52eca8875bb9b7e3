#include "vehicle/plotter/message_record.h"

#include <filesystem>

#include "process/logging.h"

namespace turbo {

MessageRecord::MessageRecord(const std::string& path, std::uint64_t most_bytes)
    : path_(path), most_bytes_(most_bytes) {
  if (!path_.empty()) open();
}

void MessageRecord::open() {
  file_ = std::ofstream(path_, std::ios::app);
  std::error_code none;
  const auto size = std::filesystem::file_size(path_, none);
  size_bytes_ = none ? 0 : size;
}

void MessageRecord::roll() {
  file_.close();
  const std::filesystem::path path(path_);
  const auto older = path.parent_path() / (path.stem().string() + ".1" + path.extension().string());
  std::error_code error;
  std::filesystem::rename(path, older, error);
  if (error) std::filesystem::resize_file(path, 0, error);  // the bound comes before what is old
  open();
}

void MessageRecord::write(std::string_view line) {
  if (path_.empty() || !file_) return;
  if (size_bytes_ > 0 && size_bytes_ + line.size() + 1 > most_bytes_) roll();
  file_ << line << '\n';
  size_bytes_ += line.size() + 1;
}

void MessageRecord::flush() {
  if (path_.empty()) return;
  if (file_.flush()) {
    if (trouble_.end()) log_info(path_, " is written again");
    return;
  }
  if (trouble_.begin("not written")) log_warning("writing ", path_, " failed: diagnostics are not recorded");
  open();
}

}  // namespace turbo
