#pragma once
// A source that the test holds in its hand: every frame is filled with one number, counted up.

#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "vehicle/camera_stream/camera_source.h"

namespace turbo::test {

struct Switches {
  std::atomic<bool> fails = false;
  std::atomic<bool> throws = false;
  std::atomic<int> grabs = 0;
  std::array<std::atomic<std::int64_t>, 256> due_ns{};  // of the frame filled with this number
};

class CountingSource : public CameraSource {
 public:
  explicit CountingSource(Switches& switches, bool live = false) : switches_(switches), live_(live) {}

  Frame grab(Time due, MutableImageView out) override {
    ++switches_.grabs;
    if (switches_.fails) return {"test: unplugged", {}};
    if (switches_.throws) throw std::runtime_error("no memory\nfor this frame");
    ++count_;
    switches_.due_ns[count_] = due.time_since_epoch().count();
    for (int y = 0; y < out.height; ++y)
      std::memset(out.pixels + static_cast<std::size_t>(y) * out.stride_bytes, count_,
                  static_cast<std::size_t>(out.width) * 3);
    truth_ = {{{1, 2, 3, static_cast<float>(count_)}, 1.0f, 2}};
    return {{}, live_ ? std::chrono::steady_clock::now() : due};
  }
  bool is_live() const override { return live_; }
  const Detections* truth() const override { return &truth_; }
  std::string name() const override { return "test"; }

 private:
  Switches& switches_;
  bool live_;
  std::uint8_t count_ = 0;
  Detections truth_;
};

}  // namespace turbo::test
