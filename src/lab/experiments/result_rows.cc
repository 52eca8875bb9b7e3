#include "lab/experiments/result_rows.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

#include "lab/experiments/row_reader.h"
#include "parquet/database.h"

namespace turbo::experiments {
namespace {

using enum ColumnType;

const std::vector<ResultColumn>& sweep_columns() {
  static const std::vector<ResultColumn> columns{{"scenario", kString},
                                                 {"policy", kString},
                                                 {"allocator", kString},
                                                 {"bandwidth_mbps"},
                                                 {"rtt_ms"},
                                                 {"slo_ms"},
                                                 {"services", kInt64},
                                                 {"frames", kInt64},
                                                 {"utility"},
                                                 {"clairvoyant"},
                                                 {"vehicle_utility"},
                                                 {"needed_mbps"},
                                                 {"changes"}};
  return columns;
}

const std::vector<ResultColumn>& drive_columns() {
  static const std::vector<ResultColumn> columns{{"trace", kString},
                                                 {"scenario", kString},
                                                 {"policy", kString},
                                                 {"allocator", kString},
                                                 {"budget", kString},
                                                 {"rtt_ms"},
                                                 {"slo_ms"},
                                                 {"services", kInt64},
                                                 {"frames", kInt64},
                                                 {"offloaded", kInt64},
                                                 {"in_time", kInt64},
                                                 {"utility"},
                                                 {"clairvoyant"},
                                                 {"link_clairvoyant"},
                                                 {"vehicle_utility"},
                                                 {"promised"},
                                                 {"attained"},
                                                 {"tries", kInt64},
                                                 {"tries_in_time", kInt64},
                                                 {"changes_per_minute"},
                                                 {"capacity_mbps"}};
  return columns;
}

Value known(const std::optional<double>& value) { return value ? Value(*value) : Value(); }

constexpr double kMostMbps = 1e6, kMostMs = 1e6, kMostChanges = 1e6;  // a minute
constexpr std::int64_t kMostFrames = 1'000'000'000'000, kMostServices = 1000;

SweepRow sweep_row(RowReader& in) {
  SweepRow row;
  row.scenario = in.text();
  row.policy = in.text();
  row.allocator = in.text();
  row.point.bandwidth_mbps = in.number(0, kMostMbps);
  row.point.rtt_ms = in.number(0, kMostMs);
  row.point.slo_ms = in.number(0, kMostMs);
  row.services = in.whole(1, kMostServices);
  row.frames = in.whole(1, kMostFrames);
  row.result.utility = in.share();
  row.clairvoyant = in.share();
  row.vehicle_utility = in.share();
  row.result.needed_mbps = in.number(0, kMostMbps);
  row.result.changes = in.share();
  return row;
}

DriveRow drive_row(RowReader& in) {
  DriveRow row;
  row.trace = in.text();
  row.scenario = in.text();
  row.policy = in.text();
  row.allocator = in.text();
  row.budget = in.text();
  row.rtt_ms = in.number(0, kMostMs);
  row.slo_ms = in.number(0, kMostMs);
  row.services = static_cast<std::size_t>(in.whole(1, kMostServices));
  row.result.frames = in.whole(1, kMostFrames);
  row.result.offloaded = in.whole(0, row.result.frames);
  row.result.in_time = in.whole(0, row.result.offloaded);
  row.result.utility = in.share();
  row.clairvoyant = in.share();
  row.link_clairvoyant = in.share();
  row.result.vehicle_utility = in.share();
  row.result.promised = in.maybe_share();
  row.result.attained = in.maybe_share();
  row.result.tries = in.whole(0, row.result.offloaded);
  row.result.tries_in_time = in.whole(0, row.result.tries);
  row.result.changes_per_minute = in.number(0, kMostChanges);
  row.result.capacity_mbps = in.number(0, kMostMbps);
  return row;
}

template <class Row>
struct FileRow {
  Row row;
  std::filesystem::path file;
};

// Every row of one file.
template <class Row>
void read(const Database& database, const std::filesystem::path& file,
          const std::vector<ResultColumn>& columns, Row (*read_row)(RowReader&),
          std::vector<FileRow<Row>>& rows, Origin& origin) {
  std::string wanted;
  std::vector<ResultColumn> all = columns;
  all.insert(all.end(), {{"seed", kInt64}, {"command_line", kString}});
  for (const ResultColumn& column : all)
    wanted.append("CAST(").append(column.name).append(" AS ").append(sql_name(column.type)).append("), ");
  QueryResult result =
      database.query("SELECT " + wanted.substr(0, wanted.size() - 2) + " FROM " + parquet_source(file));
  if (rows.empty()) origin.files = 0;
  ++origin.files;
  while (const Chunk* chunk = result.next())
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      RowReader in(file, all, *chunk, i);
      rows.push_back({read_row(in), file});
      const auto seed = static_cast<std::uint64_t>(
          in.whole(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
      if (origin.command_line.empty()) {
        origin.seed = seed;
        origin.command_line = in.line();
      }
    }
}

// Places of names in the order in which they first stand in the files, which is that of the command line.
class Places {
 public:
  std::size_t of(const std::string& name) { return places_.try_emplace(name, places_.size()).first->second; }

 private:
  std::map<std::string, std::size_t> places_;
};

struct AllPlaces {
  Places traces, policies, allocators, budgets;
};

auto key(const SweepRow& row, AllPlaces& places) {
  return std::tuple(row.scenario, places.policies.of(row.policy), places.allocators.of(row.allocator),
                    row.point.slo_ms, row.point.rtt_ms, row.point.bandwidth_mbps);
}
auto key(const DriveRow& row, AllPlaces& places) {
  return std::tuple(places.traces.of(row.trace), row.rtt_ms, row.slo_ms, row.scenario,
                    places.policies.of(row.policy), places.allocators.of(row.allocator),
                    places.budgets.of(row.budget));
}

template <class Row>
std::vector<Row> in_order(std::vector<FileRow<Row>> given) {
  AllPlaces places;
  using Key = decltype(key(given.front().row, places));
  std::vector<std::pair<Key, std::size_t>> keys;
  for (const auto& each : given) keys.emplace_back(key(each.row, places), keys.size());
  std::sort(keys.begin(), keys.end());
  std::vector<FileRow<Row>> rows;
  for (const auto& [of, index] : keys) rows.push_back(std::move(given[index]));
  const auto same = std::adjacent_find(keys.begin(), keys.end(),
                                       [](const auto& a, const auto& b) { return a.first == b.first; });
  const auto twice = same == keys.end() ? rows.end() : rows.begin() + (same - keys.begin());
  if (twice != rows.end())
    throw std::runtime_error("scenario " + twice->row.scenario + ", policy " + twice->row.policy +
                             ", allocator " + twice->row.allocator + " stands twice, in " +
                             twice->file.string() + " and in " + std::next(twice)->file.string() +
                             ": the same results were read again, or of two seeds");
  require_whole_grid(rows);
  std::vector<Row> plain;
  for (auto& [row, file] : rows) plain.push_back(std::move(row));
  return plain;
}

auto variant(const SweepRow& row) { return std::tuple(row.policy, row.allocator); }
auto variant(const DriveRow& row) { return std::tuple(row.policy, row.allocator, row.budget); }
auto point(const SweepRow& row) {
  return std::tuple(row.point.slo_ms, row.point.rtt_ms, row.point.bandwidth_mbps);
}
auto point(const DriveRow& row) { return std::tuple(row.trace, row.rtt_ms, row.slo_ms); }

// Else a mean at one point of the grid would be over other scenarios than that at the next.
template <class Row>
void require_whole_grid(const std::vector<FileRow<Row>>& rows) {
  using Variant = decltype(variant(rows.front().row));
  std::map<Variant, std::set<decltype(point(rows.front().row))>> grids;
  std::map<std::pair<Variant, std::string>, std::pair<std::size_t, const FileRow<Row>*>> counts;
  for (const auto& each : rows) {
    grids[variant(each.row)].insert(point(each.row));
    auto& [count, first] = counts[{variant(each.row), each.row.scenario}];
    ++count;
    first = &each;
  }
  for (const auto& [of, found] : counts) {
    const auto& [count, where] = found;
    const std::size_t all = grids[of.first].size();
    if (count < all)
      throw std::runtime_error(where->file.string() + ": scenario " + of.second + ", policy " +
                               where->row.policy + ", allocator " + where->row.allocator + " has " +
                               std::to_string(count) + " of the " + std::to_string(all) +
                               " points that other scenarios have: parts of different experiments");
  }
}

// "sweep", "drive", or nothing of a file without rows.
std::string kind_of(const Database& database, const std::filesystem::path& file) {
  const std::string foreign = file.string() + ": not written by turbo-simulate sweep or drive";
  QueryResult columns =
      database.query("SELECT count(*) FROM (DESCRIBE SELECT * FROM " + parquet_source(file) +
                     ") WHERE column_name = 'experiment' AND column_type = 'VARCHAR'");
  const Chunk* count = columns.next();
  if (count == nullptr || count->int64s(0)[0] != 1) throw std::runtime_error(foreign);
  QueryResult kinds = database.query("SELECT DISTINCT experiment FROM " + parquet_source(file));
  const Chunk* chunk = kinds.next();
  if (chunk == nullptr || chunk->rows() == 0) return "";
  const std::string kind = chunk->rows() == 1 ? std::string(chunk->string(0, 0)) : "";
  if (kind != "sweep" && kind != "drive") throw std::runtime_error(foreign);
  return kind;
}

// As a shell would part it; quotes stay.
std::vector<std::string> words_of(const std::string& command_line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (std::size_t i = 0; i < command_line.size(); ++i) {
    const char c = command_line[i];
    if (c == '\'') quoted = !quoted;
    if (c == ' ' && !quoted) {
      words.emplace_back();
      continue;
    }
    words.back() += c;
    if (c == '\\' && !quoted && i + 1 < command_line.size()) words.back() += command_line[++i];
  }
  return words;
}

// What is true of one of several files only.
std::string without_own_options(const std::string& command_line) {
  std::string kept;
  bool value_follows = false;
  for (const std::string& word : words_of(command_line)) {
    const bool own = word == "--shard" || word == "--results";
    if (!own && !value_follows && !word.starts_with("--shard=") && !word.starts_with("--results="))
      kept.append(kept.empty() ? "" : " ").append(word);
    value_follows = own;
  }
  return kept;
}

}  // namespace

std::string caption_of(const Origin& origin) {
  const std::string seed = " (seed " + std::to_string(origin.seed) + ")";
  if (origin.files == 1) return origin.command_line + seed;
  return without_own_options(origin.command_line) + seed + ", " + std::to_string(origin.files) + " files";
}

Results results_of(const std::vector<SweepRow>& rows, const Origin& origin) {
  Results results{"sweep", origin.seed, origin.command_line, origin.identity, sweep_columns(), {}};
  for (const SweepRow& row : rows)
    results.rows.push_back({row.scenario, row.policy, row.allocator, row.point.bandwidth_mbps,
                            row.point.rtt_ms, row.point.slo_ms, row.services, row.frames, row.result.utility,
                            row.clairvoyant, row.vehicle_utility, row.result.needed_mbps,
                            row.result.changes});
  return results;
}

Results results_of(const std::vector<DriveRow>& rows, const Origin& origin) {
  Results results{"drive", origin.seed, origin.command_line, origin.identity, drive_columns(), {}};
  for (const DriveRow& row : rows) {
    const DriveResult& r = row.result;
    results.rows.push_back({row.trace,         row.scenario,
                            row.policy,        row.allocator,
                            row.budget,        row.rtt_ms,
                            row.slo_ms,        static_cast<std::int64_t>(row.services),
                            r.frames,          r.offloaded,
                            r.in_time,         r.utility,
                            row.clairvoyant,   row.link_clairvoyant,
                            r.vehicle_utility, known(r.promised),
                            known(r.attained), r.tries,
                            r.tries_in_time,   r.changes_per_minute,
                            r.capacity_mbps});
  }
  return results;
}

ReadRows read_rows(const std::vector<std::filesystem::path>& files) {
  ReadRows all;
  std::vector<FileRow<SweepRow>> sweep;
  std::vector<FileRow<DriveRow>> drive;
  const Database database;
  for (const std::filesystem::path& file : files) {
    try {
      const std::string kind = kind_of(database, file);
      if (kind == "sweep") read(database, file, sweep_columns(), sweep_row, sweep, all.sweep_origin);
      if (kind == "drive") read(database, file, drive_columns(), drive_row, drive, all.drive_origin);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(told_of(file, error.what()));
    }
  }
  all.sweep = in_order(std::move(sweep));
  all.drive = in_order(std::move(drive));
  return all;
}

}  // namespace turbo::experiments
