// turbo-evaluation: makes a synthetic set of evaluation data, and checks any set.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "evaluation/evaluation_check.h"
#include "evaluation/model_table_file.h"
#include "lab/command_line/command_line.h"
#include "lab/command_line/interrupt.h"
#include "lab/command_line/progress.h"
#include "lab/evaluation_data/evaluation_maker.h"
#include "lab/evaluation_data/load_timing.h"
#include "lab/evaluation_data/report_text.h"
#include "lab/service_set/service_source.h"

namespace {

constexpr const char* kFooter = R"(
Evaluation data say how well each model and compression did on each camera of many drives (scenarios): a folder a model,
  efficientdet-d4/efficientdet-d4-window_size=10.parquet                     nothing compressed, or without loss
  efficientdet-d4/efficientdet-d4-compress-image-75-window_size=10.parquet   the whole frame as JPEG of quality 75
  efficientdet-d4/efficientdet-d4-compress-inputs-75-window_size=10.parquet  the resized input so
  efficientdet-d4/efficientdet-d4-roi100x50+0+25-window_size=10.parquet      a region of the frame, by itself
efficientdet-dX holds the data of model eddX; any other folder has its model's name. A row is an accuracy of one context
(scenario), camera and window of frames; what is null is over all of them, a null accuracy a right empty answer, which
counts as 1. Columns: context (text), camera_id (1 to 5), window_start_idx, window_end_idx, window_start_us,
window_end_us, mean_average_precision. All configurations must have the same windows.
A row over many frames need not be the mean of theirs: turbo-profile scores their boxes together, make takes the mean.
turbo-curves and turbo-allocate read the rows over everything (check a set first: they notice little), turbo-simulate sweep averages single frames: of the same
data, even "all on the vehicle" is then not the same number.

Examples
  turbo-evaluation make eval                          20 scenarios of 20 s, five models, in some seconds
  turbo-evaluation make small --scenarios 3 --frames 60 --models edd1,edd2,edd4
  turbo-evaluation list eval                          its scenarios, for --scenario of other tools
  turbo-evaluation check eval                         what is there, and the first mistake of each file
  turbo-evaluation check full-eval --table experiment_model_info.csv --json
  turbo-evaluation time eval --cameras 1,2,3,4,5      how fast it is loaded
  turbo-evaluation check mine --table my_models.csv)";

struct Arguments {
  std::string folder, table;
  turbo::lab::EvaluationRecipe recipe;
  turbo::EvaluationSettings settings;
  int memory_mib = 1024;
  bool json = false, scan = false;
};

void declare_make(CLI::App& maker, Arguments& args) {
  auto& recipe = args.recipe;
  maker
      .add_option("folder", args.folder,
                  "New folder; model_info.csv beside the models' folders is their table")
      ->required();
  maker.add_option("--seed", recipe.seed, "The same seed and options give the same data")
      ->capture_default_str();
  maker.add_option("--scenarios", recipe.scenarios, "How many drives")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  maker.add_option("--frames", recipe.frames, "Of each scenario and camera, 10 a second")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  maker.add_option("--models", recipe.models, "Of edd1 (on the vehicle, first), edd2, edd4, edd6, edd7x")
      ->delimiter(',')
      ->capture_default_str();
  maker.add_flag("--regions", recipe.regions,
                 "Also two regions of the frame for each cloud model (our addition to the layout)");
  maker.add_option("--threads", recipe.threads, "0: one a core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
}

void declare_listing(CLI::App& reader, Arguments& args, const char* onvehicle_model) {
  reader.add_option("folder", args.folder, "Folder of evaluation data")->required();
  reader.add_option("--onvehicle-model", args.settings.onvehicle_model, onvehicle_model);
  reader.add_flag("--json", args.json, "One JSON object instead of text");
}

void declare_reading(CLI::App& reader, Arguments& args) {
  declare_listing(reader, args, "As the table names it [the one of size 0]");
  reader.add_option("--table", args.table,
                    "Model table (sizes and run times) [model_info.csv in the folder]");
  reader.add_flag("--leave-out", args.settings.leave_out_missing,
                  "A configuration of the table without data is noted, and no mistake");
  reader.add_option("--memory-mib", args.memory_mib, "Limit of the reader's memory")
      ->check(CLI::Range(64, 1 << 20))
      ->capture_default_str();
  reader.add_option("--threads", args.settings.threads, "0: one a core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
}

void make(const Arguments& args) {
  const auto begin = std::chrono::steady_clock::now();
  const auto made = turbo::lab::make_evaluation(args.recipe, args.folder, turbo::interrupted());
  const double took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%s: %llu files, %llu rows, made in %.1f s; model table %s\n", args.folder.c_str(),
              static_cast<unsigned long long>(made.files), static_cast<unsigned long long>(made.rows), took_s,
              made.model_table.c_str());
}

// Finds the on-vehicle model in it, too, where none is named.
turbo::ModelTable load_table(Arguments& args) {
  std::error_code error;
  if (!std::filesystem::is_directory(args.folder, error))
    throw std::runtime_error(args.folder + ": no such folder");
  auto table = turbo::read_model_table(args.table.empty() ? args.folder + "/model_info.csv" : args.table,
                                       "name a model table with --table");
  auto& model = args.settings.onvehicle_model;
  if (model.empty()) model = turbo::onvehicle_model_of(table);
  return table;
}

void time_reading(Arguments& args) {
  const auto timing = args.scan ? turbo::lab::time_scan(args.folder, args.settings) : [&] {
    auto table = load_table(args);
    return turbo::lab::time_load(args.folder, std::move(table), args.settings);
  }();
  const double rows = double(timing.rows), rate = rows / timing.seconds;
  std::printf(args.json ? "{\"rows\": %.0f, \"seconds\": %.4f, \"rows_per_s\": %.0f, \"peak_mib\": %.1f}\n"
                        : "%.0f rows in %.2f s: %.0f a second, at most %.0f MiB of memory\n",
              rows, timing.seconds, rate, timing.peak_mib);
}

void list(const Arguments& args) {
  const auto scenarios = turbo::list_scenarios(args.folder, args.settings.onvehicle_model);
  std::fputs((args.json ? turbo::lab::json_of(scenarios) + "\n" : turbo::lab::text_of(scenarios)).c_str(),
             stdout);
}

int check(Arguments& args) {
  const auto table = load_table(args);
  std::optional<turbo::Progress> progress;
  const auto report = turbo::check_evaluation(args.folder, table, args.settings, [&](std::size_t total) {
    if (!progress) progress.emplace("turbo-evaluation", total);
    progress->advance();
  });
  progress.reset();
  std::fputs((args.json ? turbo::lab::json_of(report) + "\n" : turbo::lab::text_of(report)).c_str(), stdout);
  return report.problems.empty() ? 0 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  args.settings.onvehicle_model.clear();  // found where none is named
  CLI::App app{
      "Makes synthetic evaluation data in the published layout, and says what is in such data and what is "
      "wrong",
      "turbo-evaluation"};
  app.require_subcommand(1);
  auto* maker = app.add_subcommand("make", "Make a synthetic set");
  declare_make(*maker, args);
  auto* checker = app.add_subcommand(
      "check",
      "Read every row of a set, and name the first mistake of each file; exit code 2 when anything is wrong");
  declare_reading(*checker, args);
  auto* lister =
      app.add_subcommand("list", "Name the scenarios of a set, with the frames and cameras of each");
  declare_listing(*lister, args, "Whose data are read [those of the first there is]");
  auto* timer = app.add_subcommand("time", "Load a set as the simulator does, and say how long that takes");
  declare_reading(*timer, args);
  timer->add_option("--cameras", args.settings.cameras, "Which")->delimiter(',')->capture_default_str();
  timer->add_flag("--scan", args.scan,
                  "Instead only add up all columns, by DuckDB alone: the least it can take");
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv, ", 130 or 143 interrupted"))
    return *status;
  try {
    args.settings.memory_limit_bytes = std::size_t(args.memory_mib) << 20;
    if (*checker) return check(args);
    if (*maker)
      make(args);
    else if (*lister)
      list(args);
    else
      time_reading(args);
    return 0;
  } catch (const turbo::Interrupted&) {
    std::fprintf(stderr, "turbo-evaluation: interrupted; nothing is left of %s\n", args.folder.c_str());
    return turbo::interrupt_status();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-evaluation: %s\n", error.what());
    return *maker ? 1 : 2;
  }
}
