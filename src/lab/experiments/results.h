#pragma once
// What an experiment found, one row a case, and the ways out of it: Parquet, JSON, a table for people.

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "parquet/chunk.h"

namespace turbo::experiments {

using Value = std::variant<std::monostate, std::int64_t, double, std::string>;  // the first: not known

struct ResultColumn {
  std::string name;
  ColumnType type = ColumnType::kDouble;
};

struct Results {
  std::string experiment;  // "sweep", "drive"
  std::uint64_t seed = 1;
  std::string command_line;
  std::string identity;  // as text_of() writes it
  std::vector<ResultColumn> columns;
  std::vector<std::vector<Value>> rows;
};

// Every row has the experiment, seed, command line and commit, too; the file as a whole has the
// experiment, its identity and the shard ("2/8"; empty: it is no shard) under these names. It is there whole
// or not at all, in a folder that is made; std::runtime_error (one line) if it cannot be written.
inline constexpr const char* kExperimentKey = "turbo_experiment";
inline constexpr const char* kIdentityKey = "turbo_identity";
inline constexpr const char* kShardKey = "turbo_shard";
void write_parquet(const Results& results, const std::filesystem::path& file, const std::string& shard = {});
// One object in one line; warnings: about the results as a whole; the summary's rows are a member, too.
std::string json_of(const Results& results, const std::vector<std::string>& warnings = {},
                    const Results* summary = nullptr);

// Columns of texts under each other, the first row their heads; the first `left` begin at the left. A column
// that says nothing, "-" in every row, is left out.
std::string text_table(const std::vector<std::vector<std::string>>& rows, std::size_t left);
std::string number_text(double value, int digits);

}  // namespace turbo::experiments
