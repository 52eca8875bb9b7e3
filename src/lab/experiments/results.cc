#include "lab/experiments/results.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "parquet/parquet_writer.h"
#include "process/version.h"

namespace turbo::experiments {
namespace {

nlohmann::ordered_json json_rows(const Results& results) {
  using nlohmann::ordered_json;
  ordered_json rows = ordered_json::array();
  for (const auto& row : results.rows) {
    ordered_json object;
    for (std::size_t i = 0; i < row.size(); ++i) {
      ordered_json& member = object[results.columns[i].name];
      if (const auto* number = std::get_if<double>(&row[i]))
        member = std::round(*number * 1e6) / 1e6;
      else if (const auto* whole = std::get_if<std::int64_t>(&row[i]))
        member = *whole;
      else if (const auto* text = std::get_if<std::string>(&row[i]))
        member = *text;
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

}  // namespace

void write_parquet(const Results& results, const std::filesystem::path& file, const std::string& shard) {
  std::vector<TableColumn> columns{{"experiment", ColumnType::kString},
                                   {"seed", ColumnType::kInt64},
                                   {"command_line", ColumnType::kString},
                                   {"commit", ColumnType::kString}};
  for (const ResultColumn& column : results.columns) columns.push_back({column.name, column.type, true});
  const auto folder = std::filesystem::absolute(file).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::runtime_error(folder.string() + ": no folder for results: " + error.message());
  const Database database;
  FileMetadata metadata{{kExperimentKey, results.experiment}};
  if (!results.identity.empty()) metadata[kIdentityKey] = results.identity;
  if (!shard.empty()) metadata[kShardKey] = shard;
  ParquetWriter writer(database, file, columns, metadata);
  for (const auto& row : results.rows) {
    writer.put(results.experiment);
    writer.put(static_cast<std::int64_t>(results.seed));
    writer.put(results.command_line);
    writer.put(commit());
    for (const Value& value : row) {
      if (const auto* number = std::get_if<double>(&value))
        writer.put(*number);
      else if (const auto* whole = std::get_if<std::int64_t>(&value))
        writer.put(*whole);
      else if (const auto* text = std::get_if<std::string>(&value))
        writer.put(*text);
      else
        writer.put_null();
    }
    writer.end_row();
  }
  writer.finish();
}

std::string json_of(const Results& results, const std::vector<std::string>& warnings,
                    const Results* summary) {
  nlohmann::ordered_json object{{"experiment", results.experiment},
                                {"seed", results.seed},
                                {"command_line", results.command_line},
                                {"warnings", warnings},
                                {"rows", json_rows(results)}};
  if (summary != nullptr) object["summary"] = json_rows(*summary);
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string text_table(const std::vector<std::vector<std::string>>& rows, std::size_t left) {
  std::vector<std::size_t> widths;
  std::vector<bool> shown;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    widths.resize(std::max(widths.size(), rows[r].size()));
    shown.resize(widths.size(), rows.size() == 1);
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      widths[i] = std::max(widths[i], rows[r][i].size());
      if (r > 0 && rows[r][i] != "-") shown[i] = true;
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!shown[i]) continue;
      const std::string space(widths[i] - row[i].size(), ' ');
      line += (line.empty() ? "" : "  ") + (i < left ? row[i] + space : space + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string number_text(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace turbo::experiments
