#pragma once
// The columns of one row of results, one after the other, each checked: a file may be damaged.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lab/experiments/results.h"
#include "parquet/chunk.h"

namespace turbo::experiments {

// Reads in the order of `columns`; a value that is missing, not finite or outside of [low, high] is a
// std::runtime_error that names file and column.
class RowReader {
 public:
  RowReader(const std::filesystem::path& file, const std::vector<ResultColumn>& columns, const Chunk& chunk,
            std::size_t row)
      : file_(file), columns_(columns), chunk_(chunk), row_(row) {}

  std::string text();  // a name: not a long one, and as a line of text may have it
  std::string line();  // of any length, made fit for people and cut
  std::int64_t whole(std::int64_t low, std::int64_t high);
  double number(double low, double high);
  std::optional<double> maybe(double low, double high);
  double share() { return number(0, 1); }
  std::optional<double> maybe_share() { return maybe(0, 1); }

 private:
  [[noreturn]] void fail(const std::string& why) const;
  void require_value() const;

  const std::filesystem::path& file_;
  const std::vector<ResultColumn>& columns_;
  const Chunk& chunk_;
  std::size_t row_, column_ = 0;
};

// What the reading of a file complained about, with the file's name once, in front.
std::string told_of(const std::filesystem::path& file, const std::string& why);

}  // namespace turbo::experiments
