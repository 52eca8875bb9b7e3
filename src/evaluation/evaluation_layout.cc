#include "evaluation/evaluation_layout.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "parquet/printable.h"

namespace turbo {
namespace {

constexpr std::string_view kFolderPrefix = "efficientdet-d", kModelPrefix = "edd";
constexpr std::string_view kImage = "compress-image-", kInput = "compress-inputs-", kRegion = "roi";
constexpr std::string_view kWindow = "window_size=", kEnding = ".parquet";
constexpr int kMaxWindow = 100'000;
constexpr std::size_t kMaxFiles = 100'000, kMaxPath = 1000;

std::string model_of_folder(const std::string& name) {
  return name.starts_with(kFolderPrefix) ? std::string(kModelPrefix) + name.substr(kFolderPrefix.size())
                                         : name;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands before the next '-', which is taken, too.
std::string_view take_part(std::string_view& text) {
  const auto end = text.find('-');
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

struct NamedFile {
  ModelConfig config;
  int window_size = 0;
};

std::optional<NamedFile> parse_file_name(const std::string& folder, const std::string& name) {
  std::string_view rest = name;
  if (!take(rest, folder) || !take(rest, "-")) return std::nullopt;
  std::string image = "None", input = "None", region;
  if (take(rest, kImage))
    image = take_part(rest);
  else if (take(rest, kInput))
    input = take_part(rest);
  if (rest.starts_with(kRegion)) region.append(1, '-').append(take_part(rest));
  if (!take(rest, kWindow) || !rest.ends_with(kEnding)) return std::nullopt;
  rest.remove_suffix(kEnding.size());
  NamedFile file;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), file.window_size);
  if (problem != std::errc() || end != rest.data() + rest.size() || file.window_size < 1 ||
      file.window_size > kMaxWindow)
    return std::nullopt;
  const auto config =
      parse_model_config(model_of_folder(folder) + "-imgcomp" + image + "-inpcomp" + input + region);
  if (!config || *config != data_config(*config)) return std::nullopt;
  file.config = *config;
  // Else two files could be the same configuration's: "window_size=01", "compress-image-None".
  if (evaluation_file(file.config, file.window_size) != std::filesystem::path(folder) / name)
    return std::nullopt;
  return file;
}

// The folder in which the file would be evaluation data; empty: none.
std::string folder_said_by(const std::string& name) {
  for (auto end = name.find('-'); end != std::string::npos; end = name.find('-', end + 1)) {
    if (parse_file_name(name.substr(0, end), name)) return name.substr(0, end);
    const auto rest = std::string_view(name).substr(end + 1);
    if (rest.starts_with(kImage) || rest.starts_with(kInput) || rest.starts_with(kRegion)) break;
  }
  return "";
}

// One line for each folder that these files, strangers in `folder`, say they are of.
void note_strangers(const std::filesystem::path& folder, const std::vector<std::string>& names,
                    std::vector<std::string>* notes) {
  std::map<std::string, std::vector<std::string>> by_folder;
  for (const std::string& name : names) by_folder[folder_said_by(name)].push_back(name);
  for (const auto& [said, own] : by_folder) {
    const std::string count = own.size() == 1 ? "one file is" : std::to_string(own.size()) + " files are";
    notes->push_back(
        printable(folder.string(), kMaxPath) + ": " + count +
        (said.empty() ? " not named as evaluation data" : " named as data of " + printable(said)) + " (" +
        printable(own.front()) + (own.size() > 1 ? " the first" : "") + "): left aside");
  }
}

std::vector<std::filesystem::directory_entry> sorted_entries(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::directory_entry> entries;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(*it);
    if (entries.size() > kMaxFiles)
      throw std::runtime_error(folder.string() + ": more than " + std::to_string(kMaxFiles) + " files");
  }
  if (error) throw std::runtime_error(folder.string() + ": " + error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_hidden(const std::filesystem::directory_entry& entry) {
  return entry.path().filename().string().starts_with('.');
}

}  // namespace

ModelConfig data_config(ModelConfig config) {
  config.frames_per_s = 0;
  if (config.image == Compression::kPng) config.image = Compression::kNone;
  if (config.input == Compression::kPng) config.input = Compression::kNone;
  return config;
}

std::string evaluation_folder_name(const std::string& model) {
  return model.starts_with(kModelPrefix) && model.size() > kModelPrefix.size()
             ? std::string(kFolderPrefix) + model.substr(kModelPrefix.size())
             : model;
}

bool evaluation_can_hold(const std::string& model) {
  return !model.starts_with('.') && model_of_folder(evaluation_folder_name(model)) == model;
}

std::filesystem::path evaluation_file(const ModelConfig& config, int window_size) {
  const std::string folder = evaluation_folder_name(config.model);
  std::string name = folder + "-";
  if (config.image != Compression::kNone)
    name.append(kImage).append(compression_name(config.image)).append("-");
  if (config.input != Compression::kNone)
    name.append(kInput).append(compression_name(config.input)).append("-");
  if (config.region) {
    const std::string whole = format_model_config({.model = "m", .region = config.region});
    name.append(whole.substr(whole.rfind(kRegion))).append("-");
  }
  name.append(kWindow).append(std::to_string(window_size)).append(kEnding);
  return std::filesystem::path(folder) / name;
}

EvaluationFiles list_evaluation_files(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder))
    throw std::runtime_error(folder.string() + ": no such folder of evaluation data");
  EvaluationFiles files{folder, {}, {}};
  for (const auto& entry : sorted_entries(folder)) {
    if (!entry.is_directory() || is_hidden(entry)) continue;
    const std::string name = entry.path().filename().string();
    std::vector<std::string> strangers;
    for (const auto& file : sorted_entries(entry.path())) {
      if (is_hidden(file)) continue;
      const std::string file_name = file.path().filename().string();
      if (const auto parsed = parse_file_name(name, file_name))
        files.by_config[format_model_config(parsed->config)][parsed->window_size] = file.path();
      else
        strangers.push_back(file_name);
    }
    note_strangers(entry.path(), strangers, &files.notes);
  }
  if (files.by_config.empty())
    throw std::runtime_error(folder.string() +
                             ": no evaluation data; expected folders as efficientdet-d1, in them " +
                             "files as efficientdet-d1-window_size=1.parquet");
  return files;
}

}  // namespace turbo
