#pragma once
// The linear relaxation of a multiple-choice knapsack: items may be mixed, so that taking the steps along the
// classes' upper convex hulls from the steepest on is best. What whole steps fit is where the exact search
// starts from; the slopes at which it ends bound what can be won by deviating from it. No clock, no thread.

#include <cstddef>
#include <span>
#include <vector>

#include "core/allocation/knapsack_units.h"

namespace turbo {

class KnapsackRelaxation {
 public:
  void solve(const KnapsackClasses& classes);

  struct Class {
    std::uint32_t taken;  // position among the class's items
    double up;            // value for a unit of cost that going up from there brings at most; 0: nothing
    double down;          // that going down loses at least; kNoWayDown at the first item
  };
  static constexpr double kNoWayDown = 1e200;

  std::span<const Class> classes() const { return classes_; }
  KnapsackUnits left() const { return left_; }  // of the budget
  double slope() const { return slope_; }       // no class's up is above it, no down below

 private:
  struct Step {
    double slope;
    KnapsackUnits cost;
    std::uint32_t in_class, to_item;
  };

  void add_hull(std::span<const KnapsackUnitItem> items, std::uint32_t in_class);
  void take_steepest();
  std::size_t take_those_that_fit(std::size_t begin, std::size_t end);

  std::vector<Class> classes_;
  std::vector<Step> steps_;
  KnapsackUnits left_ = 0;
  double slope_ = 0;
};

}  // namespace turbo
