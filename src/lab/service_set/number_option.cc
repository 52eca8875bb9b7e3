#include "lab/service_set/number_option.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>
#include <stdexcept>

namespace turbo {
namespace {

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw std::invalid_argument(option + ": " + why);
}

std::string quoted(std::string_view text) {
  return std::string("\"").append(text.substr(0, 40)).append("\"");
}

template <class Number>
bool read(std::string_view text, Number* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

std::size_t place_of(const std::string& option, std::string_view id_text, std::span<const int> ids) {
  int id = 0;
  const auto at = read(id_text, &id) ? std::find(ids.begin(), ids.end(), id) : ids.end();
  if (at != ids.end()) return static_cast<std::size_t>(at - ids.begin());
  std::string known;
  for (const int one : ids) known += (known.empty() ? "" : ", ") + std::to_string(one);
  refuse(option, "no service is called " + quoted(id_text) + "; there are " + known);
}

}  // namespace

void require_within(const std::string& option, double value, const NumberRange& range) {
  if (value >= range.low && value <= range.high) return;
  char text[160];
  std::snprintf(text, sizeof text, "expected %.10g to %.10g%s%s, not %g", range.low, range.high,
                range.unit[0] ? " " : "", range.unit, value);
  refuse(option, text);
}

std::string refuse_empty(const std::string& text) {
  return text.empty() ? "expected a number, not nothing" : "";
}

std::vector<double> per_service(const std::string& option, const std::string& text, std::span<const int> ids,
                                std::vector<double> values, const NumberRange& range) {
  std::set<std::size_t> named;
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const auto equals = item.find('=');
    const std::string_view number = equals == std::string_view::npos ? item : item.substr(equals + 1);
    double value = 0;
    if (!read(number, &value))
      refuse(option,
             "expected a number, or ID=NUMBER for one service, with commas between; not " + quoted(item));
    require_within(option, value, range);
    if (equals != std::string_view::npos) {
      const std::size_t place = place_of(option, item.substr(0, equals), ids);
      if (!named.insert(place).second)
        refuse(option, "service " + std::to_string(ids[place]) + " stands twice");
      values[place] = value;
    } else if (item.data() == text.data()) {
      values.assign(ids.size(), value);
    } else {
      refuse(option, "the number for all services comes first; " + quoted(item) + " names none");
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return values;
}

}  // namespace turbo
