#include "lab/experiments/row_reader.h"

#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "parquet/printable.h"

namespace turbo::experiments {
namespace {

constexpr std::size_t kMostNameBytes = 1000, kMostLineBytes = 100'000;
constexpr double kRounding = 1e-9;  // a mean of ones may be a little more than one

}  // namespace

std::string RowReader::text() {
  require_value();
  const std::string_view text = chunk_.string(column_, row_);
  if (!is_printable(text, kMostNameBytes))
    fail("the name " + printable(text) + ", expected at most " + std::to_string(kMostNameBytes) +
         " bytes without control characters");
  ++column_;
  return std::string(text);
}

std::string RowReader::line() {
  require_value();
  return printable(chunk_.string(column_++, row_), kMostLineBytes);
}

std::int64_t RowReader::whole(std::int64_t low, std::int64_t high) {
  require_value();
  const std::int64_t value = chunk_.int64s(column_)[row_];
  if (value < low || value > high)
    fail(std::to_string(value) + ": expected " + std::to_string(low) + " to " + std::to_string(high));
  ++column_;
  return value;
}

double RowReader::number(double low, double high) {
  require_value();
  const double value = chunk_.doubles(column_)[row_];
  if (!(value >= low - kRounding && value <= high + kRounding)) {
    char text[96];
    std::snprintf(text, sizeof text, "%g: expected %g to %g", value, low, high);
    fail(text);
  }
  ++column_;
  return value;
}

std::optional<double> RowReader::maybe(double low, double high) {
  if (!chunk_.is_null(column_, row_)) return number(low, high);
  ++column_;
  return std::nullopt;
}

void RowReader::fail(const std::string& why) const {
  throw std::runtime_error(file_.string() + ": damaged: column " + columns_[column_].name + " has " + why);
}

void RowReader::require_value() const {
  if (chunk_.is_null(column_, row_)) fail("a row without a value");
}

std::string told_of(const std::filesystem::path& file, const std::string& why) {
  if (why.starts_with(file.string() + ": ")) return why;
  std::string cause = why;
  for (const std::string& name : {std::filesystem::absolute(file).string(), file.string()})
    for (const std::string& quoted : {" '" + name + "'", " \"" + name + "\"", name})
      if (const auto at = cause.find(quoted); at != std::string::npos && !name.empty())
        cause.erase(at, quoted.size());
  cause.erase(cause.find_last_not_of(" :") + 1);
  return file.string() + ": no whole Parquet file: " + printable(cause, kMostNameBytes);
}

}  // namespace turbo::experiments
