#include "lab/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>

#include "process/version.h"

namespace turbo {
namespace {

// What is wrong in the user's order, and beside what is missing what was perhaps meant by it.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  std::string unknown;
  for (const std::string& word : app.remaining(true)) unknown += " " + word;
  if (unknown.empty()) return error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return "not expected:" + unknown;
  return std::string(error.what()) + "; not expected:" + unknown;
}

// Of the command that was being read: the tool's own has not its options.
std::string help_of(const CLI::App& app) {
  std::string words = app.get_name();
  for (const CLI::App* command : app.get_subcommands()) words += " " + command->get_name();
  return words + " --help";
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, const std::string& footer, int argc, char** argv,
                                      const std::string& more_codes) {
  app.footer(footer + (footer.empty() ? "" : "\n") +
             "Exit codes: 0 done, 1 could not go on, 2 wrong arguments or a wrong file" + more_codes + ".");
  app.set_version_flag("--version", std::string("TURBO ") + version() + " (" + commit() + ")");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    std::cerr << app.get_name() << ": " << complaint(app, e) << "; see " << help_of(app) << '\n';
    return 2;
  }
  return std::nullopt;
}

std::string command_line_of(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) {
    const std::string word = i == 0 ? std::filesystem::path(argv[0]).filename().string() : argv[i];
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$&|;<>()*?[]#~`!{}") == std::string::npos;
    if (i > 0) line += ' ';
    if (plain || i == 0) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace turbo
