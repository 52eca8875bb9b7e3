#include "core/utility/model_config.h"

#include <algorithm>
#include <array>

namespace turbo {
namespace {

constexpr std::string_view kImageKey = "-imgcomp";
constexpr std::string_view kInputKey = "-inpcomp";
constexpr std::size_t kMaxModelName = 64;
constexpr std::size_t kMaxQuoted = 120;  // of a wrong name, in an error line

struct CompressionRow {
  std::string_view name;
  Compression value;
  int quality;
};

constexpr std::array<CompressionRow, 6> kCompressions{{
    {"None", Compression::kNone, 0},
    {"50", Compression::kJpeg50, 50},
    {"75", Compression::kJpeg75, 75},
    {"90", Compression::kJpeg90, 90},
    {"95", Compression::kJpeg95, 95},
    {"PNG", Compression::kPng, 0},
}};

bool parse_compression(std::string_view text, Compression* out) {
  for (const auto& row : kCompressions)
    if (row.name == text) return *out = row.value, true;
  return false;
}

bool is_model_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kMaxModelName && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

// The name as it may stand in a log line: bounded, printable.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kMaxQuoted)) out += (c >= ' ' && c <= '~') ? c : '?';
  return out + (text.size() > kMaxQuoted ? "...\"" : "\"");
}

std::optional<ModelConfig> refuse(std::string_view text, std::string_view why, std::string* error) {
  if (error != nullptr)
    *error = "model configuration " + quoted(text) + ": " + std::string(why) +
             "; expected <model>-imgcomp<X>-inpcomp<Y>, X and Y one of None, 50, 75, 90, 95, PNG";
  return std::nullopt;
}

}  // namespace

std::optional<ModelConfig> parse_model_config(std::string_view text, std::string* error) {
  const auto input_at = text.rfind(kInputKey);
  if (input_at == std::string_view::npos) return refuse(text, "no -inpcomp", error);
  const auto head = text.substr(0, input_at);
  const auto image_at = head.rfind(kImageKey);
  if (image_at == std::string_view::npos) return refuse(text, "no -imgcomp before -inpcomp", error);

  ModelConfig config;
  const auto model = head.substr(0, image_at);
  if (!is_model_name(model)) return refuse(text, "no valid model name", error);
  config.model = model;
  if (!parse_compression(head.substr(image_at + kImageKey.size()), &config.image))
    return refuse(text, "unknown imgcomp", error);
  if (!parse_compression(text.substr(input_at + kInputKey.size()), &config.input))
    return refuse(text, "unknown inpcomp", error);
  if (config.image != Compression::kNone && config.input != Compression::kNone)
    return refuse(text, "imgcomp and inpcomp exclude each other", error);
  return config;
}

std::string format_model_config(const ModelConfig& config) {
  std::string text = config.model;
  text.append(kImageKey).append(compression_name(config.image));
  text.append(kInputKey).append(compression_name(config.input));
  return text;
}

std::string_view compression_name(Compression compression) {
  for (const auto& row : kCompressions)
    if (row.value == compression) return row.name;
  return "None";
}

int jpeg_quality(Compression compression) {
  for (const auto& row : kCompressions)
    if (row.value == compression) return row.quality;
  return 0;
}

}  // namespace turbo
