#include "lab/score/late_report.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "lab/command_line/printed.h"
#include "lab/score/json_fields.h"
#include "lab/score/moment_report.h"

namespace turbo {
namespace {

using nlohmann::ordered_json;

constexpr int kBarColumns = 40;

// What one stage made late, and how those frames ended.
struct Cause {
  FrameStage stage = FrameStage::kCamera;
  std::uint64_t frames = 0;
  std::map<Ending, std::uint64_t> endings;
};

struct Overview {
  std::uint64_t missed = 0, for_the_cloud = 0;
  std::vector<Cause> causes;  // the most frequent first
};

bool is_for_the_cloud(const FrameStory& story) {
  return story.ending != Ending::kVehicleInTime && story.ending != Ending::kVehicleLate;
}

Overview overview_of(const RunHistory& history, const std::vector<LateFrame>& late) {
  Overview out;
  for (const FrameStory& story : history.stories()) out.for_the_cloud += is_for_the_cloud(story);
  std::map<FrameStage, Cause> by_stage;
  for (const LateFrame& frame : late) {
    out.missed += frame.story.missed();
    Cause& cause = by_stage[frame.cause];
    cause.stage = frame.cause;
    ++cause.frames;
    ++cause.endings[frame.story.ending];
  }
  for (auto& [stage, cause] : by_stage) out.causes.push_back(std::move(cause));
  std::stable_sort(out.causes.begin(), out.causes.end(),
                   [](const Cause& a, const Cause& b) { return a.frames > b.frames; });
  return out;
}

// Local time, as the logs have it.
std::string time_of_day(double unix_s, const char* format = "%H:%M:%S") {
  const auto ms = static_cast<long long>(std::llround(unix_s * 1e3));
  const std::time_t whole = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  char text[64];
  ::localtime_r(&whole, &parts);
  std::strftime(text, sizeof text, format, &parts);
  return printed("%s.%03d", text, static_cast<int>(ms % 1000));
}

std::string label_of(const FrameName& name) {
  return std::to_string(name.service) + ":" + std::to_string(name.context_id);
}

std::string shown_ms(const std::optional<double>& ms) { return ms ? printed("%.1f", *ms) : "-"; }

// "inference: 125.7 ms, usually 34.1"; of one that ended somewhere, how.
std::string why_of(const LateFrame& late) {
  const std::string stage = name_of(late.cause);
  if (!late.slow.empty()) return stage + ": " + factors_text(late.slow);
  if (!late.took_ms) return stage + ": " + text_of(late.story.ending);
  std::string text = printed("%s: %.1f ms", stage.c_str(), *late.took_ms);
  if (late.usual_ms) text += printed(", usually %.1f", *late.usual_ms);
  const Ending ending = late.story.ending;
  if (ending != Ending::kAnsweredLate && !is_in_time(ending)) text += std::string("; ") + text_of(ending);
  return text;
}

std::string longest_of(const FrameStory& story) {
  const StageTime* const longest = story.longest();
  return longest ? printed("%s %.0f", name_of(longest->stage), longest->took_ms) : "-";
}

ordered_json fields_of(const RunHistory& history, const LateFrame& late) {
  const FrameStory& story = late.story;
  ordered_json stages = ordered_json::array();
  for (const StageTime& time : story.stages)
    stages.push_back({{"stage", name_of(time.stage)},
                      {"from_ms", rounded_json(time.from_ms)},
                      {"took_ms", rounded_json(time.took_ms)},
                      {"usual_ms", rounded_json(history.usual_ms(story.frame.name.service, time.stage))}});
  const StageTime* const longest = story.longest();
  return {
      {"service_id", story.frame.name.service},
      {"context_id", story.frame.name.context_id},
      {"capture_unix_s", story.frame.capture_unix_s},
      {"model_config", story.frame.model_config},
      {"size_bytes", static_cast<std::uint64_t>(std::max(0.0, story.frame.size_bytes))},
      {"deadline_ms", rounded_json(story.frame.deadline_ms)},
      {"source", story.frame.source},
      {"in_time", story.frame.in_time},
      {"latency_ms", rounded_json(story.frame.latency_ms)},
      {"answer_ms", rounded_json(story.answer_ms)},
      {"end", name_of(story.ending)},
      {"longest", longest ? ordered_json(name_of(longest->stage)) : ordered_json()},
      {"cause", name_of(late.cause)},
      {"cause_ms", rounded_json(late.took_ms)},
      {"cause_usual_ms", rounded_json(late.usual_ms)},
      {"slow", factors_text(late.slow)},
      {"vehicle_runtime_ms", rounded_json(story.frame.vehicle_runtime_ms)},
      {"vehicle_runtime_usual_ms", rounded_json(history.usual_vehicle_model_ms(story.frame.name.service))},
      {"stages", std::move(stages)}};
}

std::string delivered(const FrameStory& story) {
  const FrameRecord& frame = story.frame;
  if (frame.source == "none") return "nothing was delivered";
  const char* const whose = frame.source == "remote" ? "the cloud's" : "the vehicle's";
  return printed("%s was delivered after %.1f ms%s", whose, frame.latency_ms,
                 frame.in_time ? "" : ", too late");
}

std::string bar(double from_ms, double took_ms, double deadline_ms, double whole_ms) {
  std::string columns(kBarColumns, ' ');
  const auto column = [&](double ms) {
    return static_cast<int>(std::clamp(ms / whole_ms * kBarColumns, 0.0, kBarColumns - 1.0));
  };
  columns[static_cast<std::size_t>(column(deadline_ms))] = '|';
  if (took_ms > 0)
    for (int i = column(from_ms); i <= column(from_ms + took_ms * 0.999); ++i)
      columns[static_cast<std::size_t>(i)] = '#';
  while (!columns.empty() && columns.back() == ' ') columns.pop_back();
  return columns;
}

}  // namespace

std::string missing_records(const RunHistory& history) {
  std::string text;
  const auto miss = [&](bool there, const char* what) {
    if (!there) text += text.empty() ? what : std::string("; ") + what;
  };
  miss(history.has_sends(), "frames.jsonl of the QUIC client: sending and network are one");
  miss(history.has_cloud(),
       "requests.jsonl of the QUIC server (give the cloud's run folder too): both ways are one");
  miss(history.has_diagnostics(), "diagnostics.jsonl of the plotter: link and decisions");
  return text;
}

std::string late_table(const RunHistory& history, std::size_t most) {
  const auto late = history.late_frames();
  const Overview overview = overview_of(history, late);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::string text = printed(
      "%llu of %llu frames were late (%llu were for the cloud); %llu of them had nothing at all in time\n",
      number(late.size()), number(history.stories().size()), number(overview.for_the_cloud),
      number(overview.missed));
  if (const std::string missing = missing_records(history); !missing.empty())
    text += "not recorded: " + missing + "\n";
  if (late.empty()) return text;
  text += "\nwhy                           frames  share  how they ended\n";
  for (const Cause& cause : overview.causes) {
    std::string ends;
    for (const auto& [ending, frames] : cause.endings)
      ends += (ends.empty() ? "" : ", ") + std::string(name_of(ending)) + " " + std::to_string(frames);
    text += printed(
        "%-29s %6llu %5.1f%%  %s\n", name_of(cause.stage), static_cast<unsigned long long>(cause.frames),
        100.0 * static_cast<double>(cause.frames) / static_cast<double>(late.size()), ends.c_str());
  }
  if (most == 0) return text;
  text +=
      printed("\n%-22s %-12s %9s  %-29s %s\n", "frame", "captured", "answer ms", "longest stage, ms", "why");
  for (std::size_t i = 0; i < std::min(most, late.size()); ++i) {
    const FrameStory& story = late[i].story;
    text += printed("%-22s %-12s %9s  %-29s ", label_of(story.frame.name).c_str(),
                    time_of_day(story.frame.capture_unix_s).c_str(), shown_ms(story.answer_ms).c_str(),
                    longest_of(story).c_str());
    text += why_of(late[i]) + (story.missed() ? "; nothing in time" : "") + "  [" + story.frame.model_config +
            "]\n";
  }
  if (late.size() > most) text += printed("and %zu more: --count N\n", late.size() - most);
  return text;
}

std::string late_json(const RunHistory& history, std::size_t most) {
  const auto late = history.late_frames();
  const Overview overview = overview_of(history, late);
  ordered_json causes = ordered_json::array(), listed = ordered_json::array();
  for (const Cause& cause : overview.causes) {
    ordered_json ends;
    for (const auto& [ending, frames] : cause.endings) ends[name_of(ending)] = frames;
    causes.push_back(
        {{"cause", name_of(cause.stage)},
         {"frames", cause.frames},
         {"share", rounded_json(static_cast<double>(cause.frames) / static_cast<double>(late.size()))},
         {"ends", std::move(ends)}});
  }
  for (std::size_t i = 0; i < std::min(most, late.size()); ++i) listed.push_back(fields_of(history, late[i]));
  return ordered_json{{"frames", history.stories().size()},
                      {"for_the_cloud", overview.for_the_cloud},
                      {"late", late.size()},
                      {"missed", overview.missed},
                      {"not_recorded", missing_records(history)},
                      {"causes", std::move(causes)},
                      {"late_frames", std::move(listed)}}
      .dump();
}

std::string frame_timeline(const RunHistory& history, const FrameStory& story) {
  const FrameRecord& frame = story.frame;
  const LateFrame why = history.explain(story);
  const double deadline = story.deadline_ms();
  const double whole = std::max({1.0, deadline * 1.05, story.end_ms()});
  std::string text = "frame " + label_of(frame.name) + ", captured " +
                     time_of_day(frame.capture_unix_s, "%Y-%m-%d %H:%M:%S") + ", " + frame.model_config;
  if (frame.offloaded) text += printed(", %.0f bytes", frame.size_bytes);
  text += std::string("\n") + text_of(story.ending);
  if (story.answer_ms)
    text += printed(": it came after %.1f ms, %.1f %s the deadline", *story.answer_ms,
                    std::abs(*story.answer_ms - deadline), *story.answer_ms > deadline ? "behind" : "before");
  text += "; " + delivered(story) + "\n" +
          (is_in_time(story.ending) ? "furthest beyond the usual: " : "why: ") + why_of(why) + "\n\n";
  text += "  from ms  took ms    usual  stage\n";
  for (const StageTime& time : story.stages)
    text += printed("%9.1f %8.1f %8s  %-33s %s\n", time.from_ms, time.took_ms,
                    shown_ms(history.usual_ms(frame.name.service, time.stage)).c_str(), name_of(time.stage),
                    bar(time.from_ms, time.took_ms, deadline, whole).c_str());
  text += printed("%9.1f %8s %8s  %-33s %s\n", story.end_ms(), "", "", "end of what is recorded",
                  bar(0, 0, deadline, whole).c_str());
  text += printed("%9.1f %8s %8s  deadline (|)\n", deadline, "", "");
  if (frame.vehicle_runtime_ms)
    text +=
        printed("%9s %8.1f %8s  the on-vehicle model's run, beside these\n", "", *frame.vehicle_runtime_ms,
                shown_ms(history.usual_vehicle_model_ms(frame.name.service)).c_str());
  text += "\n";
  text += moment_text(history.moment(story), story);
  if (const std::string missing = missing_records(history); !missing.empty())
    text += "not recorded         " + missing + "\n";
  return text;
}

std::string frame_json(const RunHistory& history, const FrameStory& story) {
  ordered_json json = fields_of(history, history.explain(story));
  json.update(moment_json(history.moment(story), story));
  json["not_recorded"] = missing_records(history);
  return json.dump();
}

}  // namespace turbo
