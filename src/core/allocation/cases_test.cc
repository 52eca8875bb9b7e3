// Runs tests/cases/allocation/*.txt. A case:
//   slo_ms 150
//   rtt_ms 36
//   bandwidth_mbps 20
//   services 1 2                                  the options that follow are those of these services
//   option td2-imgcompNone-inpcomp75 0.97 72.3 0.43   size in Mb, runtime in ms, utility
//   vehicle td1-imgcompNone-inpcompNone 0.2           the on-vehicle model and its utility
//   expect 1 td2-imgcompNone-inpcomp75            what a service gets; "nothing" for no option
//   expect_start 1 23.26                          with how many Mbps at least
//   expect_utility 0.63                           the sum over the services
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/allocation/allocator.h"
#include "core/utility/model_config.h"
#include "core/utility/utility_curve.h"

namespace turbo {
namespace {

struct Case {
  double slo_ms = 0, rtt_ms = 0, bandwidth_mbps = 0;
  std::vector<int> services;
  std::map<int, std::vector<ModelOption>> options;
  std::map<int, std::string> expected;
  std::map<int, double> expected_start;
  double expected_utility = -1;
};

void read_line(const std::string& line, std::vector<int>* open, Case* out) {
  std::istringstream in(line);
  std::string word;
  if (!(in >> word) || word.starts_with('#')) return;
  int id = 0;
  ModelOption option;
  if (word == "slo_ms") {
    in >> out->slo_ms;
  } else if (word == "rtt_ms") {
    in >> out->rtt_ms;
  } else if (word == "bandwidth_mbps") {
    in >> out->bandwidth_mbps;
  } else if (word == "services") {
    for (open->clear(); in >> id; out->services.push_back(id)) open->push_back(id);
    in.clear();
  } else if (word == "option" || word == "vehicle") {
    option.on_vehicle = word == "vehicle";
    in >> option.config;
    if (!option.on_vehicle) in >> option.size_megabits >> option.runtime_ms;
    in >> option.utility;
    EXPECT_TRUE(parse_model_config(option.config)) << line;
    for (const int service : *open) out->options[service].push_back(option);
  } else if (word == "expect") {
    in >> id >> out->expected[id];
  } else if (word == "expect_start") {
    in >> id >> out->expected_start[id];
  } else if (word == "expect_utility") {
    in >> out->expected_utility;
  } else {
    ADD_FAILURE() << "unknown word: " << line;
  }
  EXPECT_TRUE(in) << "cannot read: " << line;
}

void run(const std::filesystem::path& path) {
  SCOPED_TRACE(path.filename().string());
  Case test;
  std::vector<int> open;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) read_line(line, &open, &test);
  ASSERT_FALSE(test.services.empty());
  ASSERT_EQ(test.expected.size(), test.services.size()) << "one expect a service";

  std::vector<Service> services;
  for (const int id : test.services)
    services.push_back({.id = id, .options = test.options[id], .slo_ms = test.slo_ms});
  const Allocation got = make_allocator("exact")->allocate({services, test.bandwidth_mbps, test.rtt_ms});
  for (std::size_t i = 0; i < services.size(); ++i) {
    const int id = test.services[i];
    const ModelOption* option = got.options[i] ? &services[i].options[*got.options[i]] : nullptr;
    EXPECT_EQ(option != nullptr ? option->config : "nothing", test.expected[id]) << "service " << id;
    if (test.expected_start.contains(id)) {
      ASSERT_TRUE(option);
      EXPECT_NEAR(*needed_mbps(*option, test.slo_ms, test.rtt_ms), test.expected_start[id], 0.005);
    }
  }
  if (test.expected_utility >= 0) {
    EXPECT_NEAR(got.total_utility, test.expected_utility, 1e-6);
  }
}

TEST(AllocationCases, AllOfThem) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TURBO_CASES)) {
    if (entry.path().extension() != ".txt") continue;
    run(entry.path());
    ++count;
  }
  EXPECT_GE(count, 10);
}

}  // namespace
}  // namespace turbo
