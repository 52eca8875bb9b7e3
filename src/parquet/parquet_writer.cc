#include "parquet/parquet_writer.h"

#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "parquet/database_state.h"

namespace turbo {
namespace {

constexpr std::uint64_t kMaxPendingValues = 4'000'000;  // in memory; then they wait in a file of their own

std::string sql_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += c;
    quoted += c;
  }
  return quoted + '"';
}

duckdb_type duckdb_type_of(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
      return DUCKDB_TYPE_BIGINT;
    case ColumnType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::kBool:
      return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::kString:
      return DUCKDB_TYPE_VARCHAR;
  }
  return DUCKDB_TYPE_INVALID;
}

// Bytes of the UTF-8 character that `text` begins with; 0: it begins with none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    const bool twice_or_surrogate = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0);
    return follows(1) && follows(2) && !twice_or_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    const bool out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
    return follows(1) && follows(2) && follows(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      out += '?';
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace

struct ParquetWriter::State {
  std::shared_ptr<DatabaseState> database;
  std::filesystem::path file, unfinished;
  std::vector<TableColumn> columns;
  FileMetadata metadata;
  duck::OwnedConnection connection;
  duck::OwnedAppender appender;
  duck::OwnedChunk chunk;
  std::vector<duckdb_vector> vectors;
  std::size_t capacity = duckdb_vector_size();
  std::size_t row = 0, column = 0;  // the next value's place in the chunk
  std::uint64_t rows = 0, pending_values = 0;
  std::vector<std::filesystem::path> parts;  // the rows before the pending ones

  ~State() { remove_unfinished(); }

  void remove_unfinished() {
    std::error_code ignored;
    for (const auto& part : parts) std::filesystem::remove(part, ignored);
    if (!unfinished.empty()) std::filesystem::remove(unfinished, ignored);
    parts.clear();
    unfinished.clear();
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(file.string() + ": " + why);
  }

  void execute(const std::string& sql) {
    duckdb_result result{};
    const bool failed = duckdb_query(connection.get(), sql.c_str(), &result) == DuckDBError;
    const std::string why = failed ? duck::one_line(duckdb_result_error(&result)) : "";
    duckdb_destroy_result(&result);
    if (failed) fail("not written: " + why);
  }

  void expect(ColumnType type) const {
    if (column >= columns.size() || columns[column].type != type)
      throw std::logic_error(file.string() + ": no " + std::string(sql_name(type)) + " is due in column " +
                             std::to_string(column));
  }

  template <typename Value>
  void put(ColumnType type, Value value) {
    expect(type);
    static_cast<Value*>(duckdb_vector_get_data(vectors[column]))[row] = value;
    ++column;
  }

  void flush() {
    duckdb_data_chunk_set_size(chunk.get(), row);
    if (row > 0 && duckdb_append_data_chunk(appender.get(), chunk.get()) == DuckDBError)
      fail("not written: " + duck::one_line(duckdb_appender_error(appender.get())));
    duckdb_data_chunk_reset(chunk.get());
    find_vectors();
    pending_values += row * columns.size();
    row = 0;
    if (pending_values >= kMaxPendingValues) set_aside();
  }

  void flush_appender() {
    if (duckdb_appender_flush(appender.get()) == DuckDBError)
      fail("not written: " + duck::one_line(duckdb_appender_error(appender.get())));
  }

  void begin_table() {
    std::string definitions;
    for (const TableColumn& each : columns)
      definitions.append(definitions.empty() ? "" : ", ")
          .append(sql_identifier(each.name) + " ")
          .append(sql_name(each.type))
          .append(each.nullable ? "" : " NOT NULL");
    execute("CREATE TEMP TABLE pending (" + definitions + ")");
    if (duckdb_appender_create_ext(connection.get(), "temp", "main", "pending", appender.put()) ==
        DuckDBError)
      fail("not written: " + duck::one_line(duckdb_appender_error(appender.get())));
    pending_values = 0;
  }

  void drop_table() {
    appender.reset();
    execute("DROP TABLE temp.main.pending");
  }

  void set_aside() {
    flush_appender();
    parts.push_back(unfinished.string() + "." + std::to_string(parts.size()));
    execute("COPY temp.main.pending TO " + sql_text(parts.back().string()) + " (FORMAT parquet)");
    drop_table();
    begin_table();
  }

  // All rows, in order, as what a query selects from.
  std::string everything() {
    if (parts.empty()) return "temp.main.pending";
    if (pending_values > 0) set_aside();
    std::string list;
    for (const auto& part : parts) list += (list.empty() ? "" : ", ") + sql_text(sql_pattern(part));
    return "(FROM read_parquet([" + list + "], hive_partitioning = false))";
  }

  std::string metadata_option() const {
    std::string pairs;
    for (const auto& [name, text] : metadata)
      pairs += (pairs.empty() ? "" : ", ") + sql_text(as_utf8(name)) + ": " + sql_text(as_utf8(text));
    return pairs.empty() ? "" : ", KV_METADATA {" + pairs + "}";
  }

  void find_vectors() {
    vectors.clear();
    for (std::size_t i = 0; i < columns.size(); ++i)
      vectors.push_back(duckdb_data_chunk_get_vector(chunk.get(), i));
  }
};

ParquetWriter::ParquetWriter(const Database& database, std::filesystem::path file,
                             std::vector<TableColumn> columns, FileMetadata metadata)
    : state_(std::make_unique<State>()) {
  if (columns.empty()) throw std::logic_error(file.string() + ": a table without columns");
  static std::atomic<unsigned> number = 0;
  State& state = *state_;
  state.database = database.state_;
  state.file = std::filesystem::absolute(file);
  state.columns = std::move(columns);
  state.metadata = std::move(metadata);
  state.connection = state.database->connect();
  state.begin_table();
  std::vector<duck::OwnedType> types;
  for (const TableColumn& column : state.columns)
    types.emplace_back(duckdb_create_logical_type(duckdb_type_of(column.type)));
  std::vector<duckdb_logical_type> plain;
  for (const auto& type : types) plain.push_back(type.get());
  state.chunk = duck::OwnedChunk(duckdb_create_data_chunk(plain.data(), plain.size()));
  state.find_vectors();
  std::string hidden(1, '.');
  hidden.append(state.file.filename().string()).append(1, '.').append(std::to_string(getpid()));
  state.unfinished = state.file.parent_path() / hidden.append(1, '.').append(std::to_string(number++));
}

ParquetWriter::ParquetWriter(ParquetWriter&&) noexcept = default;
ParquetWriter::~ParquetWriter() = default;

void ParquetWriter::put(std::int64_t value) { state_->put(ColumnType::kInt64, value); }
void ParquetWriter::put(double value) { state_->put(ColumnType::kDouble, value); }
void ParquetWriter::put(bool value) { state_->put(ColumnType::kBool, value); }

void ParquetWriter::put(std::string_view value) {
  state_->expect(ColumnType::kString);
  const std::string repaired = is_utf8(value) ? "" : as_utf8(value);
  if (!repaired.empty()) value = repaired;
  duckdb_vector_assign_string_element_len(state_->vectors[state_->column], state_->row, value.data(),
                                          value.size());
  ++state_->column;
}

void ParquetWriter::put_null() {
  State& state = *state_;
  if (state.column >= state.columns.size() || !state.columns[state.column].nullable)
    throw std::logic_error(state.file.string() + ": no null is allowed in column " +
                           std::to_string(state.column));
  duckdb_vector_ensure_validity_writable(state.vectors[state.column]);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(state.vectors[state.column]), state.row);
  ++state.column;
}

void ParquetWriter::end_row() {
  State& state = *state_;
  if (state.column != state.columns.size())
    throw std::logic_error(state.file.string() + ": a row of " + std::to_string(state.column) + " values; " +
                           std::to_string(state.columns.size()) + " are due");
  state.column = 0;
  ++state.rows;
  if (++state.row == state.capacity) state.flush();
}

void ParquetWriter::finish() {
  State& state = *state_;
  if (state.unfinished.empty()) throw std::logic_error(state.file.string() + ": finished twice");
  if (state.column != 0) throw std::logic_error(state.file.string() + ": finished within a row");
  state.flush();
  state.flush_appender();
  state.execute("COPY " + state.everything() + " TO " + sql_text(state.unfinished.string()) +
                " (FORMAT parquet, COMPRESSION zstd" + state.metadata_option() + ")");
  std::error_code error;
  std::filesystem::rename(state.unfinished, state.file, error);
  if (error) state.fail("not written: " + error.message());
  state.remove_unfinished();
  state.drop_table();
}

FileMetadata read_metadata(const Database& database, const std::filesystem::path& file) {
  QueryResult result = database.query("SELECT decode(key), decode(value) FROM parquet_kv_metadata(" +
                                      sql_text(sql_pattern(file)) + ")");
  FileMetadata metadata;
  while (const Chunk* chunk = result.next())
    for (std::size_t i = 0; i < chunk->rows(); ++i)
      metadata.emplace(chunk->string(0, i), chunk->string(1, i));
  return metadata;
}

std::uint64_t ParquetWriter::rows() const { return state_->rows; }

}  // namespace turbo
