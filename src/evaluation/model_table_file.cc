#include "evaluation/model_table_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace turbo {
namespace {

constexpr std::uintmax_t kMaxTableBytes = 1 << 20;

}  // namespace

ModelTable read_model_table(const std::string& path, const std::string& what_to_do) {
  const auto refuse = [&](const std::string& why) { throw std::invalid_argument(path + ": " + why); };
  std::error_code error;
  if (!std::filesystem::exists(path, error)) refuse("there is no such file; " + what_to_do);
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kMaxTableBytes)
    refuse("no file of at most 1 MiB; " + what_to_do);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) refuse("it cannot be read; check its permissions");
  try {
    return parse_model_table(text.str(), path);
  } catch (const std::runtime_error& fault) {
    throw std::invalid_argument(fault.what());
  }
}

}  // namespace turbo
