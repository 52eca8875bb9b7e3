#pragma once
// What the lab's tools share on their command lines: --version, exit statuses, one line on stderr for a
// mistake.

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace turbo {

// Adds --version, and the exit statuses below `footer` in --help, `more_codes` (", 130 ...") as the last of
// them; parses. Returns the exit status when the tool is to end: 0 after --help or --version, 2 after a
// mistake (told in one line).
std::optional<int> parse_command_line(CLI::App& app, const std::string& footer, int argc, char** argv,
                                      const std::string& more_codes = "");

// As a shell would take it; of the program only its name.
std::string command_line_of(int argc, char** argv);

}  // namespace turbo
