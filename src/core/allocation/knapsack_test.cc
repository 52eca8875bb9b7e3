#include "core/allocation/knapsack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace turbo {
namespace {

struct Problem {
  std::vector<KnapsackItem> items;
  std::vector<std::size_t> begin{0};
  double most_cost = 0;  // were every class to take its dearest item

  void add(const std::vector<KnapsackItem>& of_class) {
    double most = 0;
    for (const KnapsackItem& item : of_class) most = std::isinf(item.cost) ? most : std::max(most, item.cost);
    most_cost += most;
    items.insert(items.end(), of_class.begin(), of_class.end());
    begin.push_back(items.size());
  }
  std::size_t size() const { return begin.size() - 1; }
  const KnapsackItem& item(std::size_t i, std::size_t j) const { return items[begin[i] + j]; }
};

std::int64_t value_units(double value) { return std::llround(value * 1e12); }

// Sums in an arithmetic that knows no units.
struct Solution {
  long double value = 0, cost = 0;
  std::vector<std::size_t> chosen;
};

Solution solution(const Problem& problem, std::span<const std::size_t> chosen) {
  Solution result{0, 0, {chosen.begin(), chosen.end()}};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    result.value += problem.item(i, chosen[i]).value;
    result.cost += problem.item(i, chosen[i]).cost;
  }
  return result;
}

// What the units may do: one of them a class and one more, and a double's own rounding.
long double value_tolerance(const Problem& problem, long double value) {
  return static_cast<long double>(problem.size() + 1) * (1e-12L + 1e-15L * std::abs(value));
}
long double cost_tolerance(const Problem& problem, long double cost) {
  return static_cast<long double>(problem.size() + 1) * (1e-9L + 1e-15L * cost);
}

// The written rule, tried out on every combination within the budget.
class BruteForce {
 public:
  BruteForce(const Problem& problem, double budget, Solution got)
      : problem_(problem), budget_(budget > 0 ? std::min(budget, 1e15) : 0), got_(std::move(got)) {}

  void check() {
    ASSERT_EQ(got_.chosen.size(), problem_.size());
    ASSERT_LE(got_.cost, budget_ + cost_tolerance(problem_, std::min(budget_, got_.cost)));
    Solution none;
    try_all(&none);
  }

 private:
  void try_all(Solution* now) {
    const std::size_t i = now->chosen.size();
    if (i == problem_.size()) {
      compare(*now);
      return;
    }
    for (std::size_t j = 0; j < problem_.begin[i + 1] - problem_.begin[i]; ++j) {
      const KnapsackItem& item = problem_.item(i, j);
      if (item.cost > 1e7 || now->cost + item.cost > budget_) continue;
      const Solution before = *now;
      now->cost += item.cost, now->value += item.value;
      now->chosen.push_back(j);
      try_all(now);
      *now = before;
    }
  }

  // Ties are those of the sums themselves, to the last digits that a double has.
  void compare(const Solution& other) const {
    ASSERT_LE(other.value, got_.value + value_tolerance(problem_, other.value));
    if (std::abs(other.value - got_.value) > 1e-16L) return;
    ASSERT_GE(other.cost, got_.cost - cost_tolerance(problem_, got_.cost));
    if (std::abs(other.cost - got_.cost) > 1e-14L) return;
    ASSERT_LE(other.chosen, got_.chosen);
  }

  const Problem& problem_;
  long double budget_;
  Solution got_;
};

void check_by_trying_all(const Problem& problem, double budget, std::span<const std::size_t> chosen) {
  BruteForce(problem, budget, solution(problem, chosen)).check();
}

double unit(std::mt19937& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

constexpr int kKinds = 8;

KnapsackItem random_item(int kind, std::mt19937& random) {
  const double tenths = static_cast<double>(random() % 100) / 10;
  switch (kind) {
    case 0:
      return {4 * unit(random), 0.1 * unit(random)};
    case 1:  // ties everywhere
      return {0.5 * static_cast<double>(random() % 4), 0.01 * static_cast<double>(random() % 4)};
    case 2:  // huge ratios
      return {std::exp(40 * unit(random) - 20), std::exp(40 * unit(random) - 30)};
    case 3:  // all worth the same for their cost
      return {tenths, 0.01 * tenths};
    case 4:  // nearly so
      return {tenths, 0.01 * tenths + 0.1};
    case 5:  // costs of almost nothing and of all there is, values below zero
      return {random() % 3 == 0   ? HUGE_VAL
              : random() % 3 == 0 ? std::numeric_limits<double>::denorm_min()
                                  : 4 * unit(random),
              unit(random) - 5 * static_cast<double>(random() % 2)};
    default:  // all cost the same
      return {4, unit(random)};
  }
}

// In any order, one of each class for nothing. The last kind: all classes alike.
Problem random_problem(int kind, std::size_t classes, std::size_t most_items, std::mt19937& random) {
  Problem problem;
  std::vector<KnapsackItem> items;
  for (std::size_t i = 0; i < classes; ++i) {
    if (kind != kKinds - 1 || i == 0) {
      items.resize(1 + random() % most_items);
      const int of_kind = kind == kKinds - 1 ? static_cast<int>(random() % 2) : kind;
      for (KnapsackItem& item : items) item = random_item(of_kind, random);
      items[random() % items.size()].cost = 0;
    }
    problem.add(items);
  }
  return problem;
}

double random_budget(const Problem& problem, std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      return 0;
    case 1:
      return static_cast<double>(random() % 100) / 10;
    case 2:
      return HUGE_VAL;
    default:
      return std::min(problem.most_cost, 1e9) * unit(random);
  }
}

TEST(Knapsack, EqualsBruteForceDownToTheRuleForTies) {
  std::mt19937 random(31);
  MultipleChoiceKnapsack knapsack;
  for (int round = 0; round < 40'000; ++round) {
    const auto problem = random_problem(round % kKinds, 1 + random() % 5, 6, random);
    const double budget = random_budget(problem, random);
    check_by_trying_all(problem, budget, knapsack.solve(problem.items, problem.begin, budget));
    ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", budget " << budget;
    ASSERT_TRUE(knapsack.exact());
    ASSERT_EQ(knapsack.gap(), 0);
  }
}

TEST(Knapsack, SumsOfExactlyTheBudgetFit) {
  MultipleChoiceKnapsack knapsack;
  for (int count = 1; count <= 60; ++count) {
    for (const double budget : {1.0, 2.5, 10.0, 1000.0}) {
      Problem problem;
      for (int i = 0; i < count; ++i) problem.add({{0, 0}, {budget / count, 1}});
      const auto got = solution(problem, knapsack.solve(problem.items, problem.begin, budget));
      ASSERT_EQ(got.value, count) << budget;
    }
  }
  Problem two;
  two.add({{0, 0}, {1.4 / 0.055, 1}});
  two.add({{0, 0}, {0.8 / 0.055, 1}});
  EXPECT_EQ(solution(two, knapsack.solve(two.items, two.begin, 40)).value, 2);
  EXPECT_EQ(solution(two, knapsack.solve(two.items, two.begin, 40 - 1e-8)).value, 1);
}

// Costs and budgets of equal parts of one number: sums that come to exactly the budget everywhere.
TEST(Knapsack, EqualsBruteForceWhereSumsComeToTheBudget) {
  std::mt19937 random(53);
  MultipleChoiceKnapsack knapsack;
  for (int round = 0; round < 5'000; ++round) {
    const double part = 100 / static_cast<double>(1 + random() % 997);
    Problem problem;
    for (std::size_t i = 1 + random() % 5; i > 0; --i)
      problem.add({{0, 0},
                   {part * static_cast<double>(1 + random() % 4), unit(random)},
                   {part * static_cast<double>(1 + random() % 4), unit(random)}});
    const double budget = part * static_cast<double>(random() % 12);
    check_by_trying_all(problem, budget, knapsack.solve(problem.items, problem.begin, budget));
    ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", budget " << budget;
  }
}

// Eight classes and more, so that both sides of the search have several.
TEST(Knapsack, EqualsBruteForceOnManySmallClasses) {
  std::mt19937 random(37);
  MultipleChoiceKnapsack knapsack;
  for (int round = 0; round < 400; ++round) {
    const auto problem = random_problem(round % kKinds, 9 + random() % 3, 3, random);
    const double budget = std::min(problem.most_cost, 1e9) * unit(random);
    check_by_trying_all(problem, budget, knapsack.solve(problem.items, problem.begin, budget));
    ASSERT_FALSE(HasFatalFailure()) << "round " << round << ", budget " << budget;
  }
}

// Values and costs on a coarse grid: plain dynamic programming over every cost is exact for any number of
// classes.
std::int64_t best_by_table(const Problem& problem, double budget, double grid) {
  std::vector<std::int64_t> best(static_cast<std::size_t>(budget / grid) + 1, 0);
  for (std::size_t i = 0; i < problem.size(); ++i)
    for (std::size_t b = best.size(); b-- > 0;) {
      std::int64_t most = std::numeric_limits<std::int64_t>::min();
      for (std::size_t j = 0; j < problem.begin[i + 1] - problem.begin[i]; ++j) {
        const auto cost = static_cast<std::size_t>(std::lround(problem.item(i, j).cost / grid));
        if (cost <= b) most = std::max(most, best[b - cost] + value_units(problem.item(i, j).value));
      }
      best[b] = most;
    }
  return best.back();
}

TEST(Knapsack, EqualsATableOfAllCostsOnLargeProblems) {
  std::mt19937 random(41);
  MultipleChoiceKnapsack knapsack;
  for (int round = 0; round < 40; ++round) {
    Problem problem;
    const std::size_t classes = 10 + random() % 40;
    std::vector<KnapsackItem> items;
    for (std::size_t i = 0; i < classes; ++i) {
      if (round % 4 != 0 || i == 0) {  // every fourth: all classes alike
        items.assign(1, {0, 0.2});
        for (int j = 0; j < 20; ++j) {
          const double cost = static_cast<double>(random() % 400);
          items.push_back({cost / 100, 0.2 + (round % 2 == 0 ? unit(random) : cost / 1000)});
        }
      }
      problem.add(items);
    }
    const double budget = 0.01 * std::floor(100 * problem.most_cost * unit(random));
    const auto got = solution(problem, knapsack.solve(problem.items, problem.begin, budget));
    ASSERT_LE(got.cost, budget + cost_tolerance(problem, budget));
    ASSERT_NEAR(static_cast<double>(got.value),
                static_cast<double>(best_by_table(problem, budget + 0.001, 0.01)) * 1e-12,
                static_cast<double>(value_tolerance(problem, got.value)))
        << round;
  }
}

TEST(Knapsack, TheOrderOfClassesChangesNoSum) {
  std::mt19937 random(43);
  MultipleChoiceKnapsack knapsack;
  for (int round = 0; round < 500; ++round) {
    const auto problem = random_problem(round % kKinds, 1 + random() % 12, 8, random);
    const double budget = random_budget(problem, random);
    std::vector<std::size_t> order(problem.size());
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random);
    Problem shuffled;
    for (const std::size_t i : order)
      shuffled.add({problem.items.begin() + static_cast<std::ptrdiff_t>(problem.begin[i]),
                    problem.items.begin() + static_cast<std::ptrdiff_t>(problem.begin[i + 1])});
    const auto one = solution(problem, knapsack.solve(problem.items, problem.begin, budget));
    const auto other = solution(shuffled, knapsack.solve(shuffled.items, shuffled.begin, budget));
    ASSERT_LE(std::abs(one.value - other.value), value_tolerance(problem, one.value)) << round;
    ASSERT_LE(std::abs(one.cost - other.cost), cost_tolerance(problem, one.cost)) << round;
  }
}

// All worth the same for their cost and far too many to try: it ends, within the budget, and says so.
TEST(Knapsack, SaysWhenItGaveUp) {
  std::mt19937 random(47);
  Problem problem;
  for (int i = 0; i < 64; ++i) {
    std::vector<KnapsackItem> items{{0, 0}};
    for (int j = 1; j < 64; ++j) {
      const double cost = static_cast<double>(random() % 1'000'000'000) / 1e8;
      items.push_back({cost, 0.01 * cost});
    }
    problem.add(items);
  }
  MultipleChoiceKnapsack knapsack;
  const double budget = problem.most_cost / 2;
  const auto got = solution(problem, knapsack.solve(problem.items, problem.begin, budget));
  EXPECT_FALSE(knapsack.exact());
  EXPECT_LE(got.cost, budget + cost_tolerance(problem, budget));
  EXPECT_GE(got.value + static_cast<long double>(knapsack.gap()) * 1e-12L, 0.01 * budget - 1e-10);
  EXPECT_LE(knapsack.gap(), value_units(1e-3));
}

TEST(Knapsack, WithoutAnItemForNothingThereIsNoSolution) {
  MultipleChoiceKnapsack knapsack;
  const std::vector<KnapsackItem> items{{0, 1}, {1, 2}, {3, 4}};
  EXPECT_TRUE(knapsack.solve(items, std::vector<std::size_t>{0, 2, 3}, 10).empty());
  EXPECT_TRUE(knapsack.solve(items, std::vector<std::size_t>{0, 0, 3}, 10).empty());
  EXPECT_TRUE(knapsack.solve({}, std::vector<std::size_t>{0}, 10).empty());
  EXPECT_TRUE(knapsack.solve({}, {}, 10).empty());
  EXPECT_EQ(knapsack.solve(items, std::vector<std::size_t>{0, 2}, 10)[0], 1u);
}

TEST(Knapsack, ABudgetThatIsNoneGivesWhatCostsNothing) {
  MultipleChoiceKnapsack knapsack;
  const std::vector<KnapsackItem> items{{0, 1}, {1, 2}, {0, 1}, {0, 0.5}};
  for (const double none : {0.0, -1.0, std::nan(""), -HUGE_VAL})
    EXPECT_EQ(knapsack.solve(items, std::vector<std::size_t>{0, 4}, none)[0], 2u) << none;
}

TEST(Knapsack, ValuesBeyond64BitsOfTheirUnitsAreRoundedMore) {
  MultipleChoiceKnapsack knapsack;
  const std::vector<KnapsackItem> items{{0, -1e300}, {1, 1e300}, {0, 0}, {1, 9e299}};
  const auto chosen = knapsack.solve(items, std::vector<std::size_t>{0, 2, 4}, 1);
  EXPECT_EQ(std::vector<std::size_t>(chosen.begin(), chosen.end()), (std::vector<std::size_t>{1, 0}));
}

}  // namespace
}  // namespace turbo
