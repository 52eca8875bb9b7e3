#pragma once
// A part of a query's result: some thousand rows, column by column, where DuckDB has them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turbo {

enum class ColumnType : std::uint8_t { kInt64, kDouble, kBool, kString };

// "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR": as a query casts to it.
std::string_view sql_name(ColumnType type);

struct ResultColumn {
  std::string name;
  ColumnType type = ColumnType::kInt64;
};

// Valid until the result's next chunk is asked for. A value that is null has no meaning: ask is_null first.
// A column of another type than the one asked for, or one that is not there: std::logic_error.
class Chunk {
 public:
  std::size_t rows() const { return rows_; }
  bool is_null(std::size_t column, std::size_t row) const {
    const std::uint64_t* validity = columns_[column].validity;
    return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
  }
  std::span<const std::int64_t> int64s(std::size_t column) const;
  std::span<const double> doubles(std::size_t column) const;
  std::span<const bool> bools(std::size_t column) const;
  std::string_view string(std::size_t column, std::size_t row) const;

 private:
  friend class QueryResult;
  struct Column {
    ColumnType type;
    const void* values;
    const std::uint64_t* validity;  // a bit a row; none: no nulls
  };
  const void* values(std::size_t column, ColumnType type) const;

  std::size_t rows_ = 0;
  std::vector<Column> columns_;
};

}  // namespace turbo
