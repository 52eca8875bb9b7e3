// A still image, as if it were a camera's.

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include <cstring>

#include "inference/image.h"
#include "inference/preprocess.h"
#include "vehicle/camera_stream/camera_source.h"

namespace turbo {
namespace {

class ImageSource : public CameraSource {
 public:
  explicit ImageSource(std::string path) : path_(std::move(path)) {
    cv::utils::logging::setLogLevel(
        cv::utils::logging::LOG_LEVEL_SILENT);  // what matters is said by us, once
  }

  Frame grab(Time due, MutableImageView out) override {
    if (height_ != out.height || width_ != out.width) {
      if (std::string why = load(out.height, out.width); !why.empty()) return {why, {}};
    }
    const ImageView from = image_.view();
    for (int y = 0; y < out.height; ++y)
      std::memcpy(out.pixels + static_cast<std::size_t>(y) * out.stride_bytes,
                  from.pixels + static_cast<std::size_t>(y) * from.stride_bytes, from.row_bytes());
    return {{}, due};
  }
  bool is_live() const override { return false; }
  std::string name() const override { return path_; }

 private:
  std::string load(int height, int width) {
    cv::Mat read;
    try {
      read = cv::imread(path_, cv::IMREAD_COLOR);
    } catch (const cv::Exception&) {
      // Larger than OpenCV reads: as good as unreadable.
    }
    if (read.empty()) return path_ + ": no image is to be read there";
    resizer_.resize({read.data, read.rows, read.cols, read.step[0]}, image_.reshape(height, width));
    height_ = height;
    width_ = width;
    return {};
  }

  std::string path_;
  Image image_;  // at the size asked for
  int height_ = 0, width_ = 0;
  Resizer resizer_;
};

}  // namespace

std::unique_ptr<CameraSource> make_image_source(const std::string& path) {
  return std::make_unique<ImageSource>(path);
}

}  // namespace turbo
