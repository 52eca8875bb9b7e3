#include "lab/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "process/version.h"

namespace turbo {

std::optional<int> parse_command_line(CLI::App& app, const std::string& footer, int argc, char** argv) {
  app.footer(footer + (footer.empty() ? "" : "\n") +
             "Exit codes: 0 done, 1 could not go on, 2 wrong arguments or a wrong file.");
  app.set_version_flag("--version", std::string("TURBO ") + version() + " (" + commit() + ")");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    std::cerr << app.get_name() << ": " << e.what() << "; see " << app.get_name() << " --help\n";
    return 2;
  }
  return std::nullopt;
}

}  // namespace turbo
