#include "evaluation/new_evaluation.h"

#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace turbo {
namespace {

constexpr const char* kTable = "model_info.csv";

// Without a last '/', which would hide the name.
std::filesystem::path whole_path(const std::filesystem::path& folder) {
  const auto whole = std::filesystem::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

[[noreturn]] void fail(const std::filesystem::path& folder, const std::error_code& error) {
  throw std::runtime_error(folder.string() + ": " + error.message());
}

void move_entries(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::directory_iterator(from))
    names.push_back(entry.path().filename());
  for (const auto& name : names) std::filesystem::rename(from / name, to / name);
  std::filesystem::remove(from);
}

}  // namespace

NewEvaluation::NewEvaluation(const std::filesystem::path& folder) : folder_(folder) {
  const auto refuse = [&] {
    throw std::runtime_error(folder.string() + " is there already and not an empty folder: name another");
  };
  if (folder.empty()) refuse();
  std::error_code error;
  was_there_ = std::filesystem::exists(folder, error);
  if (was_there_ && (!std::filesystem::is_directory(folder) || !std::filesystem::is_empty(folder))) refuse();
  const auto whole = whole_path(folder);
  std::string hidden = was_there_ ? "" : ".";
  if (!was_there_) hidden += whole.filename().string();
  const auto part = (was_there_ ? whole : whole.parent_path()) / (hidden + ".part");
  std::filesystem::create_directories(part.parent_path(), error);
  if (error) fail(folder, error);
  if (!std::filesystem::create_directory(part, error)) {
    if (error) fail(folder, error);
    throw std::runtime_error(part.string() +
                             " is there already: data in the making, or left by a program that was killed; "
                             "then remove it");
  }
  part_ = part;
}

NewEvaluation::~NewEvaluation() {
  std::error_code ignored;
  if (!part_.empty()) std::filesystem::remove_all(part_, ignored);
}

std::filesystem::path NewEvaluation::finish(std::string_view table) {
  const auto written = part_ / kTable;
  std::ofstream file(written, std::ios::binary);
  file << table;
  file.close();
  if (!file) throw std::runtime_error("writing " + written.string() + " failed");
  try {
    if (was_there_)
      move_entries(part_, folder_);
    else
      std::filesystem::rename(part_, whole_path(folder_));
  } catch (const std::filesystem::filesystem_error& error) {
    fail(folder_, error.code());
  }
  part_.clear();
  return folder_ / kTable;
}

}  // namespace turbo
