// Devices, streams and files, read by OpenCV.

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "inference/preprocess.h"
#include "vehicle/camera_stream/camera_source.h"

namespace turbo {
namespace {

constexpr int kTimeoutMs = 2000;  // of opening and of reading: a stop must not wait longer

// What a capture decoded, into `out`; a frame of that size goes there directly.
std::string retrieve(cv::VideoCapture& capture, Resizer& resizer, MutableImageView out) {
  cv::Mat frame(out.height, out.width, CV_8UC3, out.pixels, out.stride_bytes);
  if (!capture.retrieve(frame) || frame.empty()) return "a frame could not be decoded";
  if (frame.type() != CV_8UC3) return "its frames are not of three channels of 8 bits";
  if (frame.data != out.pixels) resizer.resize({frame.data, frame.rows, frame.cols, frame.step[0]}, out);
  return {};
}

class Capture : public CameraSource {
 public:
  explicit Capture(std::string name) : name_(std::move(name)) {
    cv::utils::logging::setLogLevel(
        cv::utils::logging::LOG_LEVEL_SILENT);  // what matters is said by us, once
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
    ::setenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2", 0);
  }

  Frame grab(Time due, MutableImageView out) override {
    Frame frame;
    try {
      if (!capture_.isOpened() && !open(capture_)) frame.error = "it cannot be opened";
      if (frame.error.empty()) frame = read(due, out);
    } catch (const cv::Exception& failure) {
      frame.error = failure.err;
    }
    if (!frame.error.empty()) {
      frame.error = name_ + ": " + frame.error;
      capture_.release();
    }
    return frame;
  }
  std::string name() const override { return name_; }

 protected:
  virtual bool open(cv::VideoCapture& capture) = 0;
  virtual Frame read(Time due, MutableImageView out) = 0;

  std::string name_;
  cv::VideoCapture capture_;
  Resizer resizer_;
};

// Whatever comes at its own pace: a device, a stream. Frames before the one that is due are passed over, so
// that none waits in a queue and grows old.
class LiveCapture : public Capture {
 public:
  using Capture::Capture;

  bool is_live() const override { return true; }
  void stop() override { stop_ = true; }

 protected:
  Frame read(Time due, MutableImageView out) override {
    Time captured;
    do {
      if (!capture_.grab()) return {"no frame came", {}};
      captured = std::chrono::steady_clock::now();
    } while (captured < due && !stop_);
    return {retrieve(capture_, resizer_, out), captured};
  }

 private:
  std::atomic<bool> stop_ = false;
};

class Device : public LiveCapture {
 public:
  Device(int usb_id, ImageSize wanted, double frames_per_second)
      : LiveCapture("/dev/video" + std::to_string(usb_id)),
        usb_id_(usb_id),
        wanted_(wanted),
        rate_(frames_per_second) {}

 protected:
  bool open(cv::VideoCapture& capture) override {
    if (!capture.open(usb_id_, cv::CAP_V4L2)) return false;
    // Full frames do not fit through USB 2 uncompressed. A device takes from these what it can.
    capture.set(cv::CAP_PROP_FOURCC, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'));
    capture.set(cv::CAP_PROP_FRAME_WIDTH, wanted_.width);
    capture.set(cv::CAP_PROP_FRAME_HEIGHT, wanted_.height);
    capture.set(cv::CAP_PROP_FPS, std::max(rate_, 1.0));
    capture.set(cv::CAP_PROP_BUFFERSIZE, 1);
    return true;
  }

 private:
  int usb_id_;
  ImageSize wanted_;
  double rate_;
};

bool open_ffmpeg(cv::VideoCapture& capture, const std::string& name) {
  return capture.open(
      name, cv::CAP_FFMPEG,
      {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, kTimeoutMs, cv::CAP_PROP_READ_TIMEOUT_MSEC, kTimeoutMs});
}

class Stream : public LiveCapture {
 public:
  using LiveCapture::LiveCapture;

 protected:
  bool open(cv::VideoCapture& capture) override { return open_ffmpeg(capture, name_); }
};

// Played at its own speed, from its start again at its end.
class File : public Capture {
 public:
  using Capture::Capture;

  bool is_live() const override { return false; }

 protected:
  bool open(cv::VideoCapture& capture) override {
    if (!open_ffmpeg(capture, name_)) return false;
    const double rate = capture.get(cv::CAP_PROP_FPS);
    rate_ = std::isfinite(rate) && rate > 0 && rate < 1000 ? rate : 30.0;
    grabbed_ = 0;
    started_.reset();
    return true;
  }

  Frame read(Time due, MutableImageView out) override {
    if (!started_) started_ = due;
    // Frames that the moment has passed are skipped undecoded as far as the format allows; the first always
    // counts.
    const auto wanted = static_cast<std::int64_t>(seconds(due - *started_) * rate_ + 1e-6) + 1;
    while (grabbed_ < wanted) {
      if (capture_.grab()) {
        ++grabbed_;
        continue;
      }
      if (grabbed_ == 0) return {"it has no frames", {}};
      if (!open(capture_)) return {"it cannot be opened again", {}};
      started_ = due;
      if (!capture_.grab()) return {"it has no frames", {}};
      grabbed_ = 1;
      break;
    }
    return {retrieve(capture_, resizer_, out), due};
  }

 private:
  double rate_ = 30;
  std::int64_t grabbed_ = 0;  // since started_
  std::optional<Time> started_;
};

}  // namespace

std::unique_ptr<CameraSource> make_video_source(const std::string& path_or_address) {
  if (path_or_address.find("://") != std::string::npos) return std::make_unique<Stream>(path_or_address);
  return std::make_unique<File>(path_or_address);
}

std::unique_ptr<CameraSource> make_device_source(int usb_id, ImageSize wanted, double frames_per_second) {
  return std::make_unique<Device>(usb_id, wanted, frames_per_second);
}

}  // namespace turbo
