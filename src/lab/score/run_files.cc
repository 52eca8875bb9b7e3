#include "lab/score/run_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "lab/score/json_fields.h"

namespace turbo {
namespace {

namespace fs = std::filesystem;

std::uint64_t read_lines(const std::string& path, const std::function<bool(const std::string&)>& take) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("reading " + path + ": it cannot be opened");
  return for_each_line(in, take);
}

bool is_death(const std::string& line) {
  const auto event = nlohmann::json::parse(line, nullptr, false);
  return event.is_object() && event.contains("event") && event["event"] == "died";
}

// Of the first summary that has it.
std::optional<MeasuredTime> measured_time(const RunFiles& files) {
  std::optional<MeasuredTime> measured;
  for (const auto& path : files.summary)
    read_lines(path, [&](const std::string& line) {
      const auto object = parse_object(line);
      MeasuredTime time;
      if (!object || measured || !read_number(*object, "measured_from_unix_s", time.from_unix_s) ||
          !read_number(*object, "measured_until_unix_s", time.until_unix_s))
        return false;
      measured = time;
      return true;
    });
  return measured;
}

constexpr double kDeadlineMs = 200;  // of records that have none

}  // namespace

bool MeasuredTime::holds(const DeliveryRecord& record) const {
  return !record.capture_unix_s ||
         (*record.capture_unix_s >= from_unix_s &&
          *record.capture_unix_s + record.deadline_ms.value_or(kDeadlineMs) / 1e3 <= until_unix_s);
}

RunFiles find_run_files(const std::vector<std::string>& folders) {
  RunFiles files;
  const auto sort_in = [&](const fs::path& path) {
    if (path.filename() == "truth.jsonl") files.truth.push_back(path);
    if (path.filename() == "deliveries.jsonl") files.deliveries.push_back(path);
    if (path.filename() == "supervision.jsonl") files.supervision.push_back(path);
    if (path.filename() == "summary.json") files.summary.push_back(path);
    if (path.filename() == "frames.jsonl") files.frames.push_back(path);
    if (path.filename() == "requests.jsonl") files.requests.push_back(path);
    if (path.filename() == "diagnostics.jsonl" || path.filename() == "diagnostics.1.jsonl")
      files.diagnostics.push_back(path);
    if (path.filename() == "link.jsonl") files.link.push_back(path);
  };
  for (const auto& folder : folders) {
    std::error_code error;
    fs::recursive_directory_iterator at(folder, error), end;
    for (; !error && at != end; at.increment(error))
      if (at->is_regular_file()) sort_in(at->path());
    if (error) throw std::runtime_error("reading run folder " + folder + ": " + error.message());
  }
  if (files.deliveries.empty())
    throw std::runtime_error("no deliveries.jsonl below " + (folders.empty() ? "" : folders.front()) +
                             ": give the folder of a run whose clients have ended");
  std::sort(files.truth.begin(), files.truth.end());
  std::sort(files.deliveries.begin(), files.deliveries.end());
  return files;
}

RunScore score_run(const RunFiles& files, std::optional<MeasuredTime> measured) {
  RunScore result;
  result.measured = measured ? measured : measured_time(files);
  Score score;
  for (const auto& path : files.truth)
    result.broken_lines += read_lines(path, [&](const std::string& line) {
      auto record = parse_truth(line);
      if (record) score.add_truth(std::move(*record));
      return record.has_value();
    });
  for (const auto& path : files.deliveries)
    result.broken_lines += read_lines(path, [&](const std::string& line) {
      const auto record = parse_delivery(line);
      const bool counts = record && (!result.measured || result.measured->holds(*record));
      if (counts) score.add_delivery(*record);
      result.left_out += record && !counts;
      return record.has_value();
    });
  for (const auto& path : files.supervision)
    read_lines(path, [&](const std::string& line) {
      result.restarts += is_death(line);
      return true;
    });
  result.total = score.total();
  result.cameras = score.cameras();
  return result;
}

RunHistory read_history(const RunFiles& files) {
  RunHistory history;
  const auto read_all = [&history](const std::vector<std::string>& paths, const auto& parse) {
    for (const auto& path : paths)
      read_lines(path, [&](const std::string& line) {
        auto record = parse(line);
        if (record) history.add(std::move(*record));
        return record.has_value();
      });
  };
  read_all(files.deliveries, parse_frame);
  read_all(files.frames, parse_send);
  read_all(files.requests, parse_cloud);
  read_all(files.link, parse_capacity);
  for (const auto& path : files.diagnostics)
    read_lines(path, [&](const std::string& line) {
      auto diagnostic = parse_diagnostic(line);
      if (diagnostic && diagnostic->link) history.add(*diagnostic->link);
      if (diagnostic && diagnostic->cloud_time) history.add(*diagnostic->cloud_time);
      if (diagnostic && diagnostic->decision) history.add(std::move(*diagnostic->decision));
      return diagnostic.has_value();
    });
  history.finish();
  return history;
}

}  // namespace turbo
