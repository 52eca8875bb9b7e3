#include "parquet/chunk.h"

#include <duckdb.h>

#include <stdexcept>

namespace turbo {

std::string_view sql_name(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return "BIGINT";
    case ColumnType::kDouble:
      return "DOUBLE";
    case ColumnType::kBool:
      return "BOOLEAN";
    case ColumnType::kString:
      return "VARCHAR";
  }
  return "?";
}

const void* Chunk::values(std::size_t column, ColumnType type) const {
  if (column >= columns_.size() || columns_[column].type != type)
    throw std::logic_error("column " + std::to_string(column) + " of the query is no " +
                           std::string(sql_name(type)));
  return columns_[column].values;
}

std::span<const std::int64_t> Chunk::int64s(std::size_t column) const {
  return {static_cast<const std::int64_t*>(values(column, ColumnType::kInt64)), rows_};
}

std::span<const double> Chunk::doubles(std::size_t column) const {
  return {static_cast<const double*>(values(column, ColumnType::kDouble)), rows_};
}

std::span<const bool> Chunk::bools(std::size_t column) const {
  return {static_cast<const bool*>(values(column, ColumnType::kBool)), rows_};
}

std::string_view Chunk::string(std::size_t column, std::size_t row) const {
  const auto& text = static_cast<const duckdb_string_t*>(values(column, ColumnType::kString))[row];
  const std::uint32_t length = text.value.inlined.length;
  return {length <= sizeof text.value.inlined.inlined ? text.value.inlined.inlined : text.value.pointer.ptr,
          length};
}

}  // namespace turbo
