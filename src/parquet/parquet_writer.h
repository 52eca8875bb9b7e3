#pragma once
// Rows to a Parquet file, which is there whole or not at all.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/chunk.h"
#include "parquet/database.h"

namespace turbo {

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kInt64;
  bool nullable = false;
};

// Names and texts that a Parquet file carries beside its rows.
using FileMetadata = std::map<std::string, std::string>;
// Of a file that is there; those of other programs, too. Throws std::runtime_error (one line).
FileMetadata read_metadata(const Database& database, const std::filesystem::path& file);

// One thread. Until finish() the rows wait in memory, beyond some millions of values in hidden files beside
// the file. Values are put in the columns' order, then end_row(): anything else is std::logic_error. Texts
// should be UTF-8; a byte that is not is written as '?'. Throws std::runtime_error with one line that names
// the file.
class ParquetWriter {
 public:
  ParquetWriter(const Database& database, std::filesystem::path file, std::vector<TableColumn> columns,
                FileMetadata metadata = {});
  ParquetWriter(ParquetWriter&&) noexcept;
  ~ParquetWriter();  // without finish(): no file

  void put(std::int64_t value);
  void put(int value) { put(std::int64_t{value}); }
  void put(double value);
  void put(bool value);
  void put(std::string_view value);
  void put(const char* value) { put(std::string_view(value)); }
  void put_null();
  void end_row();

  // Writes beside the file, then takes its name: an older file of that name stays until the new one is whole.
  void finish();
  std::uint64_t rows() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
