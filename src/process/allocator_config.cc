#include "process/allocator_config.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/allocation/allocator.h"
#include "core/planning/policy_names.h"

namespace turbo {
namespace {

constexpr double kLeastWeight = 0.01, kMostWeight = 100;
constexpr double kLeastRate = 0.001, kMostRate = 1000;  // frames a second
constexpr double kMostStalenessCost = 1000;             // a second
constexpr std::size_t kMostRates = 8;                   // each makes every configuration one more option

// What stands in the file as one line of text, cut after 40 bytes.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 40));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  return text.size() > 40 ? out + "..." : out;
}

// {service id: number}; those left out have none.
std::map<int, double> read_by_service(ConfigSection& parent, const std::string& key, double min, double max,
                                      const std::vector<int>& services) {
  std::map<int, double> out;
  ConfigSection section = parent.section(key);
  for (const std::string& name : section.keys()) {
    const auto id = std::find_if(services.begin(), services.end(),
                                 [&](int service) { return std::to_string(service) == name; });
    if (id == services.end())
      parent.fail(key, "services of service_id_list only; " + printable(name) + " is none");
    out[*id] = section.number(name, 0, min, max);
  }
  section.finish();
  return out;
}

std::vector<double> read_rates(ConfigSection& s) {
  std::vector<double> rates = s.numbers("frame_rates", kLeastRate, kMostRate);
  if (rates.size() > kMostRates) s.fail("frame_rates", "at most 8 rates");
  for (const double rate : rates)
    if (std::abs(rate * 1000 - std::round(rate * 1000)) > 1e-6)
      s.fail("frame_rates", "rates of at most three decimals");
  std::sort(rates.begin(), rates.end());
  if (std::adjacent_find(rates.begin(), rates.end()) != rates.end()) s.fail("frame_rates", "every rate once");
  return rates;
}

}  // namespace

void read_allocation(ConfigSection& s, const std::vector<CameraStreamConfig>& cameras,
                     BandwidthAllocatorConfig& c) {
  for (const int id : c.service_id_list)
    for (const CameraStreamConfig& camera : cameras)
      if (camera.camera_id == id) c.frames_per_second[id] = camera.frames_per_second;
  c.weights = read_by_service(s, "weights", kLeastWeight, kMostWeight, c.service_id_list);
  c.min_utilities = read_by_service(s, "min_utilities", 0, 1, c.service_id_list);
  c.frame_rates = read_rates(s);
  if (s.has("staleness_cost")) c.staleness_cost = s.number("staleness_cost", 0, 0, kMostStalenessCost);
  c.allocator = s.text("allocator", c.allocator);
  try {
    make_allocator(c.allocator);
  } catch (const std::invalid_argument& error) {
    s.fail("allocator", std::string("the name of one: ") + error.what());
  }
  c.policy = s.text("policy", c.policy);
  try {
    make_policy(c.policy, {});
  } catch (const std::invalid_argument& error) {
    s.fail("policy", std::string("the name of one: ") + error.what());
  }
  c.budget = s.text("budget", c.budget);
  try {
    make_budget(c.budget);
  } catch (const std::invalid_argument& error) {
    s.fail("budget", std::string("the name of one: ") + error.what());
  }
}

}  // namespace turbo
