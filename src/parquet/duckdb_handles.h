#pragma once
// DuckDB's objects, destroyed when they go out of scope, and its error messages as one line.

#include <duckdb.h>

#include <string>
#include <type_traits>
#include <utility>

namespace turbo::duck {

// A handle that DuckDB destroys by its address.
template <typename Handle, auto kDestroy>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() { reset(); }

  Handle get() const { return handle_; }
  Handle* put() {  // for a function that makes one
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_ != nullptr) kDestroy(&handle_);
    handle_ = nullptr;
  }

 private:
  Handle handle_ = nullptr;
};

using OwnedDatabase = Owned<duckdb_database, duckdb_close>;
using OwnedConnection = Owned<duckdb_connection, duckdb_disconnect>;
using OwnedConfig = Owned<duckdb_config, duckdb_destroy_config>;
using OwnedStatement = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using OwnedChunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using OwnedType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using OwnedAppender = Owned<duckdb_appender, duckdb_appender_destroy>;

// What DuckDB says, without the query it repeats and in one line.
std::string one_line(const char* message);

}  // namespace turbo::duck
