// turbo-trace: makes capacity traces for turbo-link, and says what a trace is like.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "lab/command_line/command_line.h"
#include "lab/traces/trace_recipe.h"
#include "lab/traces/trace_summary.h"

namespace {

void make(const turbo::TraceRecipe& recipe, const std::string& path) {
  const auto trace = turbo::make_trace(recipe);
  if (path.empty()) {
    turbo::write_trace(trace, std::cout);
  } else {
    std::ofstream out(path, std::ios::binary);
    turbo::write_trace(trace, out);
    if (!out.flush()) throw std::runtime_error("writing " + path + " failed");
    std::printf("%s: %s\n", path.c_str(), to_text(turbo::summarise(trace)).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  turbo::TraceRecipe recipe;
  std::string path;
  std::uint32_t window_ms = 500;
  CLI::App app{"Makes capacity traces (Mahimahi's form) for turbo-link, and says what a trace is like",
               "turbo-trace"};
  app.require_subcommand(1);
  auto* maker = app.add_subcommand("make", "Make an LTE-like trace");
  maker->add_option("--seed", recipe.seed, "The same seed and options give the same trace")
      ->capture_default_str();
  maker->add_option("--duration", recipe.duration_s, "Seconds")->capture_default_str();
  maker->add_option("--mean-mbps", recipe.mean_mbps, "Mean capacity")->capture_default_str();
  maker->add_option("--min-mbps", recipe.min_mbps, "Least capacity, and that of a dip")
      ->capture_default_str();
  maker->add_option("--max-mbps", recipe.max_mbps, "Greatest capacity")->capture_default_str();
  maker
      ->add_option("--dip-every", recipe.dip_every_s,
                   "Seconds between dips to the minimum, on average; 0: none")
      ->capture_default_str();
  maker->add_option("--dip-length", recipe.dip_length_s, "Seconds that a dip lasts, on average")
      ->capture_default_str();
  maker
      ->add_option("--blackout-at", recipe.blackout_at_s,
                   "Seconds from the start to a time without any capacity")
      ->capture_default_str();
  maker->add_option("--blackout-length", recipe.blackout_length_s, "Seconds that it lasts; 0: none")
      ->capture_default_str();
  maker->add_option("-o,--output", path, "File (else standard output)");
  auto* shower = app.add_subcommand("show", "Say what a trace is like");
  shower->add_option("trace", path, "File")->required();
  shower->add_option("--window-ms", window_ms, "The capacity's percentiles are of windows of this length")
      ->capture_default_str()
      ->check(CLI::Range(1u, 3'600'000u));
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    if (*maker) {
      make(recipe, path);
    } else {
      std::printf("%s\n", to_text(turbo::summarise(turbo::load_delivery_trace(path), window_ms)).c_str());
    }
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-trace: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-trace: %s\n", error.what());
    return 1;
  }
}
