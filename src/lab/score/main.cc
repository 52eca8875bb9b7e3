// turbo-score: what a run was worth, from its folder.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/command_line/command_line.h"
#include "lab/score/report.h"

int main(int argc, char** argv) {
  std::vector<std::string> folders;
  bool json = false;
  CLI::App app{"Counts, latencies and accuracy of a run, per camera and for all", "turbo-score"};
  app.add_option("folder", folders, "Run folders; truth.jsonl and deliveries.jsonl are looked for below them")
      ->required();
  app.add_flag("--json", json, "One JSON object instead of a table");
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
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
