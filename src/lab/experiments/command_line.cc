#include "lab/experiments/command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "core/allocation/constant.h"
#include "lab/command_line/interrupt.h"
#include "lab/experiments/batches.h"
#include "lab/experiments/results_file.h"
#include "lab/link/delivery_trace.h"

namespace turbo::experiments {

void declare(CLI::App& app, DataOptions& o) {
  const char* group = "What is decided about";
  const auto add = [&](const char* name, auto& value, const char* type, const char* text) {
    auto* option = app.add_option(name, value, text)->type_name(type)->group(group);
    if (option->get_allow_extra_args()) option->allow_extra_args(false);  // the next word is another argument
    return option;
  };
  app.add_option_function<std::string>(
         "data",
         [&o](const std::string& path) {
           std::error_code error;  // a name that can be none, as a too long one, is told as any other
           (std::filesystem::is_directory(path, error) ? o.evaluation : o.table) = path;
         },
         "The same as --evaluation DIR or --table FILE")
      ->type_name("FILE|DIR");
  add("--evaluation", o.evaluation, "DIR",
      "Evaluation data (turbo-evaluation makes some): scenarios, frame by frame");
  add("--table", o.table, "FILE",
      "Model table; else model_info.csv of the evaluation data. By itself: one scenario");
  add("--scenario", o.scenarios, "NAME,...", "Only these scenarios (turbo-evaluation list DIR names them)")
      ->delimiter(',');
  add("--scenarios", o.most_scenarios, "N", "Only the first N scenarios")
      ->check(CLI::Range(1, 1'000'000'000));
  add("--cameras,--services", o.cameras, "ID,...",
      "Services: 1 to 5 are cameras, 6 is the motion prediction [1,2,3; of evaluation data those that it "
      "has]")
      ->delimiter(',');
  add("--onvehicle-model", o.onvehicle_model, "NAME", "As the table names it [the one of size 0]");
  add("--utility", o.utilities, "NAME=X",
      "For a table without utilities: MODEL=VALUE of every model, COMPRESSION=CHANGE to add, as 50=-0.02");
  add("--fps,--frame-rate", o.frames_per_s, "X", "Frames a second of each camera")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1000.0));
  add("--frame-rates", o.frame_rates, "X,...", "Offer also to send only so many frames a second")
      ->delimiter(',');
  add("--weight,--weights", o.weights, "X[,ID=X...]", "How much a service's utility counts, 0.01 to 100");
  add("--floor,--min-utility", o.floors, "X[,ID=X...]",
      "A service's least utility, which comes before all else");
}

void declare(CLI::App& app, RunOptions& o) {
  const char* group = "The run and its results";
  app.add_option("--seed", o.seed, "Of all that is by chance")->capture_default_str()->group(group);
  app.add_option("--threads", o.threads, "0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024))
      ->group(group);
  app.add_option("--shard", o.shard,
                 "Only every Nth scenario, from the Ith on, I from 1 to N: a part for one of N machines")
      ->type_name("I/N")
      ->group(group);
  const CLI::Validator named(
      [](std::string& text) { return text.empty() ? std::string("expected a name") : ""; }, "");
  app.add_option("--results", o.results,
                 "Write every row there (Parquet); its folder is made. Older results of the same command are "
                 "replaced, "
                 "anything else that is there is not: that is refused")
      ->type_name("FILE")
      ->check(named)
      ->group(group);
  app.add_option("--figures", o.figures,
                 "Draw what was found into this folder (SVG; PNG and PDF: turbo-simulate figures)")
      ->type_name("DIR")
      ->check(named)
      ->group(group);
  app.add_flag("--json", o.json, "One JSON object instead of a table")->group(group);
}

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  if (index.ec == std::errc() && index.ptr != end && *index.ptr == '/') {
    const auto count = std::from_chars(index.ptr + 1, end, shard.count);
    if (count.ec == std::errc() && count.ptr == end && shard.index >= 1 && shard.index <= shard.count &&
        shard.count <= 1'000'000)
      return shard;
  }
  throw std::invalid_argument("--shard " + text.substr(0, 60) +
                              ": expected I/N, where I counts from 1 to N: 1/8 to 8/8");
}

void check_fixed(const std::vector<std::string>& allocators, std::span<const Service> services) {
  for (const std::string& allocator : allocators)
    if (const std::string fault = fault_in_fixed(allocator, services); !fault.empty())
      throw std::invalid_argument("--allocator: " + fault);
}

void tell(const std::string& command, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) std::fprintf(stderr, "%s: %s\n", command.c_str(), note.c_str());
}

int guarded(const std::string& command, const std::function<int()>& body) {
  try {
    return body();
  } catch (const Interrupted& end) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(), end.what());
    return interrupt_status();
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(), error.what());
    return 2;
  } catch (const LinkConfigError& error) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(), error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(), error.what());
    return 1;
  }
}

void check_outputs(const RunOptions& options, const std::string& experiment) {
  if (!options.figures.empty()) check_figures_folder("--figures", options.figures);
  if (options.results.empty()) return;
  check_results_file("--results", options.results, experiment);
}

void put_out(const Results& results, const std::vector<NamedFigure>& figures, const RunOptions& options,
             const std::string& table, const Results* summary) {
  std::vector<std::string> written;
  if (!options.results.empty()) {
    write_parquet(results, options.results, options.shard);
    written.push_back("written: " + options.results);
  }
  if (!options.figures.empty())
    for (const std::string& file : write_figures(figures, options.figures, "svg"))
      written.push_back("written: " + file);
  tell("turbo-simulate " + results.experiment, written);
  if (options.json)
    std::printf("%s\n", json_of(results, {}, summary).c_str());
  else
    std::printf("%s", table.c_str());
}

}  // namespace turbo::experiments
