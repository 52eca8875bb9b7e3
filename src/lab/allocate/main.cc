// turbo-allocate: the choice for one moment, and why.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "core/planning/policy_names.h"
#include "lab/allocate/allocation_sheet.h"
#include "lab/command_line/command_line.h"
#include "lab/service_set/number_option.h"

namespace {

constexpr const char* kFooter = R"(
Which model and compression each service gets under so much bandwidth, all of which is believed in: the utilities' weighted
sum is made as large as possible, and the needs' sum stays within the bandwidth. turbo-curves shows
what there is to choose from.

It reads no vehicle's configuration: what there differs (budget, camera's frames_per_second, here 10 a second) is to be named
here (--budget, --frame-rate). And nothing is measured here, while a vehicle learns what its link, frames and servers are
like (policy live, budget expected), so it may choose otherwise; its log and answers say why.

Examples
  Three cameras with the models that come with this project:
    turbo-allocate models/model_info.csv --bandwidth 10 --rtt 40
  The front camera counts three times, and none may fall below 0.4 as long as that is possible:
    turbo-allocate models/model_info.csv --bandwidth 5 --rtt 40 --weights 1=3 --min-utility 0.4
  By evaluation data, motion prediction beside five cameras:
    turbo-evaluation make eval
    turbo-allocate eval --bandwidth 60 --rtt 30 --services 1,2,3,4,5,6
  What a simpler rule would have chosen; what one configuration for all would bring:
    turbo-allocate models/model_info.csv --bandwidth 10 --rtt 40 --allocator equal
    turbo-allocate models/model_info.csv --bandwidth 10 --rtt 40 --allocator fixed:td2-imgcompNone-inpcomp50
  Every bandwidth from 1 to 30, for a program:
    for mbps in $(seq 30); do turbo-allocate models/model_info.csv --bandwidth $mbps --rtt 40 --json; done

The table
  needs Mbps     what the choice takes of the link so that frames are in time, sent seldom or always
  gets Mbps      its guaranteed rate: that, and its share of what is left
  better from    with so much for itself the service could have something better
In --json "next" is that better one, "runner_up" the next best allocation, of those for less and less bandwidth.
)";

std::string names() {
  std::string all = "\nAllocators\n";
  const auto add = [&](std::string_view name, std::string_view about) {
    std::string line = "  " + std::string(name);
    line.resize(std::max<std::size_t>(line.size(), 24), ' ');
    all.append(line).append(" ").append(about).append("\n");
  };
  for (const auto& [name, about] : turbo::allocator_names()) add(name, about);
  add("cbc", "the same as exact by a general solver of integer programs, to check against");
  all += "\nBudgets\n";
  for (const auto& [name, about] : turbo::budget_names()) add(name, about);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  turbo::ServiceOptions services;
  turbo::allocate::Request request;
  bool json = false;
  CLI::App app{"Chooses a configuration for every service under a bandwidth", "turbo-allocate"};
  turbo::declare(app, services);
  app.add_option("--bandwidth,--bandwidth-mbps", request.bandwidth_mbps, "Of the uplink, Mbps")
      ->required()
      ->check(turbo::refuse_empty)
      ->type_name("MBPS");
  app.add_option("--rtt,--rtt-ms", request.rtt_ms, "To the cloud and back, ms")
      ->required()
      ->check(turbo::refuse_empty)
      ->type_name("MS");
  app.add_option("--allocator", request.allocator, "See below")->capture_default_str()->type_name("NAME");
  app.add_option("--budget", request.budget, "How much of the bandwidth choices may need: see below")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_flag("--json", json, "One JSON object instead of a table");
  if (const auto status = turbo::parse_command_line(app, kFooter + names(), argc, argv)) return *status;
  try {
    const auto set = turbo::read_services(services);
    const auto decision = turbo::allocate::decide(set, request);
    std::fputs((json ? turbo::allocate::json_of(set, request, decision)
                     : turbo::allocate::table_of(set, request, decision))
                   .c_str(),
               stdout);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "turbo-allocate: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-allocate: %s\n", error.what());
    return 1;
  }
}
