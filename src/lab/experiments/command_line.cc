#include "lab/experiments/command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "lab/link/delivery_trace.h"

namespace turbo::experiments {

void declare(CLI::App& app, DataOptions& o) {
  const char* group = "What is decided about";
  app.add_option("--table", o.table, "Model table (CSV)")->type_name("FILE")->group(group);
  app.add_option(
         "--utility", o.utilities,
         "For a table without utilities: MODEL=VALUE of each model, and COMPRESSION=CHANGE to add for one, "
         "as 50=-0.02")
      ->type_name("NAME=X")
      ->group(group);
  app.add_option("--onvehicle", o.onvehicle_model, "The model on the vehicle")
      ->capture_default_str()
      ->group(group);
  app.add_option("--cameras", o.cameras, "Cameras, one service each")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000))
      ->group(group);
  app.add_option("--fps", o.frames_per_s, "Frames a second of each camera")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1000.0))
      ->group(group);
  app.add_option("--frame-rates", o.frame_rates, "Also offer to send only so many frames a second")
      ->delimiter(',')
      ->type_name("N,...")
      ->group(group);
}

void declare(CLI::App& app, RunOptions& o) {
  const char* group = "The run and its results";
  app.add_option("--seed", o.seed, "Of all that is by chance")->capture_default_str()->group(group);
  app.add_option("--threads", o.threads, "0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024))
      ->group(group);
  app.add_option("--shard", o.shard, "Only every Nth scenario, from the Ith on: a part for one of N machines")
      ->type_name("I/N")
      ->group(group);
  app.add_option("--results", o.results, "Write every row there (Parquet)")->type_name("FILE")->group(group);
  app.add_flag("--json", o.json, "One JSON object instead of a table")->group(group);
  app.add_flag("--quiet", o.quiet, "No progress on stderr")->group(group);
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
  throw std::invalid_argument("--shard " + text + ": expected I/N, as 1/8 to 8/8");
}

std::string command_line_of(int argc, char** argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) {
    const std::string word = i == 0 ? std::filesystem::path(argv[0]).filename().string() : argv[i];
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$&|;<>()*?[]#~`!{}") == std::string::npos;
    if (i > 0) line += ' ';
    if (plain || i == 0) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

int guarded(const std::string& command, const std::function<int()>& body) {
  try {
    return body();
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

void put_out(const Results& results, const RunOptions& options, const std::string& table) {
  if (!options.results.empty()) write_parquet(results, options.results);
  if (options.json)
    std::printf("%s\n", json_of(results).c_str());
  else
    std::printf("%s", table.c_str());
}

}  // namespace turbo::experiments
