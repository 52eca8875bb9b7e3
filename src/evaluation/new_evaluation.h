#pragma once
// A folder of evaluation data in the making: whole under its name, or not there.

#include <filesystem>
#include <string_view>

namespace turbo {

// The files go to .NAME.part beside the folder (in .part in it, where it is there and empty, for it may be a
// file system of its own), and to their place when all are there. One thread, but others may write below
// path().
class NewEvaluation {
 public:
  // Throws std::runtime_error, one line that names the folder: it is there and not empty, or cannot be made.
  explicit NewEvaluation(const std::filesystem::path& folder);
  NewEvaluation(const NewEvaluation&) = delete;
  NewEvaluation& operator=(const NewEvaluation&) = delete;
  ~NewEvaluation();  // without finish(): nothing is left

  const std::filesystem::path& path() const { return part_; }  // where to write
  // With `table` as its model_info.csv, where every tool looks for the model table; returns that file's path.
  // Throws std::runtime_error.
  std::filesystem::path finish(std::string_view table);

 private:
  std::filesystem::path folder_, part_;
  bool was_there_ = false;
};

}  // namespace turbo
