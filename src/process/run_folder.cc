#include "process/run_folder.h"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/fnv1a.h"
#include "process/version.h"

namespace turbo {

namespace fs = std::filesystem;

namespace {

std::string time_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

std::string hash_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fnv1a(bytes)));
  return text;
}

}  // namespace

std::string make_run_folder(const std::string& wanted, const std::string& experiment_output_dir,
                            const std::string& name) {
  std::error_code error;
  if (!wanted.empty()) {
    fs::create_directories(wanted, error);
    if (error) throw std::runtime_error("making the run folder " + wanted + ": " + error.message());
    return wanted;
  }
  fs::create_directories(experiment_output_dir, error);
  const std::string base = experiment_output_dir + "/" + name + time_text("_%Y-%m-%d_%H-%M-%S");
  for (int attempt = 1; attempt < 100; ++attempt) {
    const std::string folder = attempt == 1 ? base : base + "-" + std::to_string(attempt);
    if (fs::create_directory(folder, error)) return folder;
    if (error) break;
  }
  throw std::runtime_error("making a run folder in " + experiment_output_dir + ": " +
                           (error ? error.message() : "too many of this second"));
}

void stamp_run_folder(const std::string& folder, const std::vector<std::string>& command_line,
                      const std::string& config_path) {
  const nlohmann::json stamp{{"command_line", command_line},
                             {"config", config_path},
                             {"config_hash", hash_of_file(config_path)},
                             {"version", version()},
                             {"commit", commit()},
                             {"start_time", time_text("%Y-%m-%dT%H:%M:%S%z")}};
  std::ofstream(folder + "/run.json") << stamp.dump(2) << '\n';
}

}  // namespace turbo
