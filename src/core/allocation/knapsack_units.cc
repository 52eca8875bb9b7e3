#include "core/allocation/knapsack_units.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace turbo {
namespace {

constexpr double kCostUnits = 1e9, kValueUnits = 1e12;
// Nothing that costs more fits; 460 such items and a budget of kMostBudget still add up in 64 bits.
constexpr double kMostCost = 1e7, kMostBudget = 4.6e9;
constexpr double kMostValueUnits = 4e18;  // what all classes' values together may come to

KnapsackUnits cost_units(double cost) { return static_cast<KnapsackUnits>(cost * kCostUnits + 0.5); }

KnapsackUnits value_units(double value, double units) {
  return static_cast<KnapsackUnits>(value * units + (value < 0 ? -0.5 : 0.5));
}

// With half a unit for each class, which rounding may have added to its cost: costs that come to exactly the
// budget fit.
KnapsackUnits budget_units(double budget, std::size_t classes) {
  if (!(budget > 0)) return 0;
  return static_cast<KnapsackUnits>(std::min(budget, kMostBudget) * kCostUnits) +
         static_cast<KnapsackUnits>(classes / 2 + 1);
}

// Fewer units for one of value where values are so large that their sum would not fit into 64 bits.
double units_of_value(std::span<const KnapsackItem> items, std::span<const std::size_t> begin) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < begin.size(); ++i) {
    double most = 0;
    for (std::size_t j = begin[i]; j < begin[i + 1]; ++j) most = std::max(most, std::abs(items[j].value));
    sum += most;
  }
  double units = kValueUnits;
  while (sum * units > kMostValueUnits) units /= 10;
  return units;
}

}  // namespace

bool KnapsackClasses::assign(std::span<const KnapsackItem> items, std::span<const std::size_t> begin,
                             double budget) {
  budget_ = budget_units(budget, begin.empty() ? 0 : begin.size() - 1);
  items_.clear();
  first_.assign(1, 0);
  const double units = units_of_value(items, begin);
  for (std::size_t i = 0; i + 1 < begin.size(); ++i) {
    assign_class(items.subspan(begin[i], begin[i + 1] - begin[i]), units);
    if (items_.size() == first_.back() || items_[first_.back()].cost > 0) return false;
    first_.push_back(items_.size());
  }
  return true;
}

void KnapsackClasses::assign_class(std::span<const KnapsackItem> items, double units_of_value) {
  bool sorted = true;
  for (std::uint32_t j = 0; j < items.size() && sorted; ++j)
    if (items[j].cost <= kMostCost)
      add({cost_units(items[j].cost), value_units(items[j].value, units_of_value), j}, &sorted);
  if (sorted) return;
  unsorted_.clear();
  for (std::uint32_t j = 0; j < items.size(); ++j)
    if (items[j].cost <= kMostCost)
      unsorted_.push_back({cost_units(items[j].cost), value_units(items[j].value, units_of_value), j});
  std::sort(unsorted_.begin(), unsorted_.end(), [](const KnapsackUnitItem& a, const KnapsackUnitItem& b) {
    return std::tie(a.cost, a.value, a.index) < std::tie(b.cost, b.value, b.index);
  });
  items_.resize(first_.back());
  for (const KnapsackUnitItem& item : unsorted_) add(item, &sorted);
}

// Of items of equal cost the one of most value stays; of equals the one of the highest index.
void KnapsackClasses::add(KnapsackUnitItem item, bool* sorted) {
  if (item.cost > budget_) return;
  if (items_.size() > first_.back()) {
    KnapsackUnitItem& last = items_.back();
    if (item.cost < last.cost) *sorted = false;
    if (item.value < last.value || (item.value == last.value && item.cost > last.cost)) return;
    if (item.cost == last.cost) {
      last = item;
      return;
    }
  }
  items_.push_back(item);
}

}  // namespace turbo
