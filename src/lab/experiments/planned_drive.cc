#include "lab/experiments/planned_drive.h"

#include <algorithm>

#include "lab/simulate/packet.h"
#include "lab/simulate/scenario.h"

namespace turbo::experiments {
namespace {

std::optional<Quantiles> quantiles(const RecentQuantiles& recent, double unit) {
  const auto middle = recent.quantile(0.5), high = recent.quantile(0.95);
  if (!middle) return std::nullopt;
  return Quantiles{*middle * unit, *high * unit};
}

ServiceReport report_of(Time now, int id, ServiceMeter& meter) {
  const ServiceMeter::Counts counts = meter.take_counts(now);
  ServiceReport report;
  report.service_id = id;
  report.config = meter.choice();
  report.finished = counts.finished;
  report.in_time = counts.in_time;
  report.all_finished = counts.all_finished;
  report.all_in_time = counts.all_in_time;
  report.frame_bytes = quantiles(meter.frame_bytes(), 1);
  report.server_ms = quantiles(meter.server_s(), 1e3);
  report.cloud_ms = quantiles(meter.cloud_s(), 1e3);
  return report;
}

std::size_t option_of(const Service& service, const std::string& config) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [&](const ModelOption& option) { return option.config == config; });
  return static_cast<std::size_t>(at - service.options.begin());  // the planner chose among these
}

}  // namespace

double payload_share() {
  const auto packet = static_cast<double>(simulate::Scenario{}.packet_bytes);
  return (packet - static_cast<double>(simulate::Packet::kOverheadBytes + simulate::Packet::kPartBytes)) /
         (packet + static_cast<double>(simulate::Packet::kIpBytes));
}

PlannedDrive::PlannedDrive(Planner planner, const Truth& truth, Duration path_rtt, const Capacity* foreseen)
    : planner_(std::move(planner)), truth_(truth), path_rtt_(path_rtt), foreseen_(foreseen) {
  const int places = static_cast<int>(truth.services().size());
  for (int i = 0; i < places; ++i)
    states_.push_back({truth.vehicle_option(static_cast<std::size_t>(i)), Turns(i, places)});
}

void PlannedDrive::decide(Time now, const simulate::AllocationReport& report,
                          std::span<simulate::ServicePlan> plans) {
  LinkReport link;
  link.connected = report.connected;
  if (report.connected) {
    link.bandwidth_mbps = report.link.rate_bps / 1e6;
    link.low_mbps = report.link.low_bps / 1e6;
    link.high_mbps = report.link.high_bps / 1e6;
  }
  if (report.connected && foreseen_ != nullptr) {
    link.bandwidth_mbps =
        foreseen_->bits_between(now, now + interval()) * payload_share() / 1e6 / seconds(interval());
    link.low_mbps = link.high_mbps = link.bandwidth_mbps;
  }
  const Duration rtt = report.link.min_rtt > Duration::zero() ? report.link.min_rtt : path_rtt_;
  link.rtt_ms = milliseconds(rtt);
  link.rtt_source = "quic";
  link.app_limited = report.link.app_limited;
  for (std::size_t i = 0; i < states_.size(); ++i)
    link.services.push_back(report_of(now, truth_.services()[i].id, report.meters[i]));

  const std::optional<Decision> decision = planner_.decide(now, link);
  if (!decision) return;
  bool changed = false;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const ServiceChoice& choice = decision->services[i];
    const std::size_t option = option_of(truth_.services()[i], choice.config);
    changed |= states_[i].option != option;
    states_[i].option = option;
    plans[i].guaranteed_bps = choice.allocated_mbps * 1e6;
    plans[i].config = choice.config;
  }
  if (changed) ++changes_;
  promised_ = decision->promised;
  tries_ = decision->tries;
}

simulate::FrameOrder PlannedDrive::order(Time captured, std::size_t service) {
  State& state = states_[service];
  const ModelOption& option = truth_.services()[service].options[state.option];
  Taken taken{.service = service,
              .frame = state.frames++,
              .option = state.option,
              .sent = false,
              .promised = promised_,
              .tries = tries_};
  const double rate = option.duty < 1 ? option.duty * truth_.services()[service].frames_per_s : 0;
  taken.sent = !option.on_vehicle && state.turns.take(captured, rate);
  taken_.push_back(taken);
  if (!taken.sent) return {.sent = false};
  return {.sent = true,
          .mean_bytes = std::max(1.0, truth_.megabits(service, taken.option, taken.frame) * 1e6 / 8),
          .server_ms = truth_.runtime_ms(service, taken.option, taken.frame)};
}

}  // namespace turbo::experiments
