#include "core/allocation/knapsack_core.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace turbo {
namespace {

// Bounds are doubles: what they may be wrong by, relative to their terms and to the values of all classes. A
// bound must never rule out a best solution, nor an equal one.
constexpr double kInexact = 0x1p-49;
constexpr std::uint32_t kRoot = 0, kNoClass = std::numeric_limits<std::uint32_t>::max();
constexpr KnapsackUnits kNear = 500;
// Beyond these, nearly best is good enough, and beyond twice these the search ends: 50, 100 MB and half a
// second.
constexpr std::size_t kMostStates = 1 << 21, kMostLinks = 1 << 23, kMostWork = 1 << 27;

double inexact(double a, double b) { return kInexact * (std::abs(a) + std::abs(b)); }

}  // namespace

void KnapsackCore::solve(const KnapsackClasses& classes, const KnapsackRelaxation& relaxation,
                         std::span<std::size_t> chosen) {
  classes_ = &classes;
  relaxation_ = &relaxation;
  left_ = relaxation.left();
  links_.assign(1, {kRoot, 0, 0});
  for (Layer& side : sides_) side.assign(1, {0, 0, kRoot, 0});
  last_of_side_.fill(kNoClass);
  margin_ = 0;
  work_ = 0;
  reach_by_upgrades();
  order();
  settle(search());
  choose_best_pair(chosen);
}

// False when it was given up.
bool KnapsackCore::search() {
  for (const Turn& turn : turns_) {
    now_ = turn.of_class;
    if (!collect_items()) continue;
    const bool second = sides_[1].size() < sides_[0].size();
    if (!expand(second, turn)) {
      if (margin_ > 0) return false;
      margin_ = kNear;
      if (!collect_items()) continue;
      if (!expand(second, turn)) return false;
    }
    merge();
    close_layer(second);
  }
  return true;
}

void KnapsackCore::settle(bool finished) {
  exact_ = finished && margin_ == 0;
  gap_ = 0;
  if (exact_) return;
  const double relaxed = relaxation_->slope() * static_cast<double>(left_);
  gap_ = static_cast<Units>(std::ceil(relaxed * (1 + kInexact))) - reached_;
  if (finished) gap_ = std::min(gap_, kNear);
}

// The classes whose steps up or down are nearest in slope to where the relaxation ended come first.
void KnapsackCore::order() {
  turns_.clear();
  const double slope = relaxation_->slope();
  for (std::uint32_t i = 0; i < classes_->size(); ++i) {
    const auto& of = relaxation_->classes()[i];
    turns_.push_back({std::min(slope - of.up, of.down - slope), i, of.up, of.down});
  }
  std::sort(turns_.begin(), turns_.end(), [](const Turn& a, const Turn& b) {
    return a.nearness != b.nearness ? a.nearness < b.nearness : a.of_class < b.of_class;
  });
  double up = 0, down = KnapsackRelaxation::kNoWayDown;
  for (auto turn = turns_.rbegin(); turn != turns_.rend(); ++turn) {
    const double up_with = std::max(up, turn->up), down_with = std::min(down, turn->down);
    turn->up = up, turn->down = down;
    up = up_with, down = down_with;
  }
}

// A first value that some solution reaches: the best single change that fits.
void KnapsackCore::reach_by_upgrades() {
  reached_ = 0;
  slack_ = 0;
  found_ = {kRoot, 0, (*classes_)[0][relaxation_->classes()[0].taken].index, kRoot};
  for (std::uint32_t i = 0; i < classes_->size(); ++i) {
    const auto items = (*classes_)[i];
    const std::uint32_t taken = relaxation_->classes()[i].taken;
    slack_ += kInexact * static_cast<double>(items.back().value - items.front().value);
    for (std::size_t j = taken + 1; j < items.size() && items[j].cost - items[taken].cost <= left_; ++j)
      if (items[j].value - items[taken].value > reached_) {
        reached_ = items[j].value - items[taken].value;
        found_ = {kRoot, i, items[j].index, kRoot};
      }
  }
}

// False when only the item that is taken already remains.
bool KnapsackCore::collect_items() {
  items_.clear();
  const auto items = (*classes_)[now_];
  const KnapsackUnitItem& taken = items[relaxation_->classes()[now_].taken];
  const double slope = relaxation_->slope();
  const double most = slope * static_cast<double>(left_);
  const double enough = static_cast<double>(reached_ + margin_) - slack_;
  for (std::uint32_t j = 0; j < items.size(); ++j) {
    const auto value = static_cast<double>(items[j].value - taken.value);
    const double price = slope * static_cast<double>(items[j].cost - taken.cost);
    if (most + value - price + inexact(value, price) + inexact(most, enough) >= enough) items_.push_back(j);
  }
  return items_.size() > 1;
}

bool KnapsackCore::is_too_large() const {
  const std::size_t patience = margin_ > 0 ? 2 : 1;
  return lists_.size() > patience * kMostStates || links_.size() > patience * kMostLinks ||
         work_ > patience * kMostWork;
}

// Of the same items. What one has and the other could as well be exchanged: the rule says who has the higher
// one.
bool KnapsackCore::are_twins(std::uint32_t earlier, std::uint32_t later) const {
  return earlier < later && std::ranges::equal((*classes_)[earlier], (*classes_)[later]);
}

void KnapsackCore::bound_by(const Layer& other, const Turn& turn) {
  bounds_.resize(other.size() + 1);
  double most = -std::numeric_limits<double>::infinity();
  bounds_[0].up = most;
  for (std::size_t i = 0; i < other.size(); ++i) {
    const auto value = static_cast<double>(other[i].value);
    const double price = turn.up * static_cast<double>(other[i].cost);
    most = std::max(most, value - price + inexact(value, price));
    bounds_[i + 1].up = most;
  }
  most = -std::numeric_limits<double>::infinity();
  bounds_[other.size()].down = most;
  for (std::size_t i = other.size(); i-- > 0;) {
    const auto value = static_cast<double>(other[i].value);
    const double price = turn.down * static_cast<double>(other[i].cost);
    if (turn.down < KnapsackRelaxation::kNoWayDown)
      most = std::max(most, value - price + inexact(value, price));
    bounds_[i].down = most;
  }
}

// Every state with every item, a list an item, each sorted by cost. False when that is too much.
bool KnapsackCore::expand(bool second, const Turn& turn) {
  const Layer &from = sides_[second], &other = sides_[!second];
  const bool twins = last_of_side_[second] != kNoClass && are_twins(last_of_side_[second], now_);
  bound_by(other, turn);
  lists_.clear();
  ends_.clear();
  const auto items = (*classes_)[now_];
  const KnapsackUnitItem& taken = items[relaxation_->classes()[now_].taken];
  const double down = turn.down < KnapsackRelaxation::kNoWayDown ? turn.down : 0;
  for (const std::uint32_t item : items_) {
    const Units cost = items[item].cost - taken.cost, value = items[item].value - taken.value;
    std::size_t fit = other.size();  // so many states of the other side
    for (const State& state : from) {
      if (twins && state.index < items[item].index) continue;
      const State next{state.cost + cost, state.value + value, state.link, items[item].index};
      const Units room = left_ - next.cost;
      while (fit > 0 && other[fit - 1].cost > room) --fit;
      if (fit > 0 && next.value + other[fit - 1].value > reached_) {
        reached_ = next.value + other[fit - 1].value;
        found_ = {next.link, now_, next.index, other[fit - 1].link};
      }
      const auto worth = static_cast<double>(next.value), x = static_cast<double>(room),
                 enough = static_cast<double>(reached_ + margin_) - slack_;
      const double rest_up = turn.up * x, rest_down = down * x;
      const double most = std::max(bounds_[fit].up + rest_up + kInexact * std::abs(rest_up),
                                   bounds_[fit].down + rest_down + kInexact * std::abs(rest_down));
      if (worth + most + inexact(worth, enough) >= enough) lists_.push_back(next);
    }
    ends_.push_back(lists_.size());
    work_ += from.size();
    if (is_too_large()) return false;
  }
  return true;
}

void KnapsackCore::merge() {
  while (ends_.size() > 1) {
    merged_.clear();
    merged_ends_.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends_.size(); i += 2) {
      const std::span<const State> all(lists_);
      const std::size_t end = i + 1 < ends_.size() ? ends_[i + 1] : ends_[i];
      merge_two(all.subspan(begin, ends_[i] - begin), all.subspan(ends_[i], end - ends_[i]), &merged_);
      merged_ends_.push_back(merged_.size());
      begin = end;
    }
    std::swap(lists_, merged_);
    std::swap(ends_, merged_ends_);
  }
}

// Without those that cost as much as another one or more and are worth no more.
void KnapsackCore::merge_two(std::span<const State> a, std::span<const State> b, Layer* out) const {
  const std::size_t begin = out->size();
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const State& next = j == b.size() || (i < a.size() && a[i].cost <= b[j].cost) ? a[i++] : b[j++];
    if (out->size() > begin) {
      State& last = out->back();
      if (next.value < last.value || (next.value == last.value && next.cost > last.cost)) continue;
      if (next.cost == last.cost) {
        if (next.value > last.value || ranks_before(next, last)) last = next;
        continue;
      }
    }
    out->push_back(next);
  }
}

// Of two states of the same cost and value in the layer that is being made: has a the higher index in the
// first class in which they differ?
bool KnapsackCore::ranks_before(const State& a, const State& b) const {
  std::uint32_t first = a.index != b.index ? now_ : kNoClass;
  bool before = a.index > b.index;
  for (std::uint32_t in_a = a.link, in_b = b.link; in_a != in_b;) {
    const Link &of_a = links_[in_a], &of_b = links_[in_b];
    if (of_a.index != of_b.index && of_a.of_class < first) {
      first = of_a.of_class;
      before = of_a.index > of_b.index;
    }
    in_a = of_a.parent, in_b = of_b.parent;
  }
  return before;
}

void KnapsackCore::close_layer(bool second) {
  std::swap(sides_[second], lists_);
  last_of_side_[second] = now_;
  for (State& state : sides_[second]) {
    links_.push_back({state.link, now_, state.index});
    state.link = static_cast<std::uint32_t>(links_.size() - 1);
  }
}

// A best solution is made of a state of each side; of several by the rule.
void KnapsackCore::choose_best_pair(std::span<std::size_t> chosen) {
  rival_.resize(chosen.size());
  const auto write_pair = [&](std::span<std::size_t> to, std::uint32_t link, std::uint32_t other_link) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = (*classes_)[i][relaxation_->classes()[i].taken].index;
    write(link, to);
    write(other_link, to);
  };
  write_pair(chosen, found_.link, found_.other_link);
  chosen[found_.of_class] = found_.index;
  Units best_value = reached_, best_cost = std::numeric_limits<Units>::max();
  std::size_t fit = sides_[1].size();
  for (const State& state : sides_[0]) {
    while (fit > 0 && sides_[1][fit - 1].cost > left_ - state.cost) --fit;
    if (fit == 0) break;
    const State& other = sides_[1][fit - 1];
    const Units value = state.value + other.value, cost = state.cost + other.cost;
    if (value < best_value || (value == best_value && cost > best_cost)) continue;
    write_pair(rival_, state.link, other.link);
    if (value > best_value || cost < best_cost || std::ranges::lexicographical_compare(chosen, rival_))
      std::ranges::copy(rival_, chosen.begin());
    best_value = value, best_cost = cost;
  }
}

void KnapsackCore::write(std::uint32_t link, std::span<std::size_t> chosen) const {
  for (; link != kRoot; link = links_[link].parent) chosen[links_[link].of_class] = links_[link].index;
}

}  // namespace turbo
