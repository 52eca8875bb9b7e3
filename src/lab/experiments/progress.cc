#include "lab/experiments/progress.h"

#include <unistd.h>

#include <cstdio>

namespace turbo::experiments {
namespace {

constexpr std::size_t kWidth = 40;
constexpr std::chrono::milliseconds kSilence(1000), kPeriod(200);

}  // namespace

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what)), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::clear() {
  if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

void Progress::show(std::size_t done, std::size_t all) {
  const Clock::time_point now = Clock::now();
  if (quiet_ || now - began_ < kSilence || all == 0) return;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double left = seconds / static_cast<double>(done) * static_cast<double>(all - done);
  if (terminal_) {
    if (now - drawn_ < kPeriod && done < all) return;
    drawn_ = now;
    const std::size_t filled = kWidth * done / all;
    std::fprintf(stderr, "\r[%s%s] %zu of %zu %s, %.0f s left\033[K", std::string(filled, '#').c_str(),
                 std::string(kWidth - filled, ' ').c_str(), done, all, what_.c_str(), left);
  } else {
    if (10 * done / all == tenths_) return;
    tenths_ = 10 * done / all;
    std::fprintf(stderr, "%zu of %zu %s, about %.0f s left\n", done, all, what_.c_str(), left);
  }
  shown_ = true;
}

}  // namespace turbo::experiments
