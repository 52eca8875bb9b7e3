#pragma once
// A choice of model and compression by its name: <model>-imgcomp<X>-inpcomp<Y>, X and Y one of None, 50, 75,
// 90, 95, PNG, at most one of them not None. imgcomp compresses the whole camera frame (the server resizes);
// inpcomp compresses the frame already resized to the model's input. Two parts may follow, in this order:
//   -fps<N>              only N frames a second are sent: 2, 0.5, 1.25; above 0, at most 1000
//   -roi<W>x<H>+<L>+<T>  only this region of the frame is sent, in whole per cent of its width and height:
//                        -roi100x50+0+25 is the middle half, over the whole width

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/image/region.h"

namespace turbo {

enum class Compression : std::uint8_t { kNone, kJpeg50, kJpeg75, kJpeg90, kJpeg95, kPng };

struct ModelConfig {
  std::string model;                       // letters, digits, '.', '_', '-'; 1 to 64 of them
  Compression image = Compression::kNone;  // of the whole frame
  Compression input = Compression::kNone;  // of the resized frame
  double frames_per_s = 0;                 // 0: every frame; else a whole number of thousandths
  std::optional<FrameRegion> region;       // none: the whole frame; never all of it
  bool operator==(const ModelConfig&) const = default;
};

// Nothing when the text is not exactly of that form; *error then says what is wrong with it, in one line.
std::optional<ModelConfig> parse_model_config(std::string_view text, std::string* error = nullptr);
std::string format_model_config(const ModelConfig& config);
// What a single frame is sent under: the same without -fps, which is no matter of the cloud's.
std::string format_frame_config(ModelConfig config);

// In quotes, bounded, printable: what a file says, as it may stand in a line.
std::string quoted_text(std::string_view text);

std::string_view compression_name(Compression compression);  // "None", "50", ..., "PNG"
int jpeg_quality(Compression compression);                   // 50 to 95; 0 when it is no JPEG

}  // namespace turbo
