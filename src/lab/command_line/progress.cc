#include "lab/command_line/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace turbo {
namespace {

constexpr std::chrono::seconds kSilent{2};
constexpr std::chrono::milliseconds kRedraw{200};

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(std::max<std::uint64_t>(1, total)),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (line_open_) std::fputs("\n", stderr);
}

void Progress::advance(std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  done_ = std::min(total_, done_ + by);
  const auto now = Clock::now();
  const std::uint64_t tenth = done_ * 10 / total_;
  if (now - begin_ < kSilent || (terminal_ ? now - told_ < kRedraw && done_ < total_ : tenth == told_tenth_))
    return;
  told_ = now;
  told_tenth_ = tenth;
  const std::string text = line(what_, done_, total_, std::chrono::duration<double>(now - begin_).count());
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", text.c_str());
  line_open_ = terminal_;
}

std::string Progress::line(const std::string& what, std::uint64_t done, std::uint64_t total,
                           double elapsed_s) {
  std::string text = what + ": " + std::to_string(done * 100 / total) + " % (" + std::to_string(done) +
                     " of " + std::to_string(total) + ")";
  if (done == 0 || done == total) return text;
  const double left_s = elapsed_s * double(total - done) / double(done);
  return text + ", " + std::to_string(std::uint64_t(left_s + 0.5)) + " s to go";
}

}  // namespace turbo
