#include "lab/experiments/drive_summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "lab/experiments/tables.h"

namespace turbo::experiments {
namespace {

using enum ColumnType;

constexpr double kAlike = 1e-9;  // utilities that differ by less are the same

// Sums until finish().
struct Sums {
  DriveSummary summary;
  double promised_frames = 0, promised = 0, attained = 0, paired_frames = 0, to_first = 0;

  void add(const DriveRow& row) {
    DriveSummary& s = summary;
    if (s.scenarios == 0) {
      s.mean = row;
      s.mean.scenario.clear();
      s.mean.clairvoyant = s.mean.link_clairvoyant = 0;
      s.mean.result = {};
      s.least = s.most = row.result.utility;
    }
    ++s.scenarios;
    s.least = std::min(s.least, row.result.utility);
    s.most = std::max(s.most, row.result.utility);
    const auto weight = static_cast<double>(row.result.frames);
    DriveResult& sum = s.mean.result;
    s.mean.clairvoyant += weight * row.clairvoyant;
    s.mean.link_clairvoyant += weight * row.link_clairvoyant;
    sum.utility += weight * row.result.utility;
    sum.vehicle_utility += weight * row.result.vehicle_utility;
    sum.changes_per_minute += weight * row.result.changes_per_minute;
    sum.capacity_mbps += weight * row.result.capacity_mbps;
    sum.frames += row.result.frames;
    sum.offloaded += row.result.offloaded;
    sum.in_time += row.result.in_time;
    sum.tries += row.result.tries;
    sum.tries_in_time += row.result.tries_in_time;
    if (!row.result.promised || !row.result.attained) return;
    const auto went = static_cast<double>(row.result.offloaded);
    promised_frames += went;
    promised += went * *row.result.promised;
    attained += went * *row.result.attained;
  }

  void compare(const DriveResult& result, double first) {
    const auto weight = static_cast<double>(result.frames);
    paired_frames += weight;
    to_first += weight * (result.utility - first);
    ++summary.paired;
    summary.better += result.utility > first + kAlike ? 1 : 0;
  }

  DriveSummary finish() const {
    DriveSummary s = summary;
    DriveResult& mean = s.mean.result;
    const double frames = std::max(1.0, static_cast<double>(mean.frames));
    for (double* each : {&s.mean.clairvoyant, &s.mean.link_clairvoyant, &mean.utility, &mean.vehicle_utility,
                         &mean.changes_per_minute, &mean.capacity_mbps})
      *each /= frames;
    if (paired_frames > 0) s.to_first = to_first / paired_frames;
    if (promised_frames > 0) {
      mean.promised = promised / promised_frames;
      mean.attained = attained / promised_frames;
    }
    return s;
  }
};

Value known(const std::optional<double>& value) { return value ? Value(*value) : Value(); }

}  // namespace

std::vector<DriveSummary> summaries_of(const std::vector<DriveRow>& rows) {
  using Course = std::tuple<std::string, double, double>;  // link, RTT, SLO
  std::map<std::tuple<Course, std::string, std::string, std::string>, std::size_t> places;
  std::map<Course, std::size_t> firsts;                               // places of the first variants
  std::map<std::pair<Course, std::string>, double> utility_of_first;  // in a scenario
  std::vector<Sums> sums;
  std::vector<std::size_t> place_of;  // of each row
  for (const DriveRow& row : rows) {
    const Course course{row.trace, row.rtt_ms, row.slo_ms};
    const auto [place, is_new] =
        places.try_emplace({course, row.policy, row.allocator, row.budget}, sums.size());
    if (is_new) sums.emplace_back();
    sums[place->second].add(row);
    place_of.push_back(place->second);
    if (firsts.try_emplace(course, place->second).first->second == place->second)
      utility_of_first[{course, row.scenario}] = row.result.utility;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Course course{rows[i].trace, rows[i].rtt_ms, rows[i].slo_ms};
    const auto first = utility_of_first.find({course, rows[i].scenario});
    if (firsts[course] != place_of[i] && first != utility_of_first.end())
      sums[place_of[i]].compare(rows[i].result, first->second);
  }
  std::vector<DriveSummary> summaries;
  for (const Sums& each : sums) summaries.push_back(each.finish());
  return summaries;
}

Results results_of(const std::vector<DriveSummary>& summaries) {
  Results results{.experiment = "drive",
                  .columns = {{"trace", kString},
                              {"policy", kString},
                              {"allocator", kString},
                              {"budget", kString},
                              {"rtt_ms"},
                              {"slo_ms"},
                              {"scenarios", kInt64},
                              {"frames", kInt64},
                              {"offloaded", kInt64},
                              {"in_time", kInt64},
                              {"utility"},
                              {"least_utility"},
                              {"most_utility"},
                              {"clairvoyant"},
                              {"link_clairvoyant"},
                              {"vehicle_utility"},
                              {"promised"},
                              {"attained"},
                              {"tries", kInt64},
                              {"tries_in_time", kInt64},
                              {"changes_per_minute"},
                              {"capacity_mbps"},
                              {"to_first"},
                              {"better", kInt64},
                              {"paired", kInt64}}};
  for (const DriveSummary& each : summaries) {
    const DriveRow& mean = each.mean;
    const DriveResult& r = mean.result;
    results.rows.push_back({mean.trace,
                            mean.policy,
                            mean.allocator,
                            mean.budget,
                            mean.rtt_ms,
                            mean.slo_ms,
                            static_cast<std::int64_t>(each.scenarios),
                            r.frames,
                            r.offloaded,
                            r.in_time,
                            r.utility,
                            each.least,
                            each.most,
                            mean.clairvoyant,
                            mean.link_clairvoyant,
                            r.vehicle_utility,
                            known(r.promised),
                            known(r.attained),
                            r.tries,
                            r.tries_in_time,
                            r.changes_per_minute,
                            r.capacity_mbps,
                            known(each.to_first),
                            static_cast<std::int64_t>(each.better),
                            static_cast<std::int64_t>(each.paired)});
  }
  return results;
}

std::string table_of(const std::vector<DriveSummary>& summaries) {
  std::vector<std::vector<std::string>> lines{
      drive_head({"link", "policy", "allocator", "budget", "scenarios"},
                 {"least", "most", "to first, points", "better in"})};
  for (const DriveSummary& each : summaries) {
    const std::string difference =
        each.to_first ? number_text(std::round(1e4 * *each.to_first) / 100 + 0.0, 2) : "-";
    const std::string better =
        each.to_first ? std::to_string(each.better) + " of " + std::to_string(each.paired) : "-";
    lines.push_back(drive_line({each.mean.trace, each.mean.policy, each.mean.allocator, each.mean.budget,
                                std::to_string(each.scenarios)},
                               each.mean,
                               {number_text(each.least, 4), number_text(each.most, 4), difference, better}));
  }
  return text_table(lines, 4);
}

}  // namespace turbo::experiments
