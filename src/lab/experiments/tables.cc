#include "lab/experiments/tables.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "lab/experiments/results.h"

namespace turbo::experiments {
namespace {

struct Mean {
  double utility = 0, clairvoyant = 0, vehicle = 0, frames = 0;
  void add(const SweepRow& row) {
    const auto weight = static_cast<double>(row.frames);
    utility += weight * row.result.utility;
    clairvoyant += weight * row.clairvoyant;
    vehicle += weight * row.vehicle_utility;
    frames += weight;
  }
  double share() const { return clairvoyant > 0 ? utility / clairvoyant : 1; }
  double gain() const { return (utility - vehicle) / frames; }
};

std::string percent(const std::optional<double>& share) { return share ? number_text(*share * 100, 1) : "-"; }

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::string share_of(double utility, double best) {
  return best > 0 ? number_text(100 * utility / best, 1) : "-";
}

// Each name once, in the order of the rows.
std::vector<std::string> named_in(const std::vector<SweepRow>& rows, std::string SweepRow::*name) {
  std::vector<std::string> names;
  for (const SweepRow& row : rows)
    if (std::find(names.begin(), names.end(), row.*name) == names.end()) names.push_back(row.*name);
  return names;
}

}  // namespace

std::vector<std::string> policies_of(const std::vector<SweepRow>& rows) {
  return named_in(rows, &SweepRow::policy);
}

std::vector<std::string> allocators_of(const std::vector<SweepRow>& rows) {
  return named_in(rows, &SweepRow::allocator);
}

std::string table_of(const std::vector<SweepRow>& rows) {
  using Point = std::tuple<double, double, double>;
  struct Line {
    Mean all;
    std::map<Point, Mean> points;
  };
  std::map<std::pair<std::string, std::string>, Line> lines;
  for (const SweepRow& row : rows) {
    Line& line = lines[{row.policy, row.allocator}];
    line.all.add(row);
    line.points[{row.point.slo_ms, row.point.rtt_ms, row.point.bandwidth_mbps}].add(row);
  }
  std::vector<std::vector<std::string>> text{
      {"policy", "allocator", "utility", "of clairvoyant %", "least %", "gain, points", "most"}};
  const std::vector<std::string> allocators = allocators_of(rows);
  for (const std::string& policy : policies_of(rows))
    for (const std::string& allocator : allocators) {
      const auto found = lines.find({policy, allocator});
      if (found == lines.end()) continue;
      const Line& line = found->second;
      double least = 1, most = 0;
      for (const auto& [point, mean] : line.points) {
        least = std::min(least, mean.share());
        most = std::max(most, mean.gain());
      }
      text.push_back({policy, allocator, number_text(line.all.utility / line.all.frames, 4),
                      number_text(100 * line.all.share(), 2), number_text(100 * least, 2),
                      number_text(100 * line.all.gain(), 2), number_text(100 * most, 2)});
    }
  return text_table(text, 2);
}

std::vector<std::string> drive_head(std::vector<std::string> what, const std::vector<std::string>& range) {
  for (const char* word : {"RTT", "SLO", "utility"}) what.emplace_back(word);
  what.insert(what.end(), range.begin(), range.end());
  for (const char* word : {"of clairvoyant %", "of link's %", "vehicle", "offloaded %", "in time %",
                           "promised %", "attained %", "tries %", "others in time %", "changes/min"})
    what.emplace_back(word);
  return what;
}

std::vector<std::string> drive_line(std::vector<std::string> what, const DriveRow& row,
                                    const std::vector<std::string>& range) {
  const DriveResult& r = row.result;
  std::optional<double> tries, others;
  if (r.tries > 0) {
    tries = ratio(r.tries, r.offloaded);
    others = ratio(r.in_time - r.tries_in_time, r.offloaded - r.tries);
  }
  for (std::string text : {number_text(row.rtt_ms, 0), number_text(row.slo_ms, 0), number_text(r.utility, 4)})
    what.push_back(std::move(text));
  what.insert(what.end(), range.begin(), range.end());
  for (std::string text : {share_of(r.utility, row.clairvoyant), share_of(r.utility, row.link_clairvoyant),
                           number_text(r.vehicle_utility, 4), percent(ratio(r.offloaded, r.frames)),
                           percent(ratio(r.in_time, r.offloaded)), percent(r.promised), percent(r.attained),
                           percent(tries), percent(others), number_text(r.changes_per_minute, 1)})
    what.push_back(std::move(text));
  return what;
}

std::string table_of(const std::vector<DriveRow>& rows) {
  std::vector<std::vector<std::string>> lines{
      drive_head({"link", "scenario", "policy", "allocator", "budget"}, {})};
  for (const DriveRow& row : rows)
    lines.push_back(drive_line({row.trace, row.scenario, row.policy, row.allocator, row.budget}, row, {}));
  return text_table(lines, 5);
}

}  // namespace turbo::experiments
