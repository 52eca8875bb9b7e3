#pragma once
// What accuracy a service gets from how much bandwidth, under one SLO and one RTT: a step function.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turbo {

struct ModelOption {
  std::string config;        // <model>-imgcomp<X>-inpcomp<Y>
  double size_megabits = 0;  // of one frame on the network
  double runtime_ms = 0;
  double utility = 0;       // 0 to 1
  bool on_vehicle = false;  // needs no network; runnable always
};

// size / (slo - rtt - runtime), in Mbps. 0 for what needs no network. Nothing when no bandwidth is enough.
std::optional<double> needed_mbps(const ModelOption& option, double slo_ms, double rtt_ms);

struct UtilityStep {
  double start_mbps = 0;  // this much bandwidth is needed
  double end_mbps = 0;    // from here on the next step is better; infinity for the last
  double utility = 0;
  std::optional<std::size_t> option;  // index into the options; none: nothing can run with so little
};

// Start and utility rise strictly from step to step; the first starts at 0 Mbps (with utility 0 and no option
// when even the cheapest option needs more). Never empty.
using UtilityCurve = std::vector<UtilityStep>;

// Of two options that need the same bandwidth the one of higher utility counts; of equals the first by name.
UtilityCurve make_utility_curve(std::span<const ModelOption> options, double slo_ms, double rtt_ms);

// Index of the step that holds at this bandwidth.
std::size_t step_at(const UtilityCurve& curve, double mbps);

}  // namespace turbo
