#include "core/detection/average_precision.h"

#include <algorithm>

namespace turbo {
namespace {

constexpr int kRecalls = 101;
constexpr double kSlack = 1e-10;

double threshold(int k) { return 0.5 + 0.05 * k; }

double area(const Box& b) {
  return std::max(0.0, double(b.x_max) - b.x_min) * std::max(0.0, double(b.y_max) - b.y_min);
}

// Which of `detections` (best first) take a truth of their own, at one threshold: each the free one it
// overlaps most.
void match(std::span<const Detection> detections, std::span<const Box> truths, int k,
           std::span<std::uint16_t> hits) {
  std::vector<bool> taken(truths.size());
  for (std::size_t d = 0; d < detections.size(); ++d) {
    double best = threshold(k) - kSlack;
    std::optional<std::size_t> matched;
    for (std::size_t t = 0; t < truths.size(); ++t) {
      if (taken[t]) continue;
      const double o = overlap(detections[d].box, truths[t]);
      if (o >= best) best = o, matched = t;
    }
    if (!matched) continue;
    taken[*matched] = true;
    hits[d] = std::uint16_t(hits[d] | 1u << k);
  }
}

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double width =
      std::min(double(a.x_max), double(b.x_max)) - std::max(double(a.x_min), double(b.x_min));
  const double height =
      std::min(double(a.y_max), double(b.y_max)) - std::max(double(a.y_min), double(b.y_min));
  if (!(width > 0 && height > 0)) return 0;
  const double both = width * height;
  return both / (area(a) + area(b) - both);
}

void AveragePrecision::add(std::span<const Detection> detections, std::span<const TruthBox> truth) {
  ++images_;
  for (int label = 0; label < kObjectClasses; ++label) {
    std::vector<Detection> found;
    for (const Detection& d : detections)
      if (d.label == label && d.score == d.score) found.push_back(d);
    std::stable_sort(found.begin(), found.end(),
                     [](const Detection& a, const Detection& b) { return a.score > b.score; });
    if (found.size() > kMaxDetections) found.resize(kMaxDetections);
    std::vector<Box> truths;
    for (const TruthBox& t : truth)
      if (t.label == label) truths.push_back(t.box);
    std::vector<std::uint16_t> hits(found.size());
    for (int k = 0; k < kThresholds; ++k) match(found, truths, k, hits);
    PerClass& c = classes_[std::size_t(label)];
    c.truths += truths.size();
    for (std::size_t d = 0; d < found.size(); ++d) c.scored.push_back({found[d].score, hits[d]});
  }
}

void AveragePrecision::add(const AveragePrecision& other) {
  images_ += other.images_;
  for (std::size_t label = 0; label < classes_.size(); ++label) {
    PerClass& own = classes_[label];
    const PerClass& theirs = other.classes_[label];
    own.truths += theirs.truths;
    own.scored.insert(own.scored.end(), theirs.scored.begin(), theirs.scored.end());
  }
}

bool AveragePrecision::rightly_empty() const {
  return std::all_of(classes_.begin(), classes_.end(),
                     [](const PerClass& c) { return c.truths == 0 && c.scored.empty(); });
}

AveragePrecision::Result AveragePrecision::result() const {
  Result result{.mean = 0, .of_class = {}, .images = images_};
  int present = 0;
  for (std::size_t label = 0; label < classes_.size(); ++label) {
    const PerClass& c = classes_[label];
    if (c.truths == 0) continue;
    std::vector<Scored> sorted = c.scored;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Scored& a, const Scored& b) { return a.score > b.score; });
    double sum = 0;
    std::vector<double> precision(sorted.size()), recall(sorted.size());
    for (int k = 0; k < kThresholds; ++k) {
      std::size_t hits = 0;
      for (std::size_t i = 0; i < sorted.size(); ++i) {
        hits += sorted[i].hits >> k & 1u;
        precision[i] = double(hits) / double(i + 1);
        recall[i] = double(hits) / double(c.truths);
      }
      // The best precision at this recall or above it.
      for (std::size_t i = sorted.size(); i-- > 1;)
        precision[i - 1] = std::max(precision[i - 1], precision[i]);
      for (int r = 0; r < kRecalls; ++r) {
        const auto at = std::lower_bound(recall.begin(), recall.end(), r / 100.0 - 1e-12);
        if (at != recall.end()) sum += precision[std::size_t(at - recall.begin())];
      }
    }
    const double ap = sum / (kThresholds * kRecalls);
    result.of_class[label] = ap;
    result.mean += ap;
    ++present;
  }
  if (present > 0) result.mean /= present;
  return result;
}

}  // namespace turbo
