// turbo-score: what a run was worth, from its folder.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/score/report.h"

int main(int argc, char** argv) {
  std::vector<std::string> folders;
  bool json = false;
  CLI::App app{"turbo-score: counts, latencies and accuracy of a run, per camera and for all"};
  app.add_option("folder", folders, "Run folders; truth.jsonl and deliveries.jsonl are looked for below them")
      ->required();
  app.add_flag("--json", json, "One JSON object instead of a table");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    const auto score = turbo::score_run(turbo::find_run_files(folders));
    if (json)
      std::printf("%s\n", turbo::json_of(score).c_str());
    else
      std::printf("%s", turbo::table_of(score).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-score: %s\n", error.what());
    return 1;
  }
}
