#include "parquet/database.h"

#include <optional>
#include <stdexcept>

#include "parquet/database_state.h"

namespace turbo {
namespace {

void set(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) == DuckDBError)
    throw std::runtime_error(std::string("DuckDB takes no ") + name + " of " + value);
}

std::optional<ColumnType> column_type(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BIGINT:
      return ColumnType::kInt64;
    case DUCKDB_TYPE_DOUBLE:
      return ColumnType::kDouble;
    case DUCKDB_TYPE_BOOLEAN:
      return ColumnType::kBool;
    case DUCKDB_TYPE_VARCHAR:
      return ColumnType::kString;
    default:
      return std::nullopt;
  }
}

}  // namespace

struct QueryResult::State {
  std::shared_ptr<DatabaseState> database;
  duck::OwnedConnection connection;
  duckdb_result result{};
  std::vector<ResultColumn> columns;
  duck::OwnedChunk held;
  Chunk chunk;
  bool at_end = false;

  ~State() {
    held.reset();
    duckdb_destroy_result(&result);
  }
};

QueryResult::QueryResult(std::unique_ptr<State> state) : state_(std::move(state)) {}
QueryResult::QueryResult(QueryResult&&) noexcept = default;
QueryResult& QueryResult::operator=(QueryResult&&) noexcept = default;
QueryResult::~QueryResult() = default;

const std::vector<ResultColumn>& QueryResult::columns() const { return state_->columns; }

const Chunk* QueryResult::next() {
  if (state_->at_end) return nullptr;
  state_->held = duck::OwnedChunk(duckdb_fetch_chunk(state_->result));
  if (state_->held.get() == nullptr) {
    state_->at_end = true;
    if (const char* error = duckdb_result_error(&state_->result))
      throw std::runtime_error(duck::one_line(error));
    return nullptr;
  }
  Chunk& chunk = state_->chunk;
  chunk.rows_ = duckdb_data_chunk_get_size(state_->held.get());
  chunk.columns_.clear();
  for (std::size_t i = 0; i < state_->columns.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(state_->held.get(), i);
    chunk.columns_.push_back(
        {state_->columns[i].type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
  }
  return &chunk;
}

Database::Database(const DatabaseSettings& settings) : state_(std::make_shared<DatabaseState>()) {
  duck::OwnedConfig config;
  if (duckdb_create_config(config.put()) == DuckDBError) throw std::runtime_error("DuckDB has no settings");
  set(config.get(), "memory_limit", std::to_string(settings.memory_limit_bytes) + "B");
  set(config.get(), "threads", "1");
  set(config.get(), "temp_directory", "");  // what does not fit in memory is an error
  if (!settings.keep_order) set(config.get(), "preserve_insertion_order", "false");
  set(config.get(), "autoinstall_known_extensions", "false");
  set(config.get(), "autoload_known_extensions", "false");
  char* error = nullptr;
  if (duckdb_open_ext(nullptr, state_->database.put(), config.get(), &error) == DuckDBError) {
    const std::string why = duck::one_line(error);
    duckdb_free(error);
    throw std::runtime_error("DuckDB does not start: " + why);
  }
}

Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

QueryResult Database::query(const std::string& sql) const {
  auto state = std::make_unique<QueryResult::State>();
  state->database = state_;
  state->connection = state_->connect();
  duck::OwnedStatement statement;
  if (duckdb_prepare(state->connection.get(), sql.c_str(), statement.put()) == DuckDBError)
    throw std::runtime_error(duck::one_line(duckdb_prepare_error(statement.get())));
  if (duckdb_execute_prepared_streaming(statement.get(), &state->result) == DuckDBError)
    throw std::runtime_error(duck::one_line(duckdb_result_error(&state->result)));
  for (idx_t i = 0; i < duckdb_column_count(&state->result); ++i) {
    const std::string name = duckdb_column_name(&state->result, i);
    const auto type = column_type(duckdb_column_type(&state->result, i));
    if (!type) throw std::runtime_error("column " + name + " of the query is of a type that must be cast");
    state->columns.push_back({name, *type});
  }
  return QueryResult(std::move(state));
}

std::string sql_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    throw std::runtime_error("a text with a zero byte in a query");
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string sql_pattern(const std::filesystem::path& file) {
  // Absolute, so that no name is taken for a URL; what would be a pattern stands in brackets, as itself.
  const std::string path = std::filesystem::absolute(file).string();
  if (path.find('\\') != std::string::npos && path.find_first_of("*?[") != std::string::npos)
    throw std::runtime_error("DuckDB opens no path with both a backslash and one of * ? [ in it; rename it");
  std::string pattern;
  for (const char c : path) {
    const bool special = c == '*' || c == '?' || c == '[';
    pattern += special ? std::string{'[', c, ']'} : std::string(1, c);
  }
  return pattern;
}

std::string parquet_source(const std::filesystem::path& file) {
  return "read_parquet(" + sql_text(sql_pattern(file)) + ", hive_partitioning = false)";
}

}  // namespace turbo
