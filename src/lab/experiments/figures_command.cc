// turbo-simulate figures.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/command_line/command_line.h"
#include "lab/experiments/command_line.h"
#include "lab/experiments/commands.h"
#include "lab/experiments/figures.h"

namespace turbo::experiments {
namespace {

constexpr const char* kFooter = R"(
Reads what turbo-simulate sweep and drive wrote with --results, of one machine or of all shards together, and draws:
  utility    mean utility against bandwidth, for every allocator, and the clairvoyant's       (of a sweep)
  gain       the same in percentage points over everything on the vehicle
  policies   utility against bandwidth of every policy, with the exact allocator, where there is more than one
  cost       what each simpler policy and allocator loses
  drives     share of the clairvoyant's utility by link                                       (of drives)
  promises   promised against attained

Example
  turbo-simulate figures sweep-*.parquet -o figures
)";

}  // namespace

int figures_command(int argc, char** argv) {
  std::vector<std::string> names;
  std::string folder = ".", ending = "svg";
  CLI::App app{"Draws what turbo-simulate sweep and drive found", "turbo-simulate figures"};
  app.add_option("results", names, "Parquet files")->required()->type_name("FILE...");
  app.add_option("-o,--output", folder, "Folder for the figures")->capture_default_str();
  app.add_option("--format", ending, "svg, png or pdf")
      ->capture_default_str()
      ->check(CLI::IsMember({"svg", "png", "pdf"}));
  if (const auto status = parse_command_line(app, kFooter, argc, argv)) return *status;
  return guarded("turbo-simulate figures", [&] {
    ReadRows rows;
    try {
      rows = read_rows({names.begin(), names.end()});
    } catch (const std::runtime_error& error) {
      throw std::invalid_argument(error.what());
    }
    for (const auto& figures : {sweep_figures(rows.sweep, caption_of(rows.sweep_origin)),
                                drive_figures(rows.drive, caption_of(rows.drive_origin))})
      for (const std::string& file : write_figures(figures, folder, ending))
        std::printf("%s\n", file.c_str());
    return 0;
  });
}

}  // namespace turbo::experiments
