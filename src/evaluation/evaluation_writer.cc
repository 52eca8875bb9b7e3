#include "evaluation/evaluation_writer.h"

namespace turbo {
namespace {

constexpr std::int64_t kFrameUs = 100'000;
constexpr std::int64_t kFirstUs = 1'500'000'000'000'000;  // of the first scenario, Unix time
constexpr std::int64_t kScenarioApartUs = 3'600'000'000;

}  // namespace

std::vector<TableColumn> evaluation_columns() {
  return {{"context", ColumnType::kString, true},
          {"camera_id", ColumnType::kInt64, true},
          {"window_start_idx", ColumnType::kInt64, true},
          {"window_end_idx", ColumnType::kInt64, true},
          {"window_start_us", ColumnType::kInt64, true},
          {"window_end_us", ColumnType::kInt64, true},
          {"mean_average_precision", ColumnType::kDouble, true}};
}

EvaluationTable::EvaluationTable(const Database& database, const std::filesystem::path& file)
    : writer_(database, file, evaluation_columns()) {}

void EvaluationTable::window_row(std::string_view context, int camera, const UtilityWindow& window,
                                 std::optional<double> accuracy) {
  writer_.put(context);
  writer_.put(camera);
  writer_.put(window.start_idx);
  writer_.put(window.end_idx);
  writer_.put(window.start_us);
  writer_.put(window.end_us);
  end_row(accuracy);
}

void EvaluationTable::overall_row(std::optional<std::string_view> context, std::optional<int> camera,
                                  std::optional<double> accuracy) {
  context ? writer_.put(*context) : writer_.put_null();
  camera ? writer_.put(*camera) : writer_.put_null();
  for (int i = 0; i < 4; ++i) writer_.put_null();  // the window
  end_row(accuracy);
}

void EvaluationTable::end_row(std::optional<double> accuracy) {
  accuracy ? writer_.put(*accuracy) : writer_.put_null();
  writer_.end_row();
}

std::uint64_t EvaluationTable::finish() {
  writer_.finish();
  return writer_.rows();
}

std::string scenario_name(std::string_view kind, std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string name(kind);
  return name.append("-").append(6 - std::min<std::size_t>(6, digits.size()), '0').append(digits);
}

UtilityWindow evaluation_window(std::size_t scenario, int first, int last) {
  const std::int64_t start_us = kFirstUs + std::int64_t(scenario) * kScenarioApartUs;
  return {start_us + first * kFrameUs, start_us + last * kFrameUs, first, last};
}

}  // namespace turbo
