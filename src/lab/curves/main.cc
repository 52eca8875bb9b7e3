// turbo-curves: which configuration when, as a picture, in a terminal and as a table.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "lab/command_line/command_line.h"
#include "lab/curves/curve_sheet.h"
#include "lab/figure/figure_file.h"
#include "lab/figure/text_chart.h"
#include "lab/service_set/number_option.h"

namespace {

constexpr const char* kFooter = R"(
The utility curve of a service is what accuracy it can have for how much bandwidth. A configuration (a model and a
compression) can run from   size / (SLO - RTT - run time)   on, since its frame has to be through in what the RTT and
the model leave of the SLO. Of those that can run the best counts: a staircase. Below the first stair the vehicle's own
model answers.

Examples
  Of the models that come with this project; in the terminal:
    turbo-curves models/model_info.csv
  How much more bandwidth a longer RTT costs, as a picture (PNG and PDF by the name's ending, too):
    turbo-curves models/model_info.csv --rtt 10,40,80 -o curves.svg
  Motion prediction, which has more time, beside a camera:
    turbo-curves models/model_info.csv --services 1 --motion-prediction
  Of evaluation data, of all of them and of one drive, motion prediction beside the cameras:
    turbo-evaluation make eval
    turbo-curves eval --services 1,2,3,4,5,6
    turbo-curves eval --scenario NAME
  The stairs, for a program:
    turbo-curves models/model_info.csv --json

With --frame-rates, a frame that is sent seldom needs as much as one of many: it is due as soon. Fewer frames save bytes,
and bandwidth only where cameras of one rate take turns: they are worth choosing only where the table says so.
The chart is as wide as the terminal (COLUMNS), without colours where NO_COLOR is set, and in plain ASCII where the
locale is not UTF-8.)";

constexpr std::size_t kMostRtts = 16;

struct Arguments {
  turbo::ServiceOptions services;
  std::vector<double> rtts_ms = {40};
  turbo::curves::View view;
  std::optional<double> most_mbps;
  std::string picture;
  bool json = false, text = false, log = false, linear = false;
};

void check(const Arguments& args) {
  if (args.rtts_ms.empty() || args.rtts_ms.size() > kMostRtts)
    throw std::invalid_argument("--rtt: expected 1 to 16 of them");
  for (const double rtt : args.rtts_ms) turbo::require_within("--rtt", rtt, {0, 600'000, "ms"});
  if (args.most_mbps) turbo::require_within("--max-mbps", *args.most_mbps, {1e-3, 1e6, "Mbps"});
  if (!args.picture.empty()) turbo::figure::file_kind(args.picture);
}

void run(const Arguments& args) {
  using namespace turbo::curves;
  check(args);
  const auto set = turbo::read_services(args.services);
  const auto curves = make_curves(set, args.rtts_ms);
  const auto figure = figure_of(set, curves, args.view);
  if (!args.picture.empty()) turbo::figure::write_figure(figure, args.picture);
  if (args.json) {
    std::fputs(json_of(set, curves).c_str(), stdout);
    return;
  }
  if (args.picture.empty() || args.text) {
    std::fputs(turbo::figure::text_chart(figure, turbo::figure::text_style()).c_str(), stdout);
    std::fputs(table_of(set, curves).c_str(), stdout);
  }
  for (const auto& note : set.notes) std::printf("note: %s\n", note.c_str());
  if (!args.picture.empty()) std::printf("written: %s\n", args.picture.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  args.view.title = "Utility curves";
  args.view.caption = turbo::command_line_of(argc, argv);
  CLI::App app{"Draws utility curves: what accuracy a service has for how much bandwidth", "turbo-curves"};
  turbo::declare(app, args.services);
  app.add_option("--rtt,--rtt-ms", args.rtts_ms, "ms; several: a line for each")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(turbo::refuse_empty)
      ->capture_default_str()
      ->type_name("MS,...");
  app.add_option("-o,--output", args.picture, "A picture: .svg, .png or .pdf")->type_name("FILE");
  app.add_flag("--text", args.text, "With -o: chart and table in the terminal, too");
  app.add_option("--title", args.view.title, "Of the figure")->capture_default_str();
  app.add_option("--max-mbps", args.most_mbps,
                 "The bandwidth axis ends there [beyond the last step, 300 where others follow]")
      ->check(turbo::refuse_empty)
      ->type_name("MBPS");
  auto* log = app.add_flag("--log", args.log, "Logarithmic bandwidth axis [where the stairs lie far apart]");
  app.add_flag("--linear", args.linear, "Linear bandwidth axis")->excludes(log);
  app.add_flag("--json", args.json, "One JSON object instead of chart and table");
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  if (args.log || args.linear) args.view.log = args.log;
  args.view.most_mbps = args.most_mbps.value_or(0);
  try {
    run(args);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "turbo-curves: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-curves: %s\n", error.what());
    return 1;
  }
}
