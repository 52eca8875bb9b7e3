// turbo-profile: measures every configuration of the models and writes the table that the allocator reads.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "lab/command_line/command_line.h"
#include "lab/profile/profiler.h"

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

}  // namespace

int main(int argc, char** argv) {
  turbo::ProfileOptions options;
  std::vector<std::string> onvehicle, cloud, regions;
  std::string out;
  CLI::App app{
      "Measures, on frames of the synthetic drive, what every configuration of the models costs and is "
      "worth: size (90th percentile, in megabits), the server's time (median, ms; of the processor where the "
      "device is cpu) and COCO AP",
      "turbo-profile"};
  app.add_option("--onvehicle", onvehicle, "NAME=FILE of a model that runs on the vehicle");
  app.add_option("--cloud", cloud, "NAME=FILE of a model that runs in the cloud");
  app.add_option("--device", options.device, "cpu or cuda:N")->capture_default_str();
  app.add_option("--seed", options.seed, "The world; one that was not trained on")->capture_default_str();
  app.add_option("--frames", options.frames, "How many")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--step", options.step_s, "Seconds of the drive from frame to frame")
      ->check(CLI::Range(0.0, 1e4))
      ->capture_default_str();
  app.add_option("--cameras", options.cameras, "Taken in turn")
      ->delimiter(',')
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app.add_option("--region", regions,
                 "Also only this part of the frame: WxH+L+T in per cent of it; repeatable. Outside, the "
                 "vehicle's boxes count");
  app.add_option("--out", out, "CSV file to write; none: standard output");
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    for (const auto& text : onvehicle) options.models.push_back(parse_model(text, true));
    for (const auto& text : cloud) options.models.push_back(parse_model(text, false));
    for (const auto& text : regions) options.regions.push_back(parse_region(text));
    if (options.models.empty())
      throw std::runtime_error("no model given; --cloud NAME=FILE or --onvehicle NAME=FILE");
  } catch (const std::exception& e) {
    std::cerr << "turbo-profile: " << e.what() << '\n';
    return 2;
  }
  try {
    const auto rows = turbo::profile(options, std::cerr);
    if (out.empty()) {
      turbo::write_model_table(rows, std::cout);
      return 0;
    }
    std::ofstream file(out);
    turbo::write_model_table(rows, file);
    if (!file.flush()) throw std::runtime_error("writing " + out + " failed");
  } catch (const std::exception& e) {
    std::cerr << "turbo-profile: " << e.what() << '\n';
    return 1;
  }
}
