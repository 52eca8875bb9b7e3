// Long because every rule of the planner has its case here, with one pair of doubles.
#include "core/planning/planner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/planning/policy_names.h"

namespace turbo {
namespace {

constexpr const char* kTable =
    "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
    "td1-imgcompNone-inpcompNone,0.00,40,0.20\n"
    "td1-imgcomp50-inpcompNone,0.5,40,0.99\n"
    "td2-imgcompNone-inpcomp50,0.30,30,0.40\n"
    "td2-imgcompNone-inpcomp90,0.90,30,0.50\n"
    "td2-imgcompNone-inpcompNone,60,30,0.97\n"
    "td2-imgcompNone-inpcompNone,14,31,0.60\n";

// Believes what it is told: the chance of what needs more than each of these.
class Told final : public BandwidthBudget {
 public:
  explicit Told(std::vector<std::pair<double, double>> chances) : chances_(std::move(chances)) {}
  std::string_view name() const override { return "told"; }
  void learn(Time, const LinkReport& report) override { most_mbps_ = report.bandwidth_mbps; }
  double most_mbps() const override { return most_mbps_; }
  std::optional<double> chance(double needed_mbps) const override {
    double out = 1;
    for (const auto& [above_mbps, chance] : chances_)
      if (needed_mbps > above_mbps) out = chance;
    return out;
  }
  double least_chance() const override { return tries_ ? 0 : least_; }
  bool tries() const override { return tries_; }
  std::optional<double> promise(double needed_mbps) override { return chance(needed_mbps); }
  void tell(std::vector<std::pair<double, double>> chances) { chances_ = std::move(chances); }
  void require(double least) { least_ = least; }
  void try_once(bool tries) { tries_ = tries; }

 private:
  std::vector<std::pair<double, double>> chances_;
  double most_mbps_ = 0, least_ = 0;
  bool tries_ = false;
};

class TestPlanner {
 public:
  explicit TestPlanner(std::vector<Service> services, std::string_view allocator = "exact",
                       std::unique_ptr<BandwidthBudget> budget = std::make_unique<FixedShare>(0.9),
                       PlannerSettings settings = {})
      : planner_(settings, std::make_unique<StaticPolicy>(std::move(services)), make_allocator(allocator),
                 std::move(budget)) {}
  std::optional<Decision> decide(double bandwidth_mbps, double rtt_ms = 40,
                                 Duration later = std::chrono::milliseconds(500)) {
    LinkReport report;
    report.bandwidth_mbps = bandwidth_mbps;
    report.rtt_ms = rtt_ms;
    now_ += later;
    return planner_.decide(now_, report);
  }
  Decision all_on_vehicle() { return planner_.all_on_vehicle(now_); }

 private:
  Planner planner_;
  Time now_{};
};

std::vector<Service> services(const std::vector<int>& ids = {1, 2, 3}) {
  std::vector<Service> out;
  for (const int id : ids)
    out.push_back({.id = id, .options = options_of(parse_model_table(kTable, "t"), "td1", 10)});
  return out;
}

TestPlanner planner(const std::vector<int>& ids = {1, 2, 3}) { return TestPlanner(services(ids)); }

std::string choices(const std::optional<Decision>& decision) {
  std::string text;
  for (const auto& choice : decision.value().services) {
    EXPECT_EQ(choice.on_vehicle, choice.allocated_mbps == 0);
    if (!text.empty()) text += ' ';
    text.append(choice.config, 0, 3).append(choice.config, choice.config.rfind("comp") + 4);
  }
  return text;
}

// At an RTT of 40 ms 80 ms are left: 3.75 Mbps for inpcomp50, 11.25 for inpcomp90.
TEST(Planner, GoesDownAtOnceAndUpWhenTwoReportsAgree) {
  auto plan = planner();
  EXPECT_EQ(choices(plan.decide(30)), "td290 td290 td250");  // 26.25 of 27 Mbps
  EXPECT_EQ(choices(plan.decide(10)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.decide(30)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.decide(10)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.decide(30)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.decide(30)), "td290 td290 td250");
}

TEST(Planner, ReportsOfOneMomentAreOne) {
  constexpr auto kMoment = std::chrono::milliseconds(20);
  auto plan = planner();
  plan.decide(10);
  plan.decide(30);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(choices(plan.decide(30, 40, kMoment)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.decide(30, 40, kMoment)), "td290 td290 td250");
  EXPECT_EQ(choices(plan.decide(10, 40, kMoment)), "td250 td250 td1None");  // down at once
}

// 0.9 in time brings 0.27 of 0.5 - 0.2, or 0.18 of 0.4 - 0.2.
TEST(Planner, ChoosesWhatIsExpectedToBringMost) {
  auto told = std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.95}, {4, 0.9}});
  Told& chances = *told;
  TestPlanner plan(services({1}), "exact", std::move(told));
  EXPECT_EQ(choices(plan.decide(100)), "td290");
  chances.tell({{0, 0.95}, {4, 0.5}});
  auto decision = plan.decide(100).value();
  EXPECT_EQ(choices(decision), "td250");
  EXPECT_EQ(decision.reason, DecisionReason::kBetter);
  EXPECT_NEAR(decision.promised.value(), 0.95, 1e-12);
  EXPECT_NEAR(decision.expected_utility, 0.4, 1e-12);
  EXPECT_NEAR(decision.likely_utility.value(), 0.2 + 0.95 * 0.2, 1e-12);
  ASSERT_TRUE(decision.runner_up);
  EXPECT_EQ(decision.runner_up->configs, std::vector<std::string>{"td2-imgcompNone-inpcomp90"});
  EXPECT_NEAR(decision.runner_up->utility, 0.5, 1e-12);
  EXPECT_NEAR(decision.runner_up->likely_utility.value(), 0.2 + 0.5 * 0.3, 1e-12);
  EXPECT_NEAR(decision.runner_up->needed_mbps, 11.25, 1e-9);
  chances.tell({{0, 0.01}});  // nothing is lost by trying
  EXPECT_EQ(choices(plan.decide(100)), "td290");
  chances.tell({{0, 0}});
  EXPECT_EQ(choices(plan.decide(100)), "td290");  // nothing is better
}

TEST(Planner, WhatIsHardlyBetterDoesNotMoveIt) {
  auto told = std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.95}, {4, 0.62}});
  Told& chances = *told;
  TestPlanner plan(services({1}), "exact", std::move(told), {.keep = 0.1});
  EXPECT_EQ(choices(plan.decide(100)), "td250");
  chances.tell({{0, 0.95}, {4, 0.69}});  // 0.207 instead of 0.19
  EXPECT_EQ(choices(plan.decide(100)), "td250");
  EXPECT_EQ(plan.decide(100)->reason, DecisionReason::kNothingBetter);
  chances.tell({{0, 0.95}, {4, 0.72}});
  EXPECT_EQ(choices(plan.decide(100)), "td290");
  chances.tell({{0, 0.95}, {4, 0.62}});
  EXPECT_EQ(choices(plan.decide(100)), "td290");
}

TEST(Planner, WhatIsLessLikelyThanPromisedIsNotChosenButTried) {
  auto told = std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.9}, {4, 0.7}});
  Told& chances = *told;
  TestPlanner plan(services({1}), "exact", std::move(told));
  chances.require(0.8);
  EXPECT_EQ(choices(plan.decide(100)), "td250");
  chances.tell({{0, 0.7}});
  auto decision = plan.decide(100);
  EXPECT_EQ(choices(decision), "td1None");
  EXPECT_EQ(decision->reason, DecisionReason::kUnlikely);
  chances.try_once(true);
  decision = plan.decide(100);
  EXPECT_EQ(choices(decision), "td290");
  EXPECT_EQ(decision->reason, DecisionReason::kTries);
  chances.try_once(false);
  EXPECT_EQ(choices(plan.decide(100)), "td1None");
}

// Of 0.9 * 38 Mbps each third is 11.4: enough for 90. Of 0.9 * 30 it is 9: for 50, though 90 fits twice.
TEST(Planner, AnyAllocatorsProposalsAreWeighed) {
  TestPlanner plan(services(), "equal");
  EXPECT_EQ(choices(plan.decide(38)), "td290 td290 td290");
  EXPECT_EQ(choices(plan.decide(30)), "td250 td250 td250");
  TestPlanner fixed(services(), "fixed:td2-imgcompNone-inpcomp50");
  EXPECT_EQ(choices(fixed.decide(60)), "td250 td250 td250");
  TestPlanner vehicle(services(), "vehicle");
  EXPECT_EQ(choices(vehicle.decide(60)), "td1None td1None td1None");
}

TEST(Planner, TheRttCounts) {
  auto plan = planner({1});
  EXPECT_EQ(choices(plan.decide(20, 10)), "td290");   // 0.9 Mb in 110 ms
  EXPECT_EQ(choices(plan.decide(20, 100)), "td250");  // 0.3 Mb in 20 ms
  EXPECT_EQ(choices(plan.decide(20, 1000)), "td1None");
}

TEST(Planner, SharesWhatIsThereAmongThoseWhoOffload) {
  auto plan = planner();
  const auto decision = plan.decide(10).value();
  EXPECT_EQ(choices(decision), "td250 td250 td1None");
  EXPECT_NEAR(decision.services[0].allocated_mbps, 5, 1e-9);
  EXPECT_NEAR(decision.services[1].allocated_mbps, 5, 1e-9);
  EXPECT_NEAR(decision.expected_utility, (0.4 + 0.4 + 0.2) / 3, 1e-12);
  EXPECT_FALSE(decision.likely_utility);  // a share forecasts nothing
  EXPECT_NEAR(decision.local_utility, 0.2, 1e-12);
}

TEST(Planner, RefusesTheImpossibleAndKeepsItsChoice) {
  auto plan = planner();
  plan.decide(10);
  for (const double wrong : {-1.0, std::nan(""), HUGE_VAL, 1e9}) {
    EXPECT_FALSE(plan.decide(wrong, 40));
    EXPECT_FALSE(plan.decide(10, wrong));
  }
  EXPECT_EQ(choices(plan.decide(10)), "td250 td250 td1None");
  EXPECT_EQ(choices(plan.all_on_vehicle()), "td1None td1None td1None");
}

TEST(Planner, NeverGivesOutMoreThanThereIs) {
  std::mt19937 random(3);
  for (const std::string_view budget : {"share:0.9", "expected", "promise:0.9"}) {
    TestPlanner plan(services(), "exact", make_budget(budget));
    for (int i = 0; i < 3000; ++i) {
      const double bandwidth = static_cast<double>(random() % 4000) / 100,
                   rtt = static_cast<double>(random() % 120);
      const auto decision = plan.decide(bandwidth, rtt).value();
      double allocated = 0, needed = 0;
      for (const auto& choice : decision.services) {
        EXPECT_GE(choice.allocated_mbps, choice.needed_mbps - 1e-6);
        allocated += choice.allocated_mbps;
        needed += choice.needed_mbps;
      }
      ASSERT_LE(allocated, bandwidth + 1e-9);
      ASSERT_LE(needed, (budget == "share:0.9" ? 0.9 : 1) * bandwidth + 1e-6);
      ASSERT_LE(needed, decision.budget_mbps + 1e-6);
      if (!decision.likely_utility) continue;
      ASSERT_GE(*decision.likely_utility, decision.local_utility);
      ASSERT_LE(*decision.likely_utility, decision.expected_utility + 1e-12);
    }
  }
}

TEST(Planner, SaysWhyAndWhatElseThereWas) {
  auto plan = planner({1, 2});
  auto decision = plan.decide(10).value();
  EXPECT_EQ(decision.reason, DecisionReason::kBetter);
  EXPECT_EQ(choices(decision), "td250 td250");
  EXPECT_NEAR(decision.budget_mbps, 9, 1e-9);
  EXPECT_NEAR(decision.needed_mbps, 7.5, 1e-9);
  ASSERT_TRUE(decision.runner_up);
  EXPECT_EQ(decision.runner_up->configs,
            (std::vector<std::string>{"td2-imgcompNone-inpcomp50", "td1-imgcompNone-inpcompNone"}));
  EXPECT_NEAR(decision.runner_up->utility, 0.3, 1e-12);
  EXPECT_EQ(plan.decide(10)->reason, DecisionReason::kNothingBetter);
  EXPECT_EQ(plan.decide(5)->reason, DecisionReason::kNoLongerFits);
  EXPECT_EQ(plan.all_on_vehicle().reason, DecisionReason::kNoCloud);
  EXPECT_FALSE(plan.all_on_vehicle().runner_up);
  EXPECT_FALSE(plan.decide(0)->runner_up);  // nothing else fits in nothing
}

TEST(Planner, SaysWhenAChoiceKeptMissing) {
  Planner plan({}, make_policy("live", services({1})), make_allocator("exact"),
               std::make_unique<FixedShare>(0.9));
  LinkReport report{.bandwidth_mbps = 10, .rtt_ms = 40};
  Time now{};
  const auto decide = [&] { return plan.decide(now += std::chrono::milliseconds(500), report).value(); };
  const std::string config = decide().services[0].config;
  EXPECT_EQ(config, "td2-imgcompNone-inpcomp50");
  report.services = {{.service_id = 1, .config = config, .finished = 5, .in_time = 0}};
  EXPECT_EQ(decide().services[0].config, config);
  const Decision decision = decide();
  EXPECT_TRUE(decision.services[0].on_vehicle);
  EXPECT_EQ(decision.reason, DecisionReason::kKeptMissing);
}

TEST(Planner, AFloorComesBeforeTheSumAndAWeightDecidesWhoIsFirst) {
  auto both = services({1, 2});
  both[1].weight = 2;
  EXPECT_EQ(choices(TestPlanner(both).decide(5)), "td1None td250");
  both[0].min_utility = 0.3;
  EXPECT_EQ(choices(TestPlanner(both).decide(5)), "td250 td1None");
}

// A floor is worth more than any utility while it is likely kept or not; once it is, utility decides.
TEST(Planner, AFloorIsMadeLikelyFirst) {
  auto one = services({1});
  one[0].min_utility = 0.3;
  const auto choice = [&](double small, double large) {
    TestPlanner plan(one, "exact",
                     std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, small}, {4, large}}));
    return choices(plan.decide(100));
  };
  EXPECT_EQ(choice(0.7, 0.65), "td250");
  EXPECT_EQ(choice(0.95, 0.92), "td290");
}

// Of two that are as likely the one of twice the weight has the better choice, though what both have is
// needed less.
TEST(Planner, WeightsCountInWhatIsExpected) {
  auto both = services({1, 2});
  both[1].weight = 0.1;
  // 15 Mbps: 0.6 * (0.3 + 0.02); 11.25: 0.9 * 0.3, were the second not to count; 7.5: 0.9 * (0.2 + 0.02).
  TestPlanner plan(both, "exact",
                   std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.9}, {12, 0.6}}));
  EXPECT_EQ(choices(plan.decide(100)), "td290 td1None");
  both[1].weight = 1;  // 22.5: 0.6 * 0.6; 15: 0.6 * 0.5; 7.5: 0.9 * 0.4
  TestPlanner equal(both, "exact",
                    std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.9}, {12, 0.58}}));
  EXPECT_EQ(choices(equal.decide(100)), "td250 td250");
}

TEST(Planner, AFloorThatIsHardlyEverKeptTakesNothingFromTheOthers) {
  auto three = services();
  three[0].min_utility = 0.45;  // only 90
  TestPlanner plan(three, "exact",
                   std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.95}, {11, 0.3}}));
  EXPECT_EQ(choices(plan.decide(16)), "td250 td250 td1None");
}

TEST(Planner, NoiseAboutAFloorsChanceDoesNotMoveIt) {
  auto one = services({1});
  one[0].min_utility = 0.3;
  auto told = std::make_unique<Told>(std::vector<std::pair<double, double>>{});
  Told& chances = *told;
  TestPlanner plan(one, "exact", std::move(told));
  std::string last;
  int changes = 0;
  for (int i = 0; i < 100; ++i) {
    chances.tell({{0, 0.95}, {4, i % 2 == 0 ? 0.895 : 0.905}});
    const std::string now = choices(plan.decide(100));
    changes += now != last ? 1 : 0;
    last = now;
  }
  EXPECT_LE(changes, 2);
}

// The first service could have three sizes; at 27 Mbps a third of it is the largest.
TEST(Planner, OfAnAllocatorThatDoesNotMaximiseLessMayBringMore) {
  constexpr const char* kSizes =
      "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
      "td1-imgcompNone-inpcompNone,0.00,40,0.20\n"
      "td2-imgcompNone-inpcomp50,0.08,30,0.30\n"
      "td2-imgcompNone-inpcomp75,0.56,30,0.50\n"
      "td2-imgcompNone-inpcomp90,0.72,30,0.51\n";
  std::vector<Service> three;
  for (const int id : {1, 2, 3})
    three.push_back({.id = id, .options = options_of(parse_model_table(kSizes, "t"), "td1", 10)});
  TestPlanner plan(three, "equal",
                   std::make_unique<Told>(std::vector<std::pair<double, double>>{{0, 0.9}, {22, 0.3}}));
  EXPECT_EQ(choices(plan.decide(28)), "td275 td275 td275");
}

TEST(Planner, WithMuchBandwidthTheRunnerUpIsStillTheNextBest) {
  auto plan = planner({1});
  const auto decision = plan.decide(5000);
  EXPECT_EQ(choices(decision), "td2None");
  EXPECT_EQ(decision->runner_up->configs[0], "td2-imgcompNone-inpcomp90");
  EXPECT_EQ(choices(plan.decide(100)), "td290");
  EXPECT_EQ(plan.decide(100)->runner_up->configs[0], "td2-imgcompNone-inpcomp50");
}

TEST(Planner, ServicesThatTakeTurnsEachHaveWhatTheyHaveTogether) {
  auto both = services({1, 2});
  for (Service& service : both) {
    add_frame_rates(service, std::vector<double>{1}, 0.01);
    std::erase_if(service.options,
                  [](const ModelOption& option) { return !option.on_vehicle && option.duty == 1; });
  }
  const auto decision = TestPlanner(both).decide(5).value();
  EXPECT_NEAR(decision.needed_mbps, 3.75, 1e-9);
  for (const auto& choice : decision.services) EXPECT_NEAR(choice.allocated_mbps, 5, 1e-9);
}

TEST(Planner, WithoutACloudThereIsNoBudget) {
  auto plan = planner();
  plan.decide(30);
  EXPECT_EQ(plan.all_on_vehicle().budget_mbps, 0);
}

struct Noisy {
  int changes = 0, offloaded = 0;
};

// Of the estimate; frames are in time as long as they need less than the mean.
Noisy noisy(std::vector<Service> services, std::string_view budget, PlannerSettings settings,
            double mean_mbps) {
  std::mt19937 random(9);
  std::normal_distribution<double> noise(0, 0.05);
  Planner plan(settings, std::make_unique<StaticPolicy>(std::move(services)), make_allocator("exact"),
               make_budget(budget));
  std::string last;
  Noisy out;
  LinkReport report{.rtt_ms = 40};
  for (int i = 0; i < 1000; ++i) {
    report.bandwidth_mbps = mean_mbps * std::exp(noise(random));
    const auto decision = plan.decide(Time(std::chrono::milliseconds(500) * i), report);
    std::string now;
    for (const auto& choice : decision->services) now += choice.config + " ";
    out.changes += now != last ? 1 : 0;
    out.offloaded += decision->needed_mbps > 0 ? 1 : 0;
    last = now;
    const int frames = decision->needed_mbps > 0 ? 15 : 0;
    report.services = {{.service_id = 1,
                        .config = "any",
                        .all_finished = frames,
                        .all_in_time = decision->needed_mbps < mean_mbps ? frames : 0}};
  }
  return out;
}

// 3.75 Mbps are 0.9 of 4.17: half of the estimates are below.
TEST(Planner, DoesNotFlapOnNoise) {
  EXPECT_LT(noisy(services({1}), "share:0.9", {}, 3.75 / 0.9).changes, 260);
  const Noisy held = noisy(services({1}), "expected", {}, 3.75 / 0.9);
  EXPECT_LT(held.changes, 50);
  EXPECT_GT(held.offloaded, 900);
}

// There is a step within the noise wherever the estimate is.
TEST(Planner, SeveralServicesWithManyStepsDoNotFlapOnNoise) {
  std::string table = "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n" +
                      std::string("td1-imgcompNone-inpcompNone,0,40,0.20\n");
  for (int i = 1; i <= 20; ++i)
    table += "td" + std::to_string(i + 1) + "-imgcompNone-inpcomp50," + std::to_string(0.2 + 0.05 * i) +
             ",30," + std::to_string(0.3 + 0.02 * i - 0.0005 * i * i) + "\n";
  std::vector<Service> many;
  for (const int id : {1, 2, 3})
    many.push_back({.id = id, .options = options_of(parse_model_table(table, "t"), "td1", 10)});
  const Noisy held = noisy(many, "expected", {}, 30);
  const Noisy bare = noisy(many, "expected", {.keep = 0}, 30);
  EXPECT_EQ(held.offloaded, 1000);
  EXPECT_GT(bare.changes, 100);
  EXPECT_LT(held.changes, bare.changes / 2);
}

}  // namespace
}  // namespace turbo
