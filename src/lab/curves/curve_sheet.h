#pragma once
// The utility curves of services under one RTT or several: as a figure, a table for people, JSON.

#include <optional>
#include <string>
#include <vector>

#include "core/utility/utility_curve.h"
#include "lab/figure/figure.h"
#include "lab/service_set/service_set.h"

namespace turbo::curves {

struct Curve {
  std::size_t service = 0;  // index into the set's
  double rtt_ms = 0;
  UtilityCurve steps;
  std::size_t too_slow = 0;      // options that can't be in time however much bandwidth there is
  std::size_t not_worth_it = 0;  // options that need as much as a step or more, and are worth no more
};

// Services first, RTTs within. Services that differ in nothing but id and weight have one curve, of the first
// of them.
std::vector<Curve> make_curves(const ServiceSet& set, const std::vector<double>& rtts_ms);

struct View {
  std::string title, caption;
  double most_mbps = 0;  // the axis ends there; 0: a little beyond the last step, at 300 where others follow
  std::optional<bool> log = {};  // bandwidth axis; none: where the stairs lie far apart
};

// One RTT: one panel, a line a service. Several: a panel a service, a line an RTT.
figure::Figure figure_of(const ServiceSet& set, const std::vector<Curve>& curves, const View& view);
std::string table_of(const ServiceSet& set, const std::vector<Curve>& curves);
std::string json_of(const ServiceSet& set, const std::vector<Curve>& curves);

}  // namespace turbo::curves
