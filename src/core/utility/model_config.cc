#include "core/utility/model_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace turbo {
namespace {

constexpr std::string_view kImageKey = "-imgcomp";
constexpr std::string_view kInputKey = "-inpcomp";
constexpr std::string_view kRateKey = "-fps";
constexpr std::string_view kRegionKey = "-roi";
constexpr double kMostFramesPerS = 1000;
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

std::string rate_text(double frames_per_s) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), frames_per_s);
  return {text.data(), end.ptr};
}

std::optional<ModelConfig> refuse(std::string_view text, std::string_view why, std::string* error) {
  if (error != nullptr)
    *error =
        "model configuration " + quoted_text(text) + ": " + std::string(why) +
        "; expected <model>-imgcomp<X>-inpcomp<Y>, X and Y one of None, 50, 75, 90, 95, PNG, and if need "
        "be -fps<N> and -roi<W>x<H>+<L>+<T> after it";
  return std::nullopt;
}

// Only as it is written by format_model_config: "2", "0.5", neither "02" nor "0.50".
bool parse_rate(std::string_view text, double* out) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), *out);
  if (problem != std::errc() || end != text.data() + text.size()) return false;
  const double thousandths = std::round(*out * 1000);
  if (!(thousandths > 0 && *out <= kMostFramesPerS)) return false;
  *out = thousandths / 1000;
  return rate_text(*out) == text;
}

// One number of a region and the sign before the next; takes both off the text.
bool take(std::string_view* text, char sign, int* out) {
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), *out);
  const auto length = static_cast<std::size_t>(end - text->data());
  const bool plain = length > 0 && text->front() != '-' && (text->front() != '0' || length == 1);
  if (problem != std::errc() || !plain || *out > 100) return false;
  text->remove_prefix(length);
  if (sign == '\0') return text->empty();
  if (text->empty() || text->front() != sign) return false;
  text->remove_prefix(1);
  return true;
}

bool parse_region(std::string_view text, std::optional<FrameRegion>* out) {
  FrameRegion region;
  if (!take(&text, 'x', &region.width) || !take(&text, '+', &region.height) ||
      !take(&text, '+', &region.left) || !take(&text, '\0', &region.top))
    return false;
  const bool whole = region.width == 100 && region.height == 100;
  if (region.width < 1 || region.height < 1 || whole || region.left + region.width > 100 ||
      region.top + region.height > 100)
    return false;
  *out = region;
  return true;
}

}  // namespace

std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, kMaxQuoted)) out += (c >= ' ' && c <= '~') ? c : '?';
  return out + (text.size() > kMaxQuoted ? "...\"" : "\"");
}

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
  std::string_view tail = text.substr(input_at + kInputKey.size());
  if (const auto at = tail.find(kRegionKey); at != std::string_view::npos) {
    if (!parse_region(tail.substr(at + kRegionKey.size()), &config.region))
      return refuse(text, "no region of the frame after -roi", error);
    tail = tail.substr(0, at);
  }
  if (const auto at = tail.find(kRateKey); at != std::string_view::npos) {
    if (!parse_rate(tail.substr(at + kRateKey.size()), &config.frames_per_s))
      return refuse(text, "no frame rate after -fps", error);
    tail = tail.substr(0, at);
  }
  if (!parse_compression(tail, &config.input)) return refuse(text, "unknown inpcomp", error);
  if (config.image != Compression::kNone && config.input != Compression::kNone)
    return refuse(text, "imgcomp and inpcomp exclude each other", error);
  return config;
}

std::string format_model_config(const ModelConfig& config) {
  std::string text = config.model;
  text.append(kImageKey).append(compression_name(config.image));
  text.append(kInputKey).append(compression_name(config.input));
  if (config.frames_per_s > 0) text.append(kRateKey).append(rate_text(config.frames_per_s));
  if (const auto& region = config.region)
    text.append(kRegionKey)
        .append(std::to_string(region->width) + "x" + std::to_string(region->height) + "+")
        .append(std::to_string(region->left) + "+" + std::to_string(region->top));
  return text;
}

std::string format_frame_config(ModelConfig config) {
  config.frames_per_s = 0;
  return format_model_config(config);
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
