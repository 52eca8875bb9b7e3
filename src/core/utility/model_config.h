#pragma once
// A choice of model and compression by its name: <model>-imgcomp<X>-inpcomp<Y>, X and Y one of None, 50, 75,
// 90, 95, PNG, at most one of them not None. imgcomp compresses the whole camera frame (the server resizes);
// inpcomp compresses the frame already resized to the model's input.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turbo {

enum class Compression : std::uint8_t { kNone, kJpeg50, kJpeg75, kJpeg90, kJpeg95, kPng };

struct ModelConfig {
  std::string model;                       // letters, digits, '.', '_', '-'; 1 to 64 of them
  Compression image = Compression::kNone;  // of the whole frame
  Compression input = Compression::kNone;  // of the resized frame
  bool operator==(const ModelConfig&) const = default;
};

// Nothing when the text is not exactly of that form; *error then says what is wrong with it, in one line.
std::optional<ModelConfig> parse_model_config(std::string_view text, std::string* error = nullptr);
std::string format_model_config(const ModelConfig& config);

std::string_view compression_name(Compression compression);  // "None", "50", ..., "PNG"
int jpeg_quality(Compression compression);                   // 50 to 95; 0 when it is no JPEG

}  // namespace turbo
