#include "lab/simulate/scenario_options.h"

#include <CLI/CLI.hpp>
#include <stdexcept>

namespace turbo::simulate {
namespace {

constexpr double kBulkFrameKb = 100;
constexpr int kMaxServices = 1'000;

template <class Value>
void add(CLI::App& app, const char* group, const char* name, Value& value, const char* text) {
  app.add_option(name, value, text)->capture_default_str()->group(group);
}

void add_flag(CLI::App& app, const char* group, const char* name, bool& value, const char* text) {
  app.add_flag(name, value, text)->group(group);
}

void declare_traffic(CLI::App& app, ScenarioOptions& o) {
  const char* group = "The cameras";
  add(app, group, "--services", o.services, "Cameras, one service each");
  add(app, group, "--fps", o.fps, "Frames per second of each camera");
  add(app, group, "--frame-kb", o.frame_kb, "Mean size of a frame, KB");
  add(app, group, "--frame-spread", o.frame_spread, "Spread of the sizes: deviation of their logarithm");
  add(app, group, "--compress-ms", o.compress_ms, "From a camera's frame to its hand-over for sending");
  add_flag(app, group, "--in-step", o.in_step,
           "All cameras take their frames at the same moment, not one after the other");
  add_flag(app, group, "--bulk", o.bulk, "Frames of 100 KB back to back and without a deadline, instead");
}

void declare_server(CLI::App& app, ScenarioOptions& o) {
  const char* group = "The server";
  add(app, group, "--server-ms", o.server_ms, "Mean time that it takes for a frame");
  add(app, group, "--server-spread", o.server_spread, "Spread of these times: deviation of their logarithm");
  add(app, group, "--answer-kb", o.answer_kb, "Size of an answer, KB");
}

void declare_vehicle(CLI::App& app, ScenarioOptions& o) {
  const char* group = "The vehicle's transport";
  add(app, group, "--slo-ms", o.slo_ms, "From a camera's frame to its answer");
  add(app, group, "--queue-slo-ms", o.queue_slo_ms, "Longest wait before a frame is sent");
  add(app, group, "--guaranteed-mbps", o.guaranteed_mbps,
      "Guaranteed rate of each service; 0: an equal share of the estimate");
  add(app, group, "--initial-mbps", o.initial_mbps, "Rate of each service before the link has been measured");
  add(app, group, "--packet-bytes", o.packet_bytes, "Size of a QUIC packet");
  app.add_option("--formula", o.formula, "Bandwidth estimate: delivery (measured), or window (over RTT)")
      ->capture_default_str()
      ->check(CLI::IsMember({"delivery", "window"}))
      ->type_name("NAME")
      ->group(group);
  add_flag(app, group, "--no-freshness", o.no_freshness, "First come first served, hopeless frames too");
  add_flag(app, group, "--no-cancel", o.no_cancel, "Finish every frame that was begun");
  add_flag(app, group, "--no-probe", o.no_probe, "No junk");
  add_flag(app, group, "--withhold", o.withhold,
           "Leftover capacity is not shared: the guaranteed rate is the limit");
}

}  // namespace

void declare(CLI::App& app, ScenarioOptions& o) {
  app.add_option("--duration", o.duration_s, "Simulated seconds")->capture_default_str();
  o.link.declare(app);
  app.add_option("--rtt-ms", o.rtt_ms, "Instead of --delay-ms: half of it each way");
  app.add_option("--wake-ms", o.wake_ms, "Mean time until a process is awake for a packet that has come")
      ->capture_default_str();
  declare_traffic(app, o);
  declare_server(app, o);
  declare_vehicle(app, o);
}

Scenario make_scenario(const ScenarioOptions& o) {
  if (o.services < 1 || o.services > kMaxServices)
    throw std::invalid_argument("--services: expected 1 to 1000");
  Scenario scenario;
  scenario.link = o.link.request();
  for (DirectionRequest* direction : {&scenario.link.up, &scenario.link.down})
    if (o.rtt_ms && direction->delay_ms == 0) direction->delay_ms = *o.rtt_ms / 2;
  scenario.seed = scenario.link.seed;
  for (int i = 0; i < o.services; ++i) {
    CameraSettings camera;
    camera.frames_per_s = o.bulk ? 0 : o.fps;
    camera.frame_bytes = (o.bulk ? kBulkFrameKb : o.frame_kb) * 1e3;
    camera.size_spread = o.frame_spread;
    if (!o.in_step && !o.bulk && o.fps > 0) camera.phase = from_seconds(i / o.fps / o.services);
    camera.compression_time = from_milliseconds(o.compress_ms);
    scenario.cameras.push_back(camera);
  }
  scenario.server = {o.server_ms, o.server_spread, static_cast<std::int64_t>(o.answer_kb * 1e3)};
  scenario.slo = o.bulk ? Duration::max() : from_milliseconds(o.slo_ms);
  scenario.queue_slo = o.bulk ? std::chrono::hours(24) : from_milliseconds(o.queue_slo_ms);
  scenario.duration = from_seconds(o.duration_s);
  scenario.wake_time = from_milliseconds(o.wake_ms);
  scenario.packet_bytes = o.packet_bytes;
  scenario.initial_mbps = o.initial_mbps;
  scenario.guaranteed_mbps = o.guaranteed_mbps;
  scenario.freshness = !o.no_freshness;
  scenario.cancel = !o.no_cancel;
  scenario.probe = !o.no_probe;
  scenario.share_leftover = !o.withhold;
  scenario.window_formula = o.formula == "window";
  return scenario;
}

}  // namespace turbo::simulate
