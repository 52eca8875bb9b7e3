// turbo-simulate figures.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "lab/command_line/command_line.h"
#include "lab/experiments/command_line.h"
#include "lab/experiments/commands.h"
#include "lab/experiments/drive_summary.h"
#include "lab/experiments/figures.h"
#include "lab/experiments/result_rows.h"
#include "lab/experiments/shards.h"
#include "lab/experiments/tables.h"

namespace turbo::experiments {
namespace {

constexpr const char* kFooter = R"(
Reads what turbo-simulate sweep and drive wrote with --results, of one machine or of all shards together, prints the table
that they print (turbo-simulate sweep --help and drive --help say what is in it), and draws:
  utility    mean utility against bandwidth, for every allocator, and the clairvoyant's       (of a sweep, --policy)
  gain       the same in percentage points over everything on the vehicle
  policies   utility against bandwidth of every policy, with the exact allocator, where there is more than one
  cost       what each simpler policy and allocator loses
  drives     gain over the vehicle alone by link, beside the clairvoyant's                     (of drives)
  promises   promised against attained, a panel for all that differs in what decided

Which shards of a --shard I/N are missing is said on stderr and in the figures; with --strict it is an error (exit status
2), and nothing is drawn. A shard, or any row, that stands twice always is.

Examples
  turbo-simulate figures sweep-*.parquet -o figures
  turbo-simulate figures sweep-*.parquet --format none --strict          only the table, and only if all shards are there
)";

struct FiguresOptions {
  std::vector<std::string> files;
  std::string folder = ".", format = "svg";
  std::string policy;
  bool json = false, strict = false, all = false;
};

constexpr const char* kNone = "none";

struct Read {
  ReadRows rows;
  std::vector<std::string> warnings;
};

Read read(const FiguresOptions& o) {
  if (o.format != kNone) check_figures_folder("-o", o.folder);
  for (const std::string& file : o.files) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
      throw std::invalid_argument(file + ": a folder; name its files, as " + file + "/*.parquet");
    if (!std::filesystem::exists(file, error)) throw std::invalid_argument(file + ": no such file");
    if (!std::filesystem::is_regular_file(file, error)) throw std::invalid_argument(file + ": no file");
  }
  try {
    const std::vector<std::filesystem::path> paths(o.files.begin(), o.files.end());
    Read read{{}, missing_shards(paths)};
    if (o.strict && !read.warnings.empty()) throw std::invalid_argument(read.warnings.front());
    for (std::string& warning : read.warnings) warning += ": means are over the other scenarios only";
    read.rows = read_rows(paths);
    if (read.rows.sweep.empty() && read.rows.drive.empty())
      throw std::invalid_argument(o.files.front() + (o.files.size() > 1 ? " and the others" : "") +
                                  ": there are no rows in it, as in a shard for which no scenario was left");
    return read;
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
}

std::string text_of(const FiguresOptions& o, const std::vector<SweepRow>& rows, const Origin& origin,
                    const std::vector<std::string>& warnings) {
  return o.json ? json_of(results_of(rows, origin), warnings) + "\n" : table_of(rows);
}

std::string text_of(const FiguresOptions& o, const std::vector<DriveRow>& rows, const Origin& origin,
                    const std::vector<std::string>& warnings) {
  const std::vector<DriveSummary> summaries = summaries_of(rows);
  if (!o.json) return o.all ? table_of(rows) : table_of(summaries);
  const Results summary = results_of(summaries);
  return json_of(results_of(rows, origin), warnings, &summary) + "\n";
}

// To stdout the table or JSON, into the folder the figures; their names.
template <class Row, class Draw>
std::vector<std::string> put_out(const FiguresOptions& o, const std::vector<Row>& rows, const Origin& origin,
                                 const std::vector<std::string>& warnings, const Draw& draw) {
  if (rows.empty()) return {};
  const std::string text = text_of(o, rows, origin, warnings);
  std::string caption = caption_of(origin);
  for (const std::string& warning : warnings) caption += "\n" + warning;
  std::vector<std::string> written;
  if (o.format != kNone) written = write_figures(draw(rows, caption), o.folder, o.format);
  std::fputs(text.c_str(), stdout);
  return written;
}

int run(const FiguresOptions& o) {
  const std::string command = "turbo-simulate figures";
  const Read all = read(o);
  if (!o.policy.empty() && all.rows.sweep.empty())
    throw std::invalid_argument("--policy " + o.policy.substr(0, 60) + ": there is no sweep in these files");
  tell(command, all.warnings);
  std::vector<std::string> written =
      put_out(o, all.rows.sweep, all.rows.sweep_origin, all.warnings,
              [&](const auto& rows, const auto& caption) { return sweep_figures(rows, caption, o.policy); });
  if (!o.json && !all.rows.sweep.empty() && !all.rows.drive.empty()) std::printf("\n");
  for (std::string& file : put_out(o, all.rows.drive, all.rows.drive_origin, all.warnings, drive_figures))
    written.push_back(std::move(file));
  for (std::string& file : written) file.insert(0, "written: ");
  tell(command, written);
  return 0;
}

}  // namespace

int figures_command(int argc, char** argv) {
  FiguresOptions options;
  CLI::App app{"Draws what turbo-simulate sweep and drive found, and prints it as they do",
               "turbo-simulate figures"};
  app.add_option("results", options.files, "Parquet files")->required()->type_name("FILE...");
  app.add_option("-o,--output,--figures", options.folder,
                 "Folder for the figures, which is made; without it they are written where you are")
      ->capture_default_str()
      ->type_name("DIR");
  app.add_option("--format", options.format, "svg, png or pdf; none: the table alone")
      ->capture_default_str()
      ->check(CLI::IsMember({"svg", "png", "pdf", kNone}));
  app.add_option(
         "--policy", options.policy,
         "Whose utility, gain and cost of allocators are drawn of a sweep; else static, where it was swept")
      ->type_name("NAME");
  app.add_flag("--all", options.all, "Of drives a line for every scenario, not their mean for each link");
  app.add_flag("--strict", options.strict, "A missing shard is an error");
  app.add_flag("--json", options.json,
               "Instead of the table one JSON object: a line for the sweep, a line for the drives");
  if (const auto status = parse_command_line(app, kFooter, argc, argv)) return *status;
  return guarded("turbo-simulate figures", [&] { return run(options); });
}

}  // namespace turbo::experiments
