#pragma once
// What a Database shares with its results and writers, which may outlive it.

#include <stdexcept>

#include "parquet/database.h"
#include "parquet/duckdb_handles.h"

namespace turbo {

struct DatabaseState {
  duck::OwnedDatabase database;

  duck::OwnedConnection connect() const {
    duck::OwnedConnection connection;
    if (duckdb_connect(database.get(), connection.put()) == DuckDBError)
      throw std::runtime_error("DuckDB gives no connection");
    return connection;
  }
};

}  // namespace turbo
