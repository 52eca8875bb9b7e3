#include "lab/traces/trace_recipe.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "lab/traces/random_rates.h"

namespace turbo {
namespace {

// -1 to 1 or a little beyond, a value a step.
std::vector<double> shape_of(const TraceRecipe& recipe, std::size_t steps, std::vector<bool>& dips) {
  Random random(recipe.seed);
  Wander slow(6.0, random), middle(1.0, random), fast(0.1, random);
  std::vector<double> shape(steps);
  double dip_left_s = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    shape[i] = 0.45 * slow.step() + 0.25 * middle.step() + 0.15 * fast.step();
    if (recipe.dip_every_s > 0 && random.uniform() < kStepS / recipe.dip_every_s)
      dip_left_s = recipe.dip_length_s * (0.5 + random.uniform());
    dips[i] = dip_left_s > 0;
    dip_left_s -= kStepS;
  }
  return shape;
}

Rates rates_of(const TraceRecipe& recipe) {
  const auto steps = steps_of(recipe.duration_s);
  std::vector<bool> dips(steps);
  const auto shape = shape_of(recipe, steps, dips);
  const double spread = (recipe.max_mbps - recipe.min_mbps) / 2;
  Rates rates(steps);
  double centre = recipe.mean_mbps;
  // Bounds, dips and blackout move the mean: a few corrections of the centre bring it back.
  for (int round = 0; round < 20; ++round) {
    double sum = 0;
    for (std::size_t i = 0; i < steps; ++i) {
      const double t = static_cast<double>(i) * kStepS;
      const bool black = t >= recipe.blackout_at_s && t < recipe.blackout_at_s + recipe.blackout_length_s;
      rates[i] = dips[i] ? recipe.min_mbps
                         : std::clamp(centre + spread * shape[i], recipe.min_mbps, recipe.max_mbps);
      if (black) rates[i] = 0;
      sum += rates[i];
    }
    centre += recipe.mean_mbps - sum / static_cast<double>(steps);
  }
  return rates;
}

void check(const TraceRecipe& r) {
  const auto require = [](bool good, const char* what) {
    if (!good) throw LinkConfigError(what);
  };
  require(r.duration_s >= 1 && r.duration_s <= 3600, "duration: expected 1 to 3600 s");
  require(r.min_mbps > 0 && r.max_mbps <= 1000 && r.min_mbps <= r.mean_mbps && r.mean_mbps <= r.max_mbps,
          "rates: expected 0 < min <= mean <= max <= 1000 Mbps");
  require(r.dip_every_s >= 0 && r.dip_length_s >= 0 && r.dip_length_s <= 60,
          "dips: expected 0 or more seconds");
  require(r.blackout_at_s >= 0 && r.blackout_length_s >= 0 && r.blackout_length_s < r.duration_s,
          "blackout: expected a start of 0 or more and a length below the duration");
}

}  // namespace

DeliveryTrace make_trace(const TraceRecipe& recipe) {
  check(recipe);
  return trace_of(rates_of(recipe));
}

void write_trace(const DeliveryTrace& trace, std::ostream& out) {
  char line[16];
  for (const auto ms : trace.opportunities_ms) {
    char* end = std::to_chars(line, line + sizeof line - 1, ms).ptr;
    *end++ = '\n';
    out.write(line, end - line);
  }
}

}  // namespace turbo
