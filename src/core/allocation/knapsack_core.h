#pragma once
// The exact search of a multiple-choice knapsack, from the relaxation's whole steps: dynamic programming over
// the classes, those that may most easily deviate first, on two sides that meet. A state is what the classes
// of its side seen so far change, all others staying as they are. Dropped are states that another one of
// their side dominates, and those that with the best state of the other side and the relaxation of the
// classes to come do not reach what has been reached. Keeps its memory between searches. No clock, no thread.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "core/allocation/knapsack_relaxation.h"
#include "core/allocation/knapsack_units.h"

namespace turbo {

class KnapsackCore {
 public:
  // Writes for each class the index, as given, of its item: the most value; of those the least cost; of those
  // the first class has the highest index, then the second, ...
  void solve(const KnapsackClasses& classes, const KnapsackRelaxation& relaxation,
             std::span<std::size_t> chosen);
  // Of the last solution: that it is the one that the rule names. Searches that grow too large, as some do
  // whose items are all worth the same for their cost, settle for less.
  bool exact() const { return exact_; }
  KnapsackUnits gap() const { return gap_; }  // by which the best one may be worth more

 private:
  using Units = KnapsackUnits;

  struct State {
    Units cost, value;    // changes against the relaxation's whole steps
    std::uint32_t link;   // how it came about; while its layer is made, its parent's
    std::uint32_t index;  // of the last class's item, as given
  };
  using Layer = std::vector<State>;  // cost and value rise strictly
  struct Link {
    std::uint32_t parent, of_class, index;
  };
  struct Turn {
    double nearness;
    std::uint32_t of_class;
    double up, down;  // of the classes that come after this one
  };
  // The most that a state of the other side and the classes to come add to one that leaves room x for them:
  // up + turn.up * x from a state that fits into x or a cheaper one, down + turn.down * x from dearer ones.
  struct Bound {
    double up, down;
  };
  struct Found {
    std::uint32_t link, of_class, index,
        other_link;  // a state, with one item more, and one of the other side
  };

  void order();
  bool search();
  void reach_by_upgrades();
  bool collect_items();
  bool is_too_large() const;
  void bound_by(const Layer& other, const Turn& turn);
  bool are_twins(std::uint32_t earlier, std::uint32_t later) const;
  bool expand(bool second, const Turn& turn);
  void merge();
  void merge_two(std::span<const State> a, std::span<const State> b, Layer* out) const;
  bool ranks_before(const State& a, const State& b) const;
  void settle(bool finished);
  void close_layer(bool second);
  void choose_best_pair(std::span<std::size_t> chosen);
  void write(std::uint32_t link, std::span<std::size_t> chosen) const;

  const KnapsackClasses* classes_ = nullptr;
  const KnapsackRelaxation* relaxation_ = nullptr;
  Units left_ = 0, reached_ = 0;
  Found found_{};     // what reached that
  double slack_ = 0;  // of a bound
  Units margin_ = 0;  // by which a solution must be better to be looked for
  std::size_t work_ = 0;
  bool exact_ = true;
  Units gap_ = 0;
  std::uint32_t now_ = 0;  // the class whose turn it is
  std::vector<Turn> turns_;
  std::vector<std::uint32_t> items_;  // that may be in a best solution, of the class whose turn it is
  std::array<Layer, 2> sides_;
  std::array<std::uint32_t, 2> last_of_side_{};  // the class whose items its states' indices are of
  std::vector<Bound> bounds_;
  Layer lists_, merged_;
  std::vector<std::size_t> ends_, merged_ends_;  // of lists_, of merged_
  std::vector<Link> links_;
  std::vector<std::size_t> rival_;
};

}  // namespace turbo
