#pragma once
// A service as the allocation sees it: what may run for it, and how much it counts. A camera is one, with
// detectors to choose from; a motion prediction is one, with models of its own.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/utility/model_table.h"

namespace turbo {

struct ModelOption {
  std::string config;        // <model>-imgcomp<X>-inpcomp<Y>, model_config.h
  double size_megabits = 0;  // of one frame on the network; above 0 for what runs in the cloud
  double runtime_ms = 0;     // infinity: it must not be chosen now
  double utility = 0;        // 0 to 1
  bool on_vehicle = false;   // needs no network; runnable always
  double duty = 1;           // share of the camera's frames that are sent, above 0, at most 1
};

struct Service {
  int id = 0;
  std::vector<ModelOption> options;
  double weight = 1;         // of its utility in the sum that is made as large as possible; 0.01 to 100
  double min_utility = 0;    // safety floor, 0 to 1
  double slo_ms = 150;       // from hand-over to answer
  double frames_per_s = 10;  // of its camera
};

// What a table offers: its on-vehicle model's bare configuration, and every cloud configuration but the
// raw-frame ones (a client sends the resized input under that name). Other models of size 0 are on-vehicle
// ones that were not chosen: left out. frames_per_s is the camera's; a row with
// -fps<N> has its share of it, and is left out when N is not less. Throws std::runtime_error (what is
// missing; what to do) without a utility column or without the on-vehicle model.
std::vector<ModelOption> options_of(const ModelTable& table, const std::string& onvehicle_model,
                                    double frames_per_s);

// For every cloud configuration that sends each frame, one more for each rate below the camera's. The frames
// between have the vehicle's answer, so its utility is the mean of both, by their shares. A consumer that
// carries the cloud's boxes forward instead loses staleness_cost of utility a second of their age
// (1/rate - 1/camera's rate, halved, on average); where that is better, it counts. Infinity: no such
// consumer.
void add_frame_rates(Service& service, std::span<const double> rates_per_s, double staleness_cost_per_s);

// What a configuration is worth of which rate_per_s frames a second are sent, below its camera's rate: see
// add_frame_rates.
double utility_at_rate(double every_frame, double vehicle, double rate_per_s, double camera_rate_per_s,
                       double staleness_cost_per_s);

// Which option is the vehicle's; nothing: there is none.
std::optional<std::size_t> vehicle_option(const Service& service);

// One line of what is wrong with a set of services, empty if nothing is: an id twice, no options, not exactly
// one on-vehicle option, a configuration twice, a name that is none, a value outside its range or no number.
std::string fault_in(std::span<const Service> services);

}  // namespace turbo
