#pragma once
// A source that the test holds in its hand: every pixel of a frame is one number, counted up from 1.

#include <array>
#include <atomic>
#include <stdexcept>

#include "vehicle/camera_stream/camera_source.h"

namespace turbo::test {

inline constexpr std::uint32_t kRemembered = 4096;

struct Switches {
  std::atomic<bool> fails = false;
  std::atomic<bool> throws = false;
  std::atomic<int> grabs = 0;
  std::array<std::atomic<std::int64_t>, kRemembered> due_ns{};  // by the frame's number, modulo their count
};

// The number of the frame of which this is a pixel.
inline std::uint32_t number_in(const std::uint8_t* pixel) {
  return pixel[0] | std::uint32_t{pixel[1]} << 8 | std::uint32_t{pixel[2]} << 16;
}

class CountingSource : public CameraSource {
 public:
  explicit CountingSource(Switches& switches, bool live = false) : switches_(switches), live_(live) {}

  Frame grab(Time due, MutableImageView out) override {
    ++switches_.grabs;
    if (switches_.fails) return {"test: unplugged", {}};
    if (switches_.throws) throw std::runtime_error("no memory\nfor this frame");
    ++count_;
    switches_.due_ns[count_ % kRemembered] = due.time_since_epoch().count();
    for (int y = 0; y < out.height; ++y) {
      std::uint8_t* const row = out.pixels + static_cast<std::size_t>(y) * out.stride_bytes;
      for (int i = 0; i < out.width * 3; ++i) row[i] = static_cast<std::uint8_t>(count_ >> (i % 3 * 8));
    }
    truth_ = {{{1, 2, 3, static_cast<float>(count_)}, 1.0f, 2}};
    return {{}, live_ ? std::chrono::steady_clock::now() : due};
  }
  bool is_live() const override { return live_; }
  const Detections* truth() const override { return &truth_; }
  std::string name() const override { return "test"; }

 private:
  Switches& switches_;
  bool live_;
  std::uint32_t count_ = 0;
  Detections truth_;
};

}  // namespace turbo::test
