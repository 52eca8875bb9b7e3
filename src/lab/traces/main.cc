// turbo-trace: makes capacity traces for turbo-link, and says what a trace is like.

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "lab/command_line/command_line.h"
#include "lab/figure/figure_file.h"
#include "lab/figure/text_chart.h"
#include "lab/traces/named_recipe.h"
#include "lab/traces/trace_plot.h"
#include "lab/traces/trace_recipe.h"
#include "lab/traces/trace_summary.h"

namespace {

constexpr const char* kFooter = R"(
Examples
  turbo-trace --list                                                the recipes, and what each is like
  turbo-trace make lte --seed 7 --duration 120 -o lte.trace --plot  two minutes of one
  turbo-trace make drive --scale 0.5 -o half.trace                  the same kind of link at half the rate
  turbo-trace make --mean-mbps 10 --blackout-at 20 --blackout-length 5 -o blackout.trace
  turbo-trace show lte.trace --plot --picture lte.svg               of any trace in Mahimahi's format
  turbo-link --up-trace lte.trace --delay-ms 18 -- COMMAND          use it
A trace is a line a delivery opportunity: the millisecond at which 1500 bytes can leave; it starts over at its end.)";

struct Arguments {
  std::string recipe = turbo::kMobileRecipe, path, picture;
  turbo::TraceRecipe mobile;
  double scale = 1;
  std::uint32_t window_ms = 1000;
  bool list = false, plot = false;
};

void list_recipes() {
  std::printf(
      "%-14s (RTT about %.0f ms)\n    Like LTE, with options of its own: mean, bounds, dips, a blackout. "
      "What "
      "turbo-demo uses.\n",
      turbo::kMobileRecipe, turbo::kMobileRttMs);
  for (const auto& recipe : turbo::named_recipes()) {
    std::printf("%-14s (RTT about %.0f ms)\n", recipe.name, recipe.rtt_ms);
    std::istringstream lines(recipe.text);
    for (std::string line; std::getline(lines, line);) std::printf("    %s\n", line.c_str());
  }
}

void tell(std::FILE* out, const std::string& name, const turbo::DeliveryTrace& trace, const Arguments& args) {
  std::fprintf(out, "%s%s\n", name.c_str(), to_text(turbo::summarise(trace, args.window_ms)).c_str());
  if (args.plot)
    std::fputs(turbo::figure::text_chart(turbo::figure_of(trace, ""), turbo::figure::text_style()).c_str(),
               out);
}

void draw(const turbo::DeliveryTrace& trace, const Arguments& args) {
  if (args.picture.empty()) return;
  const std::string title =
      args.path.empty() ? args.recipe : std::filesystem::path(args.path).filename().string();
  turbo::figure::write_figure(turbo::figure_of(trace, title), args.picture);
}

void make(const Arguments& args) {
  const auto trace =
      args.recipe == turbo::kMobileRecipe
          ? turbo::make_trace(args.mobile)
          : turbo::make_named_trace(args.recipe, args.mobile.seed, args.mobile.duration_s, args.scale);
  draw(trace, args);
  if (args.path.empty()) {
    turbo::write_trace(trace, std::cout);
    if (args.plot) tell(stderr, "", trace, args);
    return;
  }
  std::ofstream out(args.path, std::ios::binary);
  if (out) turbo::write_trace(trace, out);
  if (!out.flush()) throw std::runtime_error("writing " + args.path + ": " + std::strerror(errno));
  tell(stdout, args.path + ": ", trace, args);
}

void declare_pictures(CLI::App& app, Arguments& args) {
  app.add_flag("--plot", args.plot, "The capacity of every second, in the terminal");
  app.add_option("--picture", args.picture, "And as a picture: .svg, .png or .pdf")->type_name("FILE");
}

void declare_make(CLI::App& maker, Arguments& args, std::vector<CLI::Option*>& only_mobile) {
  turbo::TraceRecipe& r = args.mobile;
  maker.add_option("recipe", args.recipe, "See --list")->capture_default_str();
  maker.add_option("--seed", r.seed, "The same recipe, seed and options give the same trace")
      ->capture_default_str();
  maker.add_option("--duration", r.duration_s, "Seconds")->capture_default_str();
  maker.add_option("--scale", args.scale, "Multiplies every rate (not of mobile, which has --mean-mbps)")
      ->capture_default_str();
  maker.add_option("-o,--output", args.path, "File (else standard output)");
  declare_pictures(maker, args);
  const auto add = [&](const char* name, double& value, const char* text) {
    only_mobile.push_back(
        maker.add_option(name, value, text)->capture_default_str()->group("Of the recipe mobile"));
  };
  add("--mean-mbps", r.mean_mbps, "Mean capacity");
  add("--min-mbps", r.min_mbps, "Least capacity, and that of a dip");
  add("--max-mbps", r.max_mbps, "Greatest capacity");
  add("--dip-every", r.dip_every_s, "Seconds between dips to the minimum, on average; 0: none");
  add("--dip-length", r.dip_length_s, "Seconds that a dip lasts, on average");
  add("--blackout-at", r.blackout_at_s, "Seconds from the start to a time without any capacity");
  add("--blackout-length", r.blackout_length_s, "Seconds that it lasts; 0: none");
}

// An option that would do nothing is a mistake.
void check_recipe(const Arguments& args, const CLI::App& maker,
                  const std::vector<CLI::Option*>& only_mobile) {
  for (const auto* option : only_mobile)
    if (option->count() > 0 && args.recipe != turbo::kMobileRecipe)
      throw turbo::LinkConfigError(option->get_name() + ": only of the recipe mobile");
  if (args.recipe == turbo::kMobileRecipe && maker.count("--scale") > 0)
    throw turbo::LinkConfigError("--scale: not of the recipe mobile, which has --mean-mbps");
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  CLI::App app{"Makes capacity traces (Mahimahi's format) for turbo-link, and says what a trace is like",
               "turbo-trace"};
  app.require_subcommand(0, 1);
  app.add_flag("--list", args.list, "List the recipes");
  auto* maker = app.add_subcommand("make", "Make a trace by a recipe");
  std::vector<CLI::Option*> only_mobile;
  declare_make(*maker, args, only_mobile);
  auto* shower = app.add_subcommand("show", "Say what a trace is like");
  shower->add_option("trace", args.path, "File")->required();
  declare_pictures(*shower, args);
  shower
      ->add_option("--window-ms", args.window_ms, "The capacity's percentiles are of windows of this length")
      ->capture_default_str()
      ->check(CLI::Range(1u, 3'600'000u));
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  try {
    if (!args.picture.empty()) turbo::figure::file_kind(args.picture);
    if (args.list) {
      list_recipes();
    } else if (*maker) {
      check_recipe(args, *maker, only_mobile);
      make(args);
    } else if (*shower) {
      const auto trace = turbo::load_delivery_trace(args.path);
      draw(trace, args);
      tell(stdout, "", trace, args);
    } else {
      throw turbo::LinkConfigError("expected make, show or --list; see turbo-trace --help");
    }
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-trace: %s\n", error.what());
    return 2;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "turbo-trace: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-trace: %s\n", error.what());
    return 1;
  }
}
