#include "lab/traces/named_recipe.h"

#include <algorithm>

namespace turbo {
namespace {

// Slow and middling wander, to be shaped.
Rates wandering(std::size_t steps, double slow_s, double middle_s, Random& random) {
  Wander slow(slow_s, random), middle(middle_s, random);
  Rates rates(steps);
  for (double& rate : rates) rate = 0.9 * slow.step() + 0.4 * middle.step();
  return rates;
}

Rates lte(std::size_t steps, Random& random) {
  Rates rates = wandering(steps, 6, 2, random);
  shape_by_rank(rates, {{0, 3}, {0.05, 9}, {0.25, 22}, {0.5, 35}, {0.75, 43.5}, {0.95, 50}, {1, 56}});
  flutter(rates, 0.15, random);
  interrupt(rates, 25, 0.03, 0.12, random);
  return rates;
}

Rates drive(std::size_t steps, Random& random) {
  Rates rates = wandering(steps, 9, 2, random);
  shape_by_rank(rates, {{0, 0.1}, {0.05, 0.7}, {0.25, 3.5}, {0.5, 9.5}, {0.75, 21}, {0.95, 49}, {1, 75}});
  flutter(rates, 0.2, random);
  interrupt(rates, 40, 0.05, 0.8, random);
  return rates;
}

Rates blackouts_5g(std::size_t steps, Random& random) {
  Rates rates = wandering(steps, 10, 2, random);
  shape_by_rank(rates, {{0, 0}, {0.485, 0}, {0.54, 12.5}, {0.75, 34}, {0.95, 97}, {1, 140}});
  flutter(rates, 0.15, random);
  return rates;
}

Rates satellite(std::size_t steps, Random& random) {
  constexpr double kPlanS = 15;
  const std::vector<Quantile> levels{{0, 3.5}, {0.1, 6}, {0.5, 11.5}, {0.9, 18}, {1, 24}};
  Wander load(3, random);
  Rates rates(steps);
  double level = 0;
  double next_plan_s = -kPlanS * random.uniform();
  for (std::size_t i = 0; i < steps; ++i) {
    while (static_cast<double>(i) * kStepS >= next_plan_s) {
      level = quantile(levels, random.uniform());
      next_plan_s += kPlanS;
    }
    rates[i] = level * std::clamp(1 + 0.12 * load.step(), 0.5, 1.5);
  }
  flutter(rates, 0.1, random);
  for (double plan_s = next_plan_s - kPlanS; plan_s > 0; plan_s -= kPlanS)
    if (random.uniform() < 0.5) silence(rates, plan_s, random.between(0.05, 0.3));
  interrupt(rates, 75, 0.4, 2.5, random);
  return rates;
}

Rates wifi_handover(std::size_t steps, Random& random) {
  Wander contention(2, random);
  Rates rates(steps);
  double from_s = -random.between(0, 10), to_s = from_s;
  std::vector<double> changes_s;
  for (std::size_t i = 0; i < steps; ++i) {
    const double t = static_cast<double>(i) * kStepS;
    if (t >= to_s) {
      from_s = to_s;
      to_s += random.between(12, 24);
      if (from_s > 0) changes_s.push_back(from_s);
    }
    const double away =
        2 * (t - from_s) / (to_s - from_s) - 1;  // -1 and 1: the edges; 0: at the access point
    const double near = 1 - away * away;
    rates[i] = (4 + 56 * near) * std::clamp(0.75 + 0.2 * contention.step(), 0.3, 1.0);
  }
  flutter(rates, 0.15, random);
  for (const double t : changes_s)
    silence(rates, t, random.uniform() < 0.6 ? random.between(0.04, 0.15) : random.between(0.8, 2.5));
  return rates;
}

}  // namespace

const std::vector<NamedRecipe>& named_recipes() {
  static const std::vector<NamedRecipe> recipes{
      {"lte", R"(LTE in a city: 9 to 50 Mbps, never away for long.
Follows city LTE of 5G-MeMU (2022): 10/22/35/43/49 Mbps at p5/p25/p50/p75/p95 of 1 s windows.
Wanders within 6 s and 2 s, fades by 15 % within 0.1 s; a handover takes 30 to 120 ms, every 25 s.)",
       36, lte},
      {"drive",
       R"(A long drive, town and country, on one operator's network: often under 5 Mbps, sometimes 50.
Follows Verizon's uplink of the 2022 coast to coast drive (IMC 2023): 0.8/3.7/9.5/21/47 Mbps at
p5/p25/p50/p75/p95. Wanders within 9 s and 2 s, fades by 20 %; 0.05 to 0.8 s away every 40 s.)",
       70, drive},
      {"5g-blackouts",
       R"(5G at millimetre waves in a city: fast in sight of an antenna, gone behind a building.
Follows city mmWave of 5G-MeMU (2022): 0/0/9.6/34/92 Mbps at p5/p25/p50/p75/p95 of 1 s windows; two
fifths of the seconds are under 1 Mbps. Wanders within 10 s and 2 s; blackouts of up to thirty seconds.)",
       37, blackouts_5g},
      {"satellite", R"(A dish on low satellites: steps every 15 s, when the network assigns satellites anew.
Each plan draws 6 to 18 Mbps (median 11.5, as public tests of such uplinks show), the load moves it by
12 %; half of the changes interrupt for 50 to 300 ms, obstacles for 0.4 to 2.5 s every 75 s.)",
       50, satellite},
      {"wifi-handover",
       R"(Driving past Wi-Fi access points, 12 to 24 s each: 60 Mbps beside one, 4 Mbps at its edge.
The rate falls with the square of the distance, others take 0 to 70 % of the air. Six changes of ten
are fast (802.11r, 40 to 150 ms), the others scan and associate anew (0.8 to 2.5 s).)",
       20, wifi_handover},
  };
  return recipes;
}

DeliveryTrace make_named_trace(const std::string& name, std::uint64_t seed, double duration_s, double scale) {
  const auto& all = named_recipes();
  const auto recipe = std::find_if(all.begin(), all.end(), [&](const auto& r) { return name == r.name; });
  if (recipe == all.end()) {
    std::string names;
    for (const auto& r : all) names += std::string(", ") + r.name;
    throw LinkConfigError("recipe '" + name + "': expected one of mobile" + names);
  }
  if (!(duration_s >= 1 && duration_s <= 3600)) throw LinkConfigError("duration: expected 1 to 3600 s");
  if (!(scale >= 0.001 && scale <= 100)) throw LinkConfigError("scale: expected 0.001 to 100");
  Random random(seed);
  Rates rates = recipe->rates(steps_of(duration_s), random);
  for (double& rate : rates) rate *= scale;
  return trace_of(rates);
}

}  // namespace turbo
