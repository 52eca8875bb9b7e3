#include "inference/preprocess.h"

#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

namespace turbo {
namespace {

cv::Mat header(ImageView view) {
  // OpenCV has no header for constant pixels; nothing here writes through it.
  return {view.height, view.width, CV_8UC3, const_cast<std::uint8_t*>(view.pixels), view.stride_bytes};
}

void stretch(ImageView from, MutableImageView to, int interpolation) {
  cv::Mat target(to.height, to.width, CV_8UC3, to.pixels, to.stride_bytes);
  cv::resize(header(from), target, target.size(), 0, 0, interpolation);
}

#if CV_SIMD
// One register of bytes to four registers of floats, scaled.
void store_scaled(const cv::v_uint8& bytes, const cv::v_float32& scale, float* to) {
  constexpr int kStep = cv::v_float32::nlanes;
  cv::v_uint16 low, high;
  cv::v_expand(bytes, low, high);
  const cv::v_uint16 halves[2]{low, high};
  for (int half = 0; half < 2; ++half) {
    cv::v_uint32 first, second;
    cv::v_expand(halves[half], first, second);
    cv::vx_store(to + (2 * half) * kStep, cv::v_cvt_f32(cv::v_reinterpret_as_s32(first)) * scale);
    cv::vx_store(to + (2 * half + 1) * kStep, cv::v_cvt_f32(cv::v_reinterpret_as_s32(second)) * scale);
  }
}
#endif

// The part of a row that whole registers cover; gives the first pixel left over.
int row_to_planes(const std::uint8_t* row, int width, float* red, float* green, float* blue) {
  int x = 0;
#if CV_SIMD
  const cv::v_float32 scale = cv::vx_setall_f32(1.0f / 255.0f);
  for (constexpr int kStep = cv::v_uint8::nlanes; x <= width - kStep; x += kStep) {
    cv::v_uint8 b, g, r;
    cv::v_load_deinterleave(row + 3 * x, b, g, r);
    store_scaled(r, scale, red + x);
    store_scaled(g, scale, green + x);
    store_scaled(b, scale, blue + x);
  }
#endif
  return x;
}

}  // namespace

void Resizer::resize(ImageView from, MutableImageView to) {
  for (std::size_t step = 0; from.height % 2 == 0 && from.width % 2 == 0 && to.height * 2 <= from.height &&
                             to.width * 2 <= from.width;
       ++step) {
    const bool last = to.height * 2 == from.height && to.width * 2 == from.width;
    const auto half = last ? to : halves_[step % 2].reshape(from.height / 2, from.width / 2);
    stretch(from, half, cv::INTER_AREA);
    if (last) return;
    from = half;
  }
  stretch(from, to,
          to.height < from.height / 2 && to.width < from.width / 2 ? cv::INTER_AREA : cv::INTER_LINEAR);
}

void use_one_image_thread() { cv::setNumThreads(1); }

void to_tensor(ImageView image, std::span<float> tensor) {
  const auto plane = static_cast<std::size_t>(image.height) * static_cast<std::size_t>(image.width);
  constexpr float kScale = 1.0f / 255.0f;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.pixels + static_cast<std::size_t>(y) * image.stride_bytes;
    float* red = tensor.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width);
    float* green = red + plane;
    float* blue = green + plane;
    for (int x = row_to_planes(row, image.width, red, green, blue); x < image.width; ++x) {
      blue[x] = static_cast<float>(row[3 * x]) * kScale;
      green[x] = static_cast<float>(row[3 * x + 1]) * kScale;
      red[x] = static_cast<float>(row[3 * x + 2]) * kScale;
    }
  }
}

void scale_boxes(std::span<Detection> detections, int from_height, int from_width, int to_height,
                 int to_width) {
  const float y_scale = static_cast<float>(to_height) / static_cast<float>(from_height);
  const float x_scale = static_cast<float>(to_width) / static_cast<float>(from_width);
  for (auto& detection : detections) {
    detection.box.x_min *= x_scale;
    detection.box.x_max *= x_scale;
    detection.box.y_min *= y_scale;
    detection.box.y_max *= y_scale;
  }
}

}  // namespace turbo
