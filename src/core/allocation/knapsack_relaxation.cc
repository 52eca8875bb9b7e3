#include "core/allocation/knapsack_relaxation.h"

#include <algorithm>

namespace turbo {

void KnapsackRelaxation::solve(const KnapsackClasses& classes) {
  classes_.assign(classes.size(), {0, 0, kNoWayDown});
  steps_.clear();
  for (std::uint32_t i = 0; i < classes.size(); ++i) add_hull(classes[i], i);
  left_ = classes.budget();
  slope_ = 0;
  take_steepest();
}

void KnapsackRelaxation::add_hull(std::span<const KnapsackUnitItem> items, std::uint32_t in_class) {
  const std::size_t begin = steps_.size();
  for (std::uint32_t j = 1; j < items.size(); ++j) {
    Step step{0, 0, in_class, j};
    for (;;) {
      const KnapsackUnitItem& from = items[steps_.size() > begin ? steps_.back().to_item : 0];
      step.cost = items[j].cost - from.cost;
      step.slope = static_cast<double>(items[j].value - from.value) / static_cast<double>(step.cost);
      if (steps_.size() == begin || steps_.back().slope > step.slope) break;
      steps_.pop_back();
    }
    steps_.push_back(step);
  }
}

// Quickselect by slope for the steps that fit: [0, taken) are, [end, ...) are not.
void KnapsackRelaxation::take_steepest() {
  std::size_t taken = 0, end = steps_.size();
  while (taken < end) {
    const double a = steps_[taken].slope, b = steps_[taken + (end - taken) / 2].slope,
                 c = steps_[end - 1].slope;
    const double pivot = std::max(std::min(a, b), std::min(std::max(a, b), c));
    std::size_t equal = taken, flatter = end;  // [taken, equal) steeper, [equal, i) equal, [flatter, end)
    KnapsackUnits cost = 0;
    for (std::size_t i = taken; i < flatter;) {
      if (steps_[i].slope > pivot) {
        cost += steps_[i].cost;
        std::swap(steps_[i++], steps_[equal++]);
      } else if (steps_[i].slope < pivot) {
        std::swap(steps_[i], steps_[--flatter]);
      } else {
        ++i;
      }
      if (cost > left_) break;
    }
    if (cost > left_) {
      // What was seen of the steeper ones is too much already, but the rest has to be on the right side, too.
      end = static_cast<std::size_t>(std::partition(steps_.begin() + static_cast<std::ptrdiff_t>(equal),
                                                    steps_.begin() + static_cast<std::ptrdiff_t>(flatter),
                                                    [&](const Step& step) { return step.slope > pivot; }) -
                                     steps_.begin());
      continue;
    }
    left_ -= cost;
    taken = take_those_that_fit(equal, flatter);
    if (taken < flatter) {
      slope_ = pivot;
      break;
    }
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    Class& of = classes_[step.in_class];
    if (i < taken) {
      of.taken = std::max(of.taken, step.to_item);
      of.down = std::min(of.down, step.slope);
    } else {
      of.up = std::max(of.up, step.slope);
    }
  }
}

// Of steps of one slope. Returns the end of those taken, which come first afterwards. Scattered over the
// classes, so that the search, which takes these by their number, soon meets some that may still go up and
// some that may go down.
std::size_t KnapsackRelaxation::take_those_that_fit(std::size_t begin, std::size_t end) {
  if (end - begin > 1) {
    const auto scattered = [](const Step& step) { return step.in_class * 2654435761u; };
    std::sort(steps_.begin() + static_cast<std::ptrdiff_t>(begin),
              steps_.begin() + static_cast<std::ptrdiff_t>(end),
              [&](const Step& a, const Step& b) { return scattered(a) < scattered(b); });
  }
  for (std::size_t i = begin; i < end; ++i)
    if (steps_[i].cost <= left_) {
      left_ -= steps_[i].cost;
      std::swap(steps_[i], steps_[begin++]);
    }
  return begin;
}

}  // namespace turbo
