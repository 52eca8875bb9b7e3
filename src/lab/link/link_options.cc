#include "lab/link/link_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

namespace turbo {
namespace {

const std::string kOneWay = "One way";

// Leaves the options of one way out of --help, which are those of both ways with a prefix.
class ShortHelp : public CLI::Formatter {
 public:
  std::string make_group(std::string group, bool positional,
                         std::vector<const CLI::Option*> options) const override {
    return group == kOneWay ? "" : CLI::Formatter::make_group(group, positional, options);
  }
};

const std::map<std::string, QueueKind> kQueueKinds{{"droptail", QueueKind::kDropTail},
                                                   {"codel", QueueKind::kCoDel}};
const std::map<std::string, JitterShape> kJitterShapes{{"uniform", JitterShape::kUniform},
                                                       {"normal", JitterShape::kNormal}};
const std::map<std::string, OutageKind> kOutageKinds{{"hold", OutageKind::kHold},
                                                     {"drop", OutageKind::kDrop}};

template <typename Kind>
void add_choice(CLI::App& app, const std::string& name, std::optional<Kind>& value, const std::string& text,
                const std::map<std::string, Kind>& choices, const std::string& group) {
  app.add_option_function<std::string>(
         name, [&value, &choices](const std::string& chosen) { value = choices.at(chosen); }, text)
      ->check(CLI::IsMember(choices))
      ->type_name("NAME")
      ->group(group);
}

// `prefix`: "--", "--up-" or "--down-".
void declare_direction(CLI::App& app, DirectionOptions& o, const std::string& prefix,
                       const std::string& group) {
  const auto add = [&](const char* name, auto& value, const char* text) {
    return app.add_option(prefix + name, value, text)->group(group);
  };
  auto* rate = add("rate-mbps", o.rate_mbps, "Capacity, Mbit/s; 0: no limit [0]");
  add("trace", o.trace_path, "Capacity by a trace, in Mahimahi's format (turbo-trace makes some)")
      ->type_name("FILE")
      ->excludes(rate);
  add("delay-ms", o.delay_ms, "Delay of each packet, one way (the RTT is up's and down's together) [0]");
  add("jitter-ms", o.jitter_ms,
      "Further delay, 0 to this much, drawn again and again; packets are never reordered [0]");
  add_choice(app, prefix + "jitter-shape", o.jitter_shape,
             "uniform, or normal (mean half, deviation a sixth of --jitter-ms) [uniform]", kJitterShapes,
             group);
  add("jitter-every-ms", o.jitter_every_ms, "Time between the draws [10]");
  add("loss", o.loss, "Probability that a packet is lost at random, 0 to 1 [0]");
  add_choice(app, prefix + "queue", o.queue,
             "droptail, or codel (RFC 8289: keeps a standing queue near a target time) [droptail]",
             kQueueKinds, group);
  auto* queue_ms = add("queue-ms", o.queue_ms, "Most that queues, in ms of the mean capacity [200]");
  add("queue-bytes", o.queue_bytes, "The same in bytes")->excludes(queue_ms);
  add("codel-target-ms", o.codel_target_ms, "CoDel's target [5]");
  add("codel-interval-ms", o.codel_interval_ms, "CoDel's interval [100]");
  add("outage", o.outages,
      "FROM:TO, seconds from the start between which nothing is carried; may be given several times")
      ->type_name("FROM:TO")
      ->expected(1)
      ->take_all();
  add_choice(app, prefix + "outage-kind", o.outage_kind,
             "hold: what comes during an outage queues while there is room, and goes on afterwards, as in a "
             "radio's dead spot; drop: it is lost, as on an unplugged cable [hold]",
             kOutageKinds, group);
}

OutageRequest parse_outage(const std::string& text) {
  OutageRequest outage;
  const char* end = text.data() + text.size();
  const auto from = std::from_chars(text.data(), end, outage.from_s);
  const bool parted = from.ec == std::errc{} && from.ptr != end && *from.ptr == ':';
  const auto to = parted ? std::from_chars(from.ptr + 1, end, outage.to_s) : from;
  constexpr double kMost = 1e6;
  if (!parted || to.ec != std::errc{} || to.ptr != end || !(outage.from_s >= 0) ||
      !(outage.to_s > outage.from_s) || outage.to_s > kMost)
    throw LinkConfigError("--outage '" + text + "': expected FROM:TO in seconds, 0 <= FROM < TO <= 1000000");
  return outage;
}

// What `own` says wins over what `both` says, which wins over the default.
DirectionRequest merged(const DirectionOptions& both, const DirectionOptions& own) {
  DirectionRequest r;
  const auto choose = [&](auto member, auto& value) {
    if (own.*member) {
      value = *(own.*member);
    } else if (both.*member) {
      value = *(both.*member);
    }
  };
  using O = DirectionOptions;
  if (!own.trace_path) choose(&O::rate_mbps, r.rate_mbps);
  if (!own.rate_mbps) choose(&O::trace_path, r.trace_path);
  choose(&O::delay_ms, r.delay_ms);
  choose(&O::jitter_ms, r.jitter_ms);
  choose(&O::jitter_shape, r.jitter_shape);
  choose(&O::jitter_every_ms, r.jitter_every_ms);
  choose(&O::loss, r.loss);
  choose(&O::queue, r.queue);
  choose(&O::queue_ms, r.queue_ms);
  if (!own.queue_ms) choose(&O::queue_bytes, r.queue_bytes);
  choose(&O::codel_target_ms, r.codel_target_ms);
  choose(&O::codel_interval_ms, r.codel_interval_ms);
  for (const auto& text : own.outages.empty() ? both.outages : own.outages)
    r.outages.push_back(parse_outage(text));
  choose(&O::outage_kind, r.outage_kind);
  return r;
}

}  // namespace

void LinkOptions::declare(CLI::App& app) {
  app.formatter(std::make_shared<ShortHelp>());
  declare_direction(app, both_, "--", "The link, both ways (or --up-... and --down-... for one way)");
  declare_direction(app, up_, "--up-", kOneWay);
  declare_direction(app, down_, "--down-", kOneWay);
  app.add_option("--seed", seed_, "Of losses and jitter, which differ between the directions")
      ->capture_default_str();
}

LinkRequest LinkOptions::request() const { return {merged(both_, up_), merged(both_, down_), seed_}; }

}  // namespace turbo
