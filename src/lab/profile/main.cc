// turbo-profile: measures every configuration of the models and writes the table that the allocator reads.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "lab/command_line/command_line.h"
#include "lab/command_line/interrupt.h"
#include "lab/profile/profiler.h"
#include "lab/profile/scene_evaluation.h"

namespace {

turbo::ProfiledModel parse_model(const std::string& text, bool onvehicle) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw std::runtime_error("'" + text + "' is not NAME=FILE");
  turbo::ProfiledModel model{text.substr(0, equals), text.substr(equals + 1), onvehicle};
  std::string error;
  if (!turbo::parse_model_config(model.name + "-imgcompNone-inpcompNone", &error))
    throw std::runtime_error(error);
  return model;
}

turbo::FrameRegion parse_region(const std::string& text) {
  std::string error;
  const auto config = turbo::parse_model_config("m-imgcompNone-inpcomp50-roi" + text, &error);
  if (!config) throw std::runtime_error("'" + text + "' is no region: WxH+L+T in per cent, 100x50+0+25 say");
  return *config->region;
}

constexpr const char* kFooter = R"(
Evaluation data are made of --scenarios drives of --scenario-frames consecutive frames of each camera, 10 a second: a
folder of Parquet files in the published layout (turbo-evaluation --help has it) and model_info.csv. Accuracies are the
COCO AP of a window's frames together, which is not the mean of theirs; one without objects, where nothing was
reported, counts as 1 by itself and not at all among others. So turbo-curves and turbo-allocate, which read the rows over
all frames, and turbo-simulate sweep, which averages single frames, give even "all on the vehicle" different utilities.
Worlds differ: more scenarios make surer curves, more frames longer histories.
Sizes and run times are measured before them, on --frames frames, by one thread alone.

Examples
  turbo-profile --onvehicle small=small.onnx --cloud big=big.onnx --out my_models.csv
  turbo-profile --onvehicle td1=models/td1.onnx --cloud td2=models/td2.onnx --evaluation mine   # some minutes on two cores
  turbo-evaluation check mine
  turbo-curves mine --services 1,2,3,4,5
  turbo-simulate sweep --evaluation mine --figures .)";

struct Arguments {
  turbo::ProfileOptions options;
  turbo::EvaluationPlan plan;
  std::vector<std::string> onvehicle, cloud, regions;
  std::vector<int> cameras;
  std::optional<int> frames;
  std::optional<std::string> evaluation;
  std::string out;
  std::unique_ptr<turbo::NewEvaluation> place;  // where evaluation data are going to be
  bool table_written = false;
};

void declare(CLI::App& app, Arguments& args) {
  auto& options = args.options;
  app.add_option("--onvehicle", args.onvehicle, "NAME=FILE of a model that runs on the vehicle");
  app.add_option("--cloud", args.cloud, "NAME=FILE of a model that runs in the cloud");
  app.add_option("--device", options.device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--seed", options.seed, "The world; one that was not trained on")->capture_default_str();
  app.add_option("--frames", args.frames, "How many [100; with --evaluation 30]")
      ->check(CLI::Range(1, 100000));
  app.add_option("--step", options.step_s, "Seconds of the drive from frame to frame")
      ->check(CLI::Range(0.0, 1e4))
      ->capture_default_str();
  app.add_option("--cameras", args.cameras,
                 "Taken in turn; for evaluation data each [1,2,3; with --evaluation 1,2,3,4,5]")
      ->delimiter(',')
      ->check(CLI::Range(1, 5));
  app.add_option("--region", args.regions,
                 "Also only this part of the frame: WxH+L+T in per cent of it; repeatable. Outside, the "
                 "vehicle's boxes count");
  app.add_option("--out", args.out,
                 "CSV file to write [standard output; with --evaluation only beside the data]");
  auto* evaluation =
      app.add_option("--evaluation", args.evaluation,
                     "Also make evaluation data in this new folder, with the table beside them");
  app.add_option("--scenarios", args.plan.scenarios, "Drives of the evaluation data: this seed and the next")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->needs(evaluation);
  app.add_option("--scenario-frames", args.plan.frames, "Of each camera in each of them")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->needs(evaluation);
  app.add_option("--threads", args.plan.threads,
                 "That measure evaluation data, each in some 300 MB; 0: one a core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str()
      ->needs(evaluation);
}

// Throws for what is wrong with them.
void read(Arguments& args) {
  auto& options = args.options;
  for (const auto& text : args.onvehicle) options.models.push_back(parse_model(text, true));
  for (const auto& text : args.cloud) options.models.push_back(parse_model(text, false));
  for (const auto& text : args.regions) options.regions.push_back(parse_region(text));
  if (options.models.empty())
    throw std::runtime_error("no model given; --cloud NAME=FILE or --onvehicle NAME=FILE");
  if (!args.cameras.empty()) options.cameras = args.plan.cameras = args.cameras;
  options.frames = args.frames.value_or(args.evaluation ? 30 : 100);
  if (!args.evaluation) return;
  args.plan.folder = *args.evaluation;
  args.place = turbo::prepare_evaluation(options, args.plan);
}

void write_file(const std::string& path, const std::vector<turbo::ProfileRow>& rows) {
  std::ofstream file(path);
  turbo::write_model_table(rows, file);
  if (!file.flush()) throw std::runtime_error("writing " + path + " failed");
}

void measure(Arguments& args) {
  const auto& stop = turbo::interrupted();
  const auto rows = turbo::profile(args.options, std::cerr, stop);
  if (!args.out.empty()) {
    write_file(args.out, rows);
    args.table_written = true;
  }
  if (args.place) {
    const auto made = turbo::make_scene_evaluation(args.options, args.plan, rows, *args.place, stop);
    std::cout << args.plan.folder.string() << ": " << made.files << " files, " << made.rows
              << " rows; model table " << made.model_table.string() << '\n';
  } else if (args.out.empty()) {
    turbo::write_model_table(rows, std::cout);
  }
}

int tell_interrupted(const Arguments& args) {
  std::cerr << "turbo-profile: interrupted; "
            << (args.place ? "nothing is left of " + args.plan.folder.string() : "nothing is written");
  if (args.table_written) std::cerr << "; the model table is in " << args.out;
  std::cerr << '\n';
  return turbo::interrupt_status();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  CLI::App app{
      "Measures, on frames of the synthetic drive, what every configuration of the models costs and is "
      "worth: size (90th percentile, in megabits), the server's time (median, ms; of the processor where the "
      "device is cpu) and COCO AP. Can also make evaluation data of the models",
      "turbo-profile"};
  declare(app, args);
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv, ", 130 or 143 interrupted"))
    return *status;
  int status = 2;
  try {
    read(args);
    status = 1;
    measure(args);
    return 0;
  } catch (const turbo::Interrupted&) {
    return tell_interrupted(args);
  } catch (const std::exception& e) {
    std::cerr << "turbo-profile: " << e.what() << '\n';
    return status;
  }
}
