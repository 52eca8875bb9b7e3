#pragma once
// What all parts of one experiment have in common, whichever machine ran them and however its command line
// was written: kept with the results, so that parts of different experiments are not taken for one.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/service.h"

namespace CLI {
class App;
}

namespace turbo::experiments {

using Identity = std::map<std::string, std::string>;  // by an option's name; "data": what fingerprint() says

// Every option that changes what is found, with its value or default; where `parsed` has an option, that
// stands for what was written. Not: which part is run and where it goes; where the data lie, for `data`
// stands for what is in them; policies, allocators and budgets, which are told apart in every row, so that
// more of them may be run later.
Identity identity_of(const CLI::App& app, const std::string& data, const Identity& parsed);

// Values as they stand in an identity: a number in its shortest form, numbers by their size, bytes as 16
// digits.
std::string shortest_text(double number);
std::string numbers_text(const std::set<double>& numbers);
std::string digest_text(std::string_view bytes);

// "20 scenarios, 8a6f0c25d1b3e947": other names, services or utilities, other digits.
std::string fingerprint(std::span<const std::string> scenarios, std::span<const Service> services);

// As a text and back; lines that are none are left out.
std::string text_of(const Identity& identity);
Identity parse_identity(const std::string& text);

// "--seed 1 and 2"; empty: none. What options say of the data counts only where the data differ.
std::string first_difference(const Identity& a, const Identity& b);

}  // namespace turbo::experiments
