#include "lab/experiments/results_file.h"

#include <unistd.h>

#include <stdexcept>

#include "lab/experiments/results.h"
#include "parquet/database.h"
#include "parquet/parquet_writer.h"
#include "parquet/printable.h"

namespace turbo::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNameBytes = 4096;

// The experiment that wrote it; empty: none of ours.
std::string experiment_in(const fs::path& file) {
  try {
    const Database database;
    const FileMetadata metadata = read_metadata(database, file);
    const auto found = metadata.find(kExperimentKey);
    return found == metadata.end() ? "" : found->second;
  } catch (const std::runtime_error&) {
    return "";
  }
}

// The folder that is there already, in which the others would be made.
fs::path nearest_folder(const fs::path& file) {
  fs::path folder = fs::absolute(file).parent_path();
  std::error_code error;
  while (!fs::exists(fs::symlink_status(folder, error)) && folder.has_relative_path())
    folder = folder.parent_path();
  return folder;
}

}  // namespace

void check_results_file(const std::string& option, const fs::path& file, const std::string& experiment) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument(option + " " + file.string() + ": " + why);
  };
  if (!is_printable(file.string(), kMostNameBytes))
    throw std::invalid_argument(option + " " + printable(file.string()) +
                                ": expected a name in UTF-8, without control characters");
  if (!file.has_filename()) refuse("expected a file, not a folder");
  std::error_code error;
  const fs::file_type type = fs::symlink_status(file, error).type();
  if (type == fs::file_type::directory) refuse("expected a file, not a folder");
  if (type == fs::file_type::symlink) refuse("a link, which would be replaced; name the file itself");
  if (type == fs::file_type::regular) {
    if (experiment_in(file) != experiment)
      refuse("there is a file that holds no results of turbo-simulate " + experiment +
             "; name another, or remove it first");
  } else if (type != fs::file_type::not_found && type != fs::file_type::none) {
    refuse("there is something that is no file; name another");
  }
  const fs::path folder = nearest_folder(file);
  if (!fs::is_directory(folder, error)) refuse(folder.string() + " is no folder");
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse("nothing can be written into " + folder.string());
}

}  // namespace turbo::experiments
