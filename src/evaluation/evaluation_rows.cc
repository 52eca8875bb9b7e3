#include "evaluation/evaluation_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

#include "parquet/printable.h"

namespace turbo {
namespace {

enum Field : std::size_t { kContext, kCamera, kStartIdx, kEndIdx, kStartUs, kEndUs, kAccuracy, kFields };
constexpr std::array<std::string_view, kFields> kNames{
    "context",         "camera_id",     "window_start_idx",      "window_end_idx",
    "window_start_us", "window_end_us", "mean_average_precision"};
constexpr std::int64_t kMaxIndex = 1'000'000'000;
constexpr std::size_t kMaxNameBytes = 200;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

// Names of scenarios go into tables, lines and results as they are.
void expect_printable(std::string_view context, const std::filesystem::path& file) {
  if (!is_printable(context, kMaxNameBytes))
    fail(file, "a context is called \"" + printable(context) + "\"; expected at most " +
                   std::to_string(kMaxNameBytes) + " bytes of UTF-8 without control characters");
}

// How a column is cast so that its values come as one of two types; empty: it is of no number.
std::string_view number_type(std::string_view type) {
  for (const std::string_view real : {"FLOAT", "DOUBLE"})
    if (type == real) return "DOUBLE";
  for (const std::string_view whole :
       {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
    if (type == whole) return "BIGINT";
  return "";
}

// The columns, each cast, as text for a query.
std::string select_list(const Database& database, const std::filesystem::path& file) {
  std::array<std::string, kFields> types;
  std::string there;
  auto result =
      database.query("SELECT column_name, column_type FROM (DESCRIBE FROM " + parquet_source(file) + ")");
  while (const Chunk* chunk = result.next())
    for (std::size_t row = 0; row < chunk->rows(); ++row) {
      const auto name = chunk->string(0, row);
      there += (there.empty() ? "" : ", ") + printable(name);
      for (std::size_t i = 0; i < kFields; ++i)
        if (name == kNames[i]) types[i] = chunk->string(1, row);
    }
  std::string list;
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::string name(kNames[i]);
    if (types[i].empty()) fail(file, "no column " + name + "; it has " + printable(there, 500));
    std::string_view cast = "VARCHAR";
    if (i != kContext)
      cast = i == kAccuracy && !number_type(types[i]).empty() ? "DOUBLE" : number_type(types[i]);
    if (cast.empty() || (i == kContext && types[i] != cast))
      fail(file, "column " + name + " is of type " + printable(types[i]) + "; expected " +
                     (i == kContext ? "VARCHAR" : "a number"));
    list.append(list.empty() ? "CAST(" : ", CAST(").append(name).append(" AS ").append(cast).append(")");
  }
  return list;
}

bool fits(const QueryResult& result) {
  for (std::size_t i = 0; i < kFields; ++i) {
    const ColumnType type = result.columns()[i].type;
    const bool number = type == ColumnType::kDouble || (type == ColumnType::kInt64 && i != kAccuracy);
    if (i == kContext ? type != ColumnType::kString : !number) return false;
  }
  return true;
}

// Most files have the columns as they are wanted; only of another one it is asked what it has, which takes
// time.
QueryResult select_rows(const Database& database, const std::filesystem::path& file,
                        const std::string& condition) {
  const std::string rest = " FROM " + parquet_source(file) + " WHERE " + condition;
  std::string plain;
  for (const auto name : kNames) plain.append(plain.empty() ? "SELECT " : ", ").append(name);
  try {
    auto result = database.query(plain + rest);
    if (fits(result)) return result;
  } catch (const std::runtime_error&) {  // what it is comes to light below
  }
  return database.query("SELECT " + select_list(database, file) + rest);
}

// A column of whole numbers, which may be stored as real ones.
class WholeNumbers {
 public:
  WholeNumbers(const QueryResult& result, std::size_t field)
      : field_(field), real_(result.columns()[field].type == ColumnType::kDouble) {}

  void on_chunk(const Chunk& chunk) {
    chunk_ = &chunk;
    if (real_)
      doubles_ = chunk.doubles(field_);
    else
      whole_ = chunk.int64s(field_);
  }
  bool is_null(std::size_t row) const { return chunk_->is_null(field_, row); }
  // Nothing when it is no whole number.
  std::optional<std::int64_t> at(std::size_t row) const {
    if (!real_) return whole_[row];
    const double value = doubles_[row];
    if (!(std::abs(value) < 9e18) || value != std::trunc(value)) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }

 private:
  std::size_t field_;
  bool real_;
  const Chunk* chunk_ = nullptr;
  std::span<const std::int64_t> whole_;
  std::span<const double> doubles_;
};

class RowReader {
 public:
  RowReader(const QueryResult& result, const std::filesystem::path& file, int window_size)
      : file_(file),
        window_size_(window_size),
        camera_(result, kCamera),
        start_idx_(result, kStartIdx),
        end_idx_(result, kEndIdx),
        start_us_(result, kStartUs),
        end_us_(result, kEndUs) {}

  void read(const Chunk& chunk, const std::function<void(const EvaluationRow&)>& each) {
    for (WholeNumbers* column : {&camera_, &start_idx_, &end_idx_, &start_us_, &end_us_})
      column->on_chunk(chunk);
    const auto accuracies = chunk.doubles(kAccuracy);
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      EvaluationRow out;
      if (!chunk.is_null(kContext, row)) out.context = context(chunk.string(kContext, row));
      if (!camera_.is_null(row))
        out.camera = int(whole(camera_, row, out, kCamera, kFirstCamera, kLastCamera));
      read_window(row, out);
      if (!chunk.is_null(kAccuracy, row)) out.accuracy = accuracies[row];
      if (!(out.accuracy >= 0 && out.accuracy <= 1))
        refuse(out, kAccuracy, number_text(out.accuracy) + "; expected 0 to 1");
      each(out);
    }
  }

 private:
  // Most rows have that of the row before.
  std::string_view context(std::string_view text) {
    if (text == last_context_) return text;
    expect_printable(text, file_);
    last_context_ = text;
    return text;
  }

  [[noreturn]] void refuse(const EvaluationRow& row, Field field, const std::string& why) const {
    fail(file_, describe(row) + ": " + std::string(kNames[field]) + " is " + why);
  }

  std::int64_t whole(const WholeNumbers& column, std::size_t row, const EvaluationRow& so_far, Field field,
                     std::int64_t least, std::int64_t most) const {
    const auto value = column.at(row);
    if (!value) refuse(so_far, field, "not a whole number");
    if (*value < least || *value > most)
      refuse(so_far, field,
             std::to_string(*value) + "; expected " + std::to_string(least) + " to " + std::to_string(most));
    return *value;
  }

  void read_window(std::size_t row, EvaluationRow& out) const {
    if (start_idx_.is_null(row)) {
      if (!end_idx_.is_null(row)) refuse(out, kStartIdx, "null where window_end_idx is not");
      return;
    }
    if (end_idx_.is_null(row)) refuse(out, kEndIdx, "null where window_start_idx is not");
    UtilityWindow window;
    window.start_idx = int(whole(start_idx_, row, out, kStartIdx, 0, kMaxIndex));
    window.end_idx = int(whole(end_idx_, row, out, kEndIdx, 0, kMaxIndex));
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    if (!start_us_.is_null(row)) window.start_us = whole(start_us_, row, out, kStartUs, 0, kMost);
    if (!end_us_.is_null(row)) window.end_us = whole(end_us_, row, out, kEndUs, 0, kMost);
    out.window = window;
    if (window.end_idx < window.start_idx) refuse(out, kEndIdx, "before window_start_idx");
    if (window.end_idx - window.start_idx > window_size_)
      refuse(out, kEndIdx, "too far away for a window of " + std::to_string(window_size_));
    if (!out.context) return;  // over all contexts a window has no time of its own
    if (start_us_.is_null(row)) refuse(out, kStartUs, "null");
    if (end_us_.is_null(row)) refuse(out, kEndUs, "null");
    if (window.end_us < window.start_us) refuse(out, kEndUs, "before window_start_us");
  }

  const std::filesystem::path& file_;
  int window_size_;
  std::string last_context_;
  WholeNumbers camera_, start_idx_, end_idx_, start_us_, end_us_;
};

// Runs what reads the file, and says of which file an error is.
template <typename Read>
void naming(const std::filesystem::path& file, const Read& read) {
  const std::string name = file.string() + ": ";
  if (!std::filesystem::is_regular_file(file)) throw std::runtime_error(name + "missing");
  try {
    read();
  } catch (const std::runtime_error& error) {
    const std::string why = error.what();
    throw std::runtime_error(why.starts_with(name) ? why : name + "cannot be read: " + why);
  }
}

}  // namespace

std::string number_text(double value) {
  if (std::isnan(value)) return "no number";
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string describe(const EvaluationRow& row) {
  std::string text = row.context ? "context " + printable(*row.context) : "all contexts";
  text += row.camera ? ", camera " + std::to_string(*row.camera) : ", all cameras";
  return text + (row.window ? ", frames " + std::to_string(row.window->start_idx) + " to " +
                                  std::to_string(row.window->end_idx)
                            : ", all frames");
}

void read_rows(const Database& database, const std::filesystem::path& file, int window_size,
               const std::string& condition, const std::function<void(const EvaluationRow&)>& each) {
  naming(file, [&] {
    auto result = select_rows(database, file, condition);
    RowReader reader(result, file, window_size);
    while (const Chunk* chunk = result.next()) reader.read(*chunk, each);
  });
}

std::uint64_t count_rows(const Database& database, const std::filesystem::path& file) {
  std::uint64_t rows = 0;
  naming(file, [&] {
    auto result = database.query("SELECT count(*) FROM " + parquet_source(file));
    while (const Chunk* chunk = result.next()) rows += std::uint64_t(chunk->int64s(0)[0]);
  });
  return rows;
}

std::vector<std::string> read_contexts(const Database& database, const std::filesystem::path& file) {
  std::vector<std::string> contexts;
  naming(file, [&] {
    auto result = [&] {
      try {
        return database.query("SELECT DISTINCT context FROM " + parquet_source(file) +
                              " WHERE context IS NOT NULL");
      } catch (const std::runtime_error&) {
        select_list(database, file);  // says what is wrong with the columns, if that is it
        throw;
      }
    }();
    if (result.columns()[0].type != ColumnType::kString) select_list(database, file);
    while (const Chunk* chunk = result.next())
      for (std::size_t row = 0; row < chunk->rows(); ++row) {
        expect_printable(chunk->string(0, row), file);
        contexts.emplace_back(chunk->string(0, row));
      }
  });
  std::sort(contexts.begin(), contexts.end());
  return contexts;
}

}  // namespace turbo
