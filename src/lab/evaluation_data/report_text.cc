#include "lab/evaluation_data/report_text.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

namespace turbo::lab {
namespace {

std::string padded(std::string text, std::size_t width, bool right) {
  const std::string room(width - std::min(width, text.size()), ' ');
  return right ? room + text : text + room;
}

std::string joined(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text.empty() ? "none" : text;
}

}  // namespace

std::string text_of(const EvaluationReport& report) {
  std::set<int> sizes;
  std::size_t longest = 13;
  for (const auto& configuration : report.configurations) {
    longest = std::max(longest, configuration.config.size());
    for (const auto& [size, rows] : configuration.rows) sizes.insert(size);
  }
  std::string text;
  if (!report.configurations.empty()) {
    text = padded("rows by window size", longest, false);
    for (const int size : sizes) text += padded(std::to_string(size), 11, true);
    text += '\n';
  }
  for (const auto& configuration : report.configurations) {
    text += padded(configuration.config, longest, false);
    for (const int size : sizes) {
      const auto rows = configuration.rows.find(size);
      text += padded(rows == configuration.rows.end() ? "-" : std::to_string(rows->second), 11, true);
    }
    text += '\n';
  }
  char size[32];
  std::snprintf(size, sizeof size, "%.1f MB", double(report.bytes) / 1e6);
  text += std::to_string(report.files) + " files, " + std::to_string(report.rows) + " rows, " + size + "; " +
          std::to_string(report.scenarios) + " scenarios; cameras " + joined(report.cameras) + "\n";
  for (const std::string& note : report.notes) text += "note: " + note + "\n";
  for (const std::string& problem : report.problems) text += "wrong: " + problem + "\n";
  return text + (report.problems.empty() ? "nothing is wrong\n"
                                         : std::to_string(report.problems.size()) + " wrong\n");
}

std::string json_of(const EvaluationReport& report) {
  nlohmann::json configurations = nlohmann::json::array();
  for (const auto& configuration : report.configurations) {
    nlohmann::json rows = nlohmann::json::object();
    for (const auto& [size, count] : configuration.rows) rows[std::to_string(size)] = count;
    configurations.push_back({{"config", configuration.config}, {"rows", rows}});
  }
  const nlohmann::json all = {{"configurations", configurations},
                              {"files", report.files},
                              {"bytes", report.bytes},
                              {"rows", report.rows},
                              {"scenarios", report.scenarios},
                              {"cameras", report.cameras},
                              {"notes", report.notes},
                              {"problems", report.problems}};
  // A name in the data may be no UTF-8.
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string text_of(const std::vector<ScenarioExtent>& scenarios) {
  std::size_t longest = 8;
  for (const ScenarioExtent& scenario : scenarios) longest = std::max(longest, scenario.name.size());
  std::string text = padded("scenario", longest, false) + "     frames  seconds  cameras\n";
  for (const ScenarioExtent& scenario : scenarios) {
    std::set<int> frames;
    std::vector<int> cameras;
    for (const auto& [camera, count] : scenario.frames) {
      cameras.push_back(camera);
      frames.insert(count);
    }
    std::string range = std::to_string(frames.empty() ? 0 : *frames.begin());
    if (frames.size() > 1) range.append("-").append(std::to_string(*frames.rbegin()));
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%9.1f", scenario.seconds);
    text += padded(scenario.name, longest, false) + padded(range, 11, true) + seconds + "  " +
            joined(cameras) + "\n";
  }
  return text + std::to_string(scenarios.size()) + " scenarios\n";
}

std::string json_of(const std::vector<ScenarioExtent>& scenarios) {
  nlohmann::json all = nlohmann::json::array();
  for (const ScenarioExtent& scenario : scenarios) {
    nlohmann::json cameras = nlohmann::json::array();
    for (const auto& [camera, frames] : scenario.frames)
      cameras.push_back({{"camera", camera}, {"frames", frames}});
    all.push_back({{"scenario", scenario.name}, {"seconds", scenario.seconds}, {"cameras", cameras}});
  }
  return nlohmann::json{{"scenarios", all}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace turbo::lab
