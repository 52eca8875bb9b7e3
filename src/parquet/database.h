#pragma once
// Queries by DuckDB, in memory and in this process, straight from Parquet files.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/chunk.h"

namespace turbo {

struct DatabaseSettings {
  std::size_t memory_limit_bytes = std::size_t{1} << 30;  // of DuckDB's own buffers
  bool keep_order = true;  // rows come as they stand in the files; without it, faster
};

struct DatabaseState;  // shared with results and writers, which may outlive the Database

// One thread.
class QueryResult {
 public:
  QueryResult(QueryResult&&) noexcept;
  QueryResult& operator=(QueryResult&&) noexcept;
  ~QueryResult();

  const std::vector<ResultColumn>& columns() const;
  // The next rows; null after the last. Throws std::runtime_error (one line) when the reading fails.
  const Chunk* next();

 private:
  friend class Database;
  struct State;
  explicit QueryResult(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Any thread may query, several at once; each query has a connection of its own and is worked on by the
// thread that reads its rows. DuckDB has no threads of its own here: a connection may be closed while one of
// them still finishes a task of it, and then reads freed memory. Nothing is fetched from a network: no
// extension is looked for. Errors are std::runtime_error with one line.
class Database {
 public:
  explicit Database(const DatabaseSettings& settings = {});
  Database(Database&&) noexcept;
  ~Database();

  // One statement. Its rows are computed as they are read. Its columns must be BIGINT, DOUBLE, BOOLEAN or
  // VARCHAR: cast what is not.
  QueryResult query(const std::string& sql) const;

 private:
  friend class ParquetWriter;
  std::shared_ptr<DatabaseState> state_;
};

// For use in a query: 'text', its quotes doubled.
std::string sql_text(std::string_view text);
// The file's name as a pattern that only this file matches; not quoted yet. Throws std::runtime_error for a
// path with both a backslash and one of * ? [: no pattern of DuckDB's matches it.
std::string sql_pattern(const std::filesystem::path& file);
// read_parquet(...) of exactly this file, whatever other characters are in its name.
std::string parquet_source(const std::filesystem::path& file);

}  // namespace turbo
