#include "core/utility/model_table.h"

#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>

namespace turbo {
namespace {

constexpr std::string_view kHeader = "Model,Network Transport Size [Mb],Runtime [ms]";
constexpr std::string_view kUtilityColumn = ",Utility [AP]";
constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxRows = 4096;
constexpr double kMaxMegabits = 10'000;
constexpr double kMaxRuntimeMs = 600'000;

class Reader {
 public:
  Reader(std::string_view text, std::string name) : rest_(text), name_(std::move(name)) {}

  ModelTable read() {
    if (rest_.size() > kMaxBytes) fail("larger than 1 MiB");
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    table_.name = name_;
    std::string_view line;
    if (!next(&line)) fail("empty; expected the header \"" + std::string(kHeader) + "\"");
    read_header(line);
    while (next(&line))
      if (!line.empty()) read_row(line);
    if (table_.rows.empty()) fail("no row after the header");
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(name_ + ":" + std::to_string(line_) + ": " + why);
  }

  bool next(std::string_view* line) {
    if (rest_.empty()) return false;
    const auto end = rest_.find('\n');
    *line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line->ends_with('\r')) line->remove_suffix(1);
    ++line_;
    return true;
  }

  void read_header(std::string_view line) {
    table_.has_utility = line == std::string(kHeader).append(kUtilityColumn);
    if (line != kHeader && !table_.has_utility)
      fail("expected the header \"" + std::string(kHeader) + "\", or that with \"" +
           std::string(kUtilityColumn) + "\" after it; got " + quoted_text(line));
  }

  void read_row(std::string_view line) {
    if (table_.rows.size() >= kMaxRows) fail("more than " + std::to_string(kMaxRows) + " rows");
    std::vector<std::string_view> cells;
    for (std::string_view rest = line;;) {
      const auto comma = rest.find(',');
      cells.push_back(rest.substr(0, comma));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    const std::size_t expected = table_.has_utility ? 4 : 3;
    if (cells.size() != expected)
      fail(std::to_string(cells.size()) + " columns; expected " + std::to_string(expected) + ", got " +
           quoted_text(line));
    std::string error;
    const auto config = parse_model_config(cells[0], &error);
    if (!config) fail(error);
    ModelRow row;
    row.config = *config;
    row.line = line_;
    row.size_megabits = number(cells[1], "Network Transport Size [Mb]", kMaxMegabits);
    row.runtime_ms = number(cells[2], "Runtime [ms]", kMaxRuntimeMs);
    if (table_.has_utility) row.utility = number(cells[3], "Utility [AP]", 1);
    add(std::move(row));
  }

  double number(std::string_view cell, const std::string& column, double most) const {
    double value = 0;
    const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (problem != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value) || value < 0 ||
        value > most)
      fail(column + ": expected a number from 0 to " + std::to_string(static_cast<long>(most)) + ", got " +
           quoted_text(cell));
    return value;
  }

  // A name stands once; only the one without any compression may stand twice, with two sizes.
  void add(ModelRow row) {
    const std::string text = format_model_config(row.config);
    auto& places = places_[text];
    const bool bare = row.config.image == Compression::kNone && row.config.input == Compression::kNone;
    if (!places.empty()) {
      ModelRow& other = table_.rows[places.front()];
      if (!bare || places.size() > 1 || other.size_megabits == row.size_megabits)
        fail(text + " stands in line " + std::to_string(other.line) + " already");
      (other.size_megabits > row.size_megabits ? other : row).raw_frame = true;
    }
    places.push_back(table_.rows.size());
    table_.rows.push_back(std::move(row));
  }

  std::string_view rest_;
  std::string name_;
  int line_ = 0;
  ModelTable table_;
  std::map<std::string, std::vector<std::size_t>> places_;
};

}  // namespace

ModelTable parse_model_table(std::string_view text, const std::string& name) {
  return Reader(text, name).read();
}

}  // namespace turbo
