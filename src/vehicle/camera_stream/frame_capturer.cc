#include "vehicle/camera_stream/frame_capturer.h"

#include <algorithm>

#include "process/logging.h"

namespace turbo {
namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(250);
constexpr Duration kLongestPause = std::chrono::seconds(5);
constexpr Duration kMargin = std::chrono::milliseconds(4);

Time now() { return std::chrono::steady_clock::now(); }

double unix_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

FrameCapturer::FrameCapturer(std::unique_ptr<CameraSource> source, FrameRing& ring, const Options& options,
                             std::optional<TruthLog> truth, std::function<void()> on_change)
    : source_(std::move(source)),
      source_name_(source_->name()),
      ring_(ring),
      options_(options),
      clock_(options.frames_per_second, options.phase),
      truth_(std::move(truth)),
      on_change_(std::move(on_change)),
      trouble_(source_name_ + ": not opened yet") {
  thread_ = std::thread([this] { run(); });
}

FrameCapturer::~FrameCapturer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  source_->stop();
  thread_.join();
}

std::string FrameCapturer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::uint64_t FrameCapturer::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

bool FrameCapturer::wait_until(Time time) {
  std::unique_lock lock(mutex_);
  stopping_.wait_until(lock, time, [this] { return stop_; });
  return !stop_;
}

Time FrameCapturer::start_of(Time due) const {
  if (source_->is_live()) return now();  // it waits by itself
  return due - std::min(slowest_ + slowest_ / 4 + kMargin, clock_.period() * 9 / 10);
}

void FrameCapturer::run() {
  Duration pause = kFirstPause;
  Time due = clock_.next(now());
  while (wait_until(start_of(due))) {
    std::string trouble;
    try {
      trouble = take_frame(due);
    } catch (const std::exception& e) {  // OpenCV's, or no memory
      const std::string what = e.what();
      trouble = source_name_ + ": " + what.substr(0, what.find('\n'));
    }
    if (!trouble.empty()) {
      note(trouble);
      if (!wait_until(now() + pause)) return;
      pause = std::min(pause * 2, kLongestPause);
      due = clock_.next(now());
      continue;
    }
    pause = kFirstPause;
    due = clock_.next(std::max(due, now()));
  }
}

std::string FrameCapturer::take_frame(Time due) {
  const auto slot = ring_.begin_frame();
  const Time begin = now();
  const auto frame = source_->grab(due, packed_view(slot.data(), options_.size.height, options_.size.width));
  if (published() > 0) slowest_ = std::max(now() - begin, slowest_ - slowest_ / 16);  // the first also opens
  if (!frame.error.empty()) return frame.error;
  const bool live = source_->is_live();
  if (live || wait_until(due)) show(live ? frame.captured : std::max(due, now()));
  return {};
}

void FrameCapturer::show(Time captured) {
  const auto monotonic_ns = captured.time_since_epoch().count();
  const double captured_unix_s = unix_s() - seconds(now() - captured);
  // Microseconds of CLOCK_MONOTONIC: rises over a restart, whatever is done to the wall clock.
  last_context_id_ = std::max(last_context_id_ + 1, static_cast<std::uint64_t>(monotonic_ns / 1000));
  if (truth_ && source_->truth()) truth_->write(last_context_id_, captured_unix_s, *source_->truth());
  ring_.publish(last_context_id_, monotonic_ns, captured_unix_s);
  {
    const std::lock_guard lock(mutex_);
    ++published_;
  }
  note("");
}

void FrameCapturer::note(const std::string& trouble) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = trouble != trouble_;
    trouble_ = trouble;
  }
  if (changed && trouble.empty()) log_info("frames come from ", source_name_);
  if (changed && !trouble.empty()) log_warning("no frames: ", trouble, "; trying again");
  if (changed || trouble.empty()) on_change_();
}

}  // namespace turbo
