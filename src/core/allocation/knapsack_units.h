#pragma once
// The classes of a knapsack in whole units, so that ties are ties, each without the items that another one of
// its class makes superfluous. No clock, no thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace turbo {

struct KnapsackItem {
  double cost = 0;   // at least 0; infinity: it never fits
  double value = 0;  // any finite number
};

using KnapsackUnits = std::int64_t;

struct KnapsackUnitItem {
  KnapsackUnits cost, value;
  std::uint32_t index;  // within its class, as given
  bool operator==(const KnapsackUnitItem&) const = default;
};

class KnapsackClasses {
 public:
  // Items of class i: items[begin[i] .. begin[i + 1]). False when a class has no item of cost 0, in units.
  bool assign(std::span<const KnapsackItem> items, std::span<const std::size_t> begin, double budget);

  std::size_t size() const { return first_.size() - 1; }
  KnapsackUnits budget() const { return budget_; }  // with the slack for rounding that knapsack.h tells
  // Cost and value rise strictly; the first costs 0, none more than the budget.
  std::span<const KnapsackUnitItem> operator[](std::size_t i) const {
    return {items_.data() + first_[i], items_.data() + first_[i + 1]};
  }

 private:
  void add(KnapsackUnitItem item, bool* sorted);
  void assign_class(std::span<const KnapsackItem> items, double units_of_value);

  KnapsackUnits budget_ = 0;
  std::vector<KnapsackUnitItem> items_, unsorted_;
  std::vector<std::size_t> first_;
};

}  // namespace turbo
