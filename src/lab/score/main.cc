// turbo-score: what a run was worth, from its folder, and why frames of it were late.

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "lab/command_line/command_line.h"
#include "lab/score/late_report.h"
#include "lab/score/report.h"

namespace {

constexpr const char* kFooter = R"(
Why was a frame late?
  turbo-score RUN --late                        what made frames late, counted, and the worst of them
  turbo-score RUN --frame 2:34909866829         the way of one frame (SERVICE:CONTEXT_ID), stage by stage;
                                                CONTEXT_ID alone where only one service has it
Late is a frame that was for the cloud and had no answer from there in time, also where the vehicle's was, and one of the
vehicle's own without an answer in time. Why: the stage in which its way ended before the deadline, or the one that took
longest beyond what is usual for it, which is its median over the frames that were in time; or a busy machine, where
compression or the vehicle's model, and decoding or the cloud's, took four times the usual at once. RUN may be several folders, of
vehicle and cloud.
)";

struct Options {
  std::vector<std::string> folders;
  bool json = false, late = false;
  std::size_t count = 20;
  std::string frame;
};

// SERVICE:CONTEXT_ID, or a context id alone.
struct WantedFrame {
  std::optional<int> service;
  std::uint64_t context_id = 0;
};

template <class Number>
bool is_all(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

WantedFrame wanted_of(const std::string& text) {
  WantedFrame wanted;
  const auto colon = text.find(':');
  const auto context = std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1);
  if (is_all(context, wanted.context_id) &&
      (colon == std::string::npos ||
       is_all(std::string_view(text).substr(0, colon), wanted.service.emplace())))
    return wanted;
  throw std::invalid_argument("--frame: expected SERVICE:CONTEXT_ID or CONTEXT_ID, got " + text);
}

const turbo::FrameStory& find(const turbo::RunHistory& history, const WantedFrame& wanted,
                              const std::string& text) {
  if (wanted.service) {
    const turbo::FrameStory* const story = history.find({*wanted.service, wanted.context_id});
    if (story) return *story;
  } else {
    const auto found = history.find(wanted.context_id);
    if (found.size() == 1) return *found.front();
    std::string names;
    for (const turbo::FrameStory* story : found)
      names += (names.empty() ? "" : ", ") + std::to_string(story->frame.name.service) + ":" + text;
    if (!names.empty())
      throw std::invalid_argument("--frame: more than one service has frame " + text + ": name " + names);
  }
  throw std::runtime_error("no frame " + text + " in this run: --late lists some");
}

std::string answer(const Options& options) {
  using namespace turbo;
  if (options.frame.empty() && !options.late) {
    const auto score = score_run(find_run_files(options.folders));
    return options.json ? json_of(score) + "\n" : table_of(score);
  }
  const WantedFrame wanted = options.frame.empty() ? WantedFrame{} : wanted_of(options.frame);
  const RunHistory history = read_history(find_run_files(options.folders));
  if (options.late)
    return options.json ? late_json(history, options.count) + "\n" : late_table(history, options.count);
  const FrameStory& story = find(history, wanted, options.frame);
  return options.json ? frame_json(history, story) + "\n" : frame_timeline(history, story);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Counts, latencies and accuracy of a run, per camera and for all; why frames were late",
               "turbo-score"};
  app.add_option("folder", options.folders, "Run folders; what processes recorded is looked for below them")
      ->required();
  app.add_flag("--json", options.json, "One JSON object instead of a table");
  auto* const late = app.add_flag("--late", options.late, "The late frames instead, worst first");
  app.add_option("-n,--count", options.count, "So many of them")
      ->needs(late)
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--frame", options.frame, "One frame instead, stage by stage")
      ->type_name("[SERVICE:]ID")
      ->excludes(late);
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  try {
    std::fputs(answer(options).c_str(), stdout);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "turbo-score: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-score: %s\n", error.what());
    return 1;
  }
}
