#include "lab/experiments/shards.h"

#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "lab/experiments/command_line.h"
#include "lab/experiments/identity.h"
#include "lab/experiments/results.h"
#include "lab/experiments/row_reader.h"
#include "parquet/database.h"
#include "parquet/parquet_writer.h"
#include "parquet/printable.h"

namespace turbo::experiments {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostVariantBytes = 500;

struct ShardFile {
  fs::path path;
  std::string experiment;
  Shard shard;
  Identity identity;
  std::set<std::string> variants;  // "policy live, allocator exact"; none: no scenario was left for it
};

std::string plural(const std::vector<std::size_t>& shards, std::size_t count, const std::string& experiment,
                   const char* one, const char* several) {
  return (shards.size() == 1 ? "shard " : "shards ") + ranges_text(shards) + " of " + std::to_string(count) +
         " of the " + experiment + (shards.size() == 1 ? one : several);
}

const char* variant_sql(const std::string& experiment) {
  return experiment == "drive"
             ? "'trace ' || trace || ', policy ' || policy || ', allocator ' || allocator || "
               "', budget ' || budget"
             : "'policy ' || policy || ', allocator ' || allocator";
}

const char* key_sql(const std::string& experiment) {
  return experiment == "drive" ? "scenario, trace, policy, allocator, budget, rtt_ms, slo_ms"
                               : "scenario, policy, allocator, rtt_ms, slo_ms, bandwidth_mbps";
}

std::optional<ShardFile> shard_in(const Database& database, const fs::path& path) {
  FileMetadata metadata = read_metadata(database, path);
  if (!metadata.contains(kShardKey) || !metadata.contains(kExperimentKey)) return std::nullopt;
  ShardFile file{path, printable(metadata[kExperimentKey]), {}, parse_identity(metadata[kIdentityKey]), {}};
  try {
    file.shard = parse_shard(printable(metadata[kShardKey]));
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": not written by turbo-simulate: " + error.what());
  }
  QueryResult result = database.query("SELECT DISTINCT " + std::string(variant_sql(file.experiment)) +
                                      " FROM " + parquet_source(path));
  while (const Chunk* chunk = result.next())
    for (std::size_t i = 0; i < chunk->rows(); ++i)
      file.variants.insert(printable(chunk->string(0, i), kMostVariantBytes));
  return file;
}

bool have_rows_in_common(const Database& database, const ShardFile& a, const ShardFile& b) {
  const std::string keys = std::string("SELECT ") + key_sql(a.experiment) + " FROM ";
  QueryResult result = database.query("SELECT count(*) FROM (" + keys + parquet_source(a.path) +
                                      " INTERSECT " + keys + parquet_source(b.path) + ")");
  const Chunk* chunk = result.next();
  return chunk != nullptr && chunk->int64s(0)[0] > 0;
}

using Split = std::pair<std::string, std::size_t>;  // experiment, into how many

void refuse_different(const Split& split, const std::vector<ShardFile>& files) {
  for (const ShardFile& file : files) {
    const std::string difference = first_difference(files.front().identity, file.identity);
    if (!difference.empty())
      throw std::runtime_error(files.front().path.string() + " and " + file.path.string() +
                               " are shards of different " + split.first + "s: " + difference);
  }
}

void refuse_twice(const Database& database, const Split& split, const std::vector<ShardFile>& files) {
  std::map<std::size_t, std::vector<const ShardFile*>> by_index;
  std::set<std::size_t> twice;
  std::string where;
  for (const ShardFile& file : files) {
    auto& earlier = by_index[file.shard.index];
    for (const ShardFile* other : earlier) {
      if (twice.contains(file.shard.index) || !have_rows_in_common(database, *other, file)) continue;
      twice.insert(file.shard.index);
      if (where.empty()) where = ": in " + other->path.string() + " and in " + file.path.string();
    }
    earlier.push_back(&file);
  }
  if (twice.empty()) return;
  throw std::runtime_error(plural({twice.begin(), twice.end()}, split.second, split.first, " stands twice",
                                  " stand twice, one of them") +
                           where);
}

std::vector<std::string> missing_in(const Split& split, const std::vector<ShardFile>& files) {
  const auto& [experiment, count] = split;
  std::map<std::string, std::set<std::size_t>> present;  // by variant
  std::set<std::size_t> empty;
  for (const ShardFile& file : files) {
    for (const std::string& variant : file.variants) present[variant].insert(file.shard.index);
    if (file.variants.empty()) empty.insert(file.shard.index);
  }
  if (present.empty()) present[""];
  std::map<std::vector<std::size_t>, std::vector<std::string>> by_missing;
  for (const auto& [variant, indices] : present) {
    std::vector<std::size_t> missing;
    for (std::size_t i = 1; i <= count; ++i)
      if (!indices.contains(i) && !empty.contains(i)) missing.push_back(i);
    by_missing[missing].push_back(variant);
  }
  std::vector<std::string> lines;
  for (const auto& [missing, variants] : by_missing) {
    if (missing.empty()) continue;
    std::string line = plural(missing, count, experiment, " is missing", " are missing");
    if (variants.size() < present.size())
      line += " for " + variants.front() +
              (variants.size() > 1 ? " and " + std::to_string(variants.size() - 1) + " more" : "");
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string ranges_text(const std::vector<std::size_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
    if (last > i) text += (last > i + 1 ? " to " : ", ") + std::to_string(numbers[last]);
    i = last;
  }
  return text;
}

std::vector<std::string> missing_shards(const std::vector<fs::path>& files) {
  const Database database;
  std::map<Split, std::vector<ShardFile>> splits;
  for (const fs::path& path : files) {
    try {
      if (auto file = shard_in(database, path))
        splits[{file->experiment, file->shard.count}].push_back(std::move(*file));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(told_of(path, error.what()));
    }
  }
  std::vector<std::string> lines;
  for (const auto& [split, parts] : splits) {
    refuse_different(split, parts);
    refuse_twice(database, split, parts);
    for (std::string& line : missing_in(split, parts)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace turbo::experiments
