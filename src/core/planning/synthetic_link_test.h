#pragma once
// For tests: a planner driven over a made-up link, server and cameras whose every number is known. The
// bandwidth's logarithm is autoregressive, with sudden changes of level and outages; the estimate is the last
// half second's mean with noise of a known size. Frames of one service follow one another; each has its share
// of the link.

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>

#include "core/planning/planner.h"

namespace turbo::synthetic {

struct Link {
  double mbps = 20, spread = 0.3, correlation_s = 2;  // of the logarithm, stationary
  double change_every_s = 0, change = 0.7;            // of level, standard deviation; 0: never
  double outage_every_s = 0, outage_s = 1.5;          // 0: never
  double estimate_noise = 0.05;
  double rtt_ms = 40, rtt_spread = 0.1, spike_share = 0.01, spike_ms = 80;
  double size_factor = 1, size_spread = 0.1;  // over the table; of the logarithm
  double server_factor = 1, server_spread = 0.1;
  double period_s = 0.5;  // of decisions
  unsigned seed = 1;
};

struct Outcome {
  int frames = 0, in_time = 0;     // that were offloaded
  double promised = 0;             // mean over them
  int kept = 0, kept_in_time = 0;  // of the frames, those that were no tries
  double gain = 0;                 // in utility beyond the vehicle's, mean over all frames
  int changes = 0;                 // of a service's choice
  double attained() const { return frames > 0 ? static_cast<double>(in_time) / frames : 0; }
};

class Run {
 public:
  Run(const Link& link, std::vector<Service> services, Planner& planner)
      : link_(link),
        services_(std::move(services)),
        planner_(planner),
        random_(link.seed),
        cameras_(services_.size()) {}

  Outcome run(double duration_s) {
    int frames = 0;
    double next_decision_s = 1;
    for (int step = 0; step * kStepS < duration_s; ++step) {
      const double now_s = step * kStepS;
      move_link(now_s);
      if (now_s >= next_decision_s) {
        decide(now_s);
        next_decision_s += link_.period_s;
      }
      for (Camera& camera : cameras_) send(now_s, camera);
      if (now_s < 1) continue;
      for (std::size_t i = 0; i < services_.size(); ++i) {
        Camera& camera = cameras_[i];
        if (now_s < camera.next_s) continue;
        camera.next_s += 1 / services_[i].frames_per_s;
        ++frames;
        hand_over(now_s, i);
      }
    }
    out_.promised /= std::max(out_.frames, 1);
    out_.gain /= std::max(frames, 1);
    return out_;
  }

 private:
  static constexpr double kStepS = 0.005;
  struct Frame {
    double left_megabits, runtime_ms, deadline_s, gain;
    bool tries = false;
    bool former = false;  // of a choice that has been left
  };
  struct Ended {
    double known_s;
    bool in_time, former;
  };
  struct Camera {
    double next_s = 1;
    const ModelOption* option = nullptr;
    double share = 0, promised = 0, gain = 0;
    bool tries = false;
    std::optional<Frame> flight;
    std::deque<Ended> ended;              // not reported yet
    std::deque<double> bytes, server_ms;  // under this choice
  };

  double normal() { return std::normal_distribution<double>()(random_); }
  bool happens(double every_s) {
    return every_s > 0 && std::uniform_real_distribution<double>()(random_) < kStepS / every_s;
  }

  void move_link(double now_s) {
    const double keep = std::exp(-kStepS / link_.correlation_s);
    log_ = keep * log_ + link_.spread * std::sqrt(1 - keep * keep) * normal();
    if (happens(link_.change_every_s)) level_ = link_.change * normal();
    if (happens(link_.outage_every_s)) outage_until_s_ = now_s + link_.outage_s;
    mbps_ = now_s < outage_until_s_ ? 0.05 : link_.mbps * std::exp(log_ + level_);
    recent_.push_back(mbps_);
    if (recent_.size() * kStepS > 0.5) recent_.pop_front();
  }

  void hand_over(double now_s, std::size_t i) {
    Camera& camera = cameras_[i];
    if (camera.option == nullptr) return;
    ++out_.frames;
    out_.promised += camera.promised;
    out_.kept += camera.tries ? 0 : 1;
    const double megabits =
        camera.option->size_megabits * link_.size_factor * std::exp(link_.size_spread * normal());
    camera.bytes.push_back(megabits * 1e6 / 8);
    const Frame frame{megabits, camera.option->runtime_ms, now_s + services_[i].slo_ms / 1000, camera.gain,
                      camera.tries};
    if (camera.flight)
      end(camera, now_s, false, frame);  // displaced
    else
      camera.flight = frame;
  }

  void send(double now_s, Camera& camera) {
    if (!camera.flight) return;
    Frame& frame = *camera.flight;
    frame.left_megabits -= mbps_ * camera.share * kStepS;
    if (frame.left_megabits > 0 && now_s < frame.deadline_s) return;
    if (frame.left_megabits > 0) {
      end(camera, now_s, false, frame);
    } else {
      const double server_ms =
          frame.runtime_ms * link_.server_factor * std::exp(link_.server_spread * normal());
      const double answered_s = now_s + (server_ms + rtt_ms()) / 1000;
      if (!frame.former) camera.server_ms.push_back(server_ms);
      end(camera, std::min(answered_s, frame.deadline_s), answered_s <= frame.deadline_s, frame);
    }
    camera.flight.reset();
  }

  double rtt_ms() {
    const bool spike = std::uniform_real_distribution<double>()(random_) < link_.spike_share;
    return link_.rtt_ms * std::exp(link_.rtt_spread * normal()) + (spike ? link_.spike_ms : 0);
  }

  void end(Camera& camera, double known_s, bool in_time, const Frame& frame) {
    camera.ended.push_back({known_s, in_time, frame.former});
    out_.in_time += in_time ? 1 : 0;
    out_.kept_in_time += in_time && !frame.tries ? 1 : 0;
    out_.gain += in_time ? frame.gain : 0;
  }

  static std::optional<Quantiles> quantiles(std::deque<double>& values) {
    while (values.size() > 64) values.pop_front();
    if (values.empty()) return std::nullopt;
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return Quantiles{sorted[sorted.size() / 2], sorted[sorted.size() * 95 / 100]};
  }

  LinkReport report(double now_s) {
    LinkReport report;
    const double mean =
        std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(recent_.size());
    report.bandwidth_mbps = mean * std::exp(link_.estimate_noise * normal());
    report.low_mbps = report.bandwidth_mbps * std::exp(-1.2816 * link_.estimate_noise);
    report.high_mbps = report.bandwidth_mbps * std::exp(1.2816 * link_.estimate_noise);
    report.rtt_ms = rtt_ms();
    for (std::size_t i = 0; i < services_.size(); ++i) {
      Camera& camera = cameras_[i];
      ServiceReport service{.service_id = services_[i].id};
      if (camera.option != nullptr) service.config = camera.option->config;
      std::erase_if(camera.ended, [&](const Ended& ended) {
        if (ended.known_s > now_s) return false;
        service.all_finished += 1;
        service.all_in_time += ended.in_time ? 1 : 0;
        service.finished += ended.former ? 0 : 1;
        service.in_time += ended.in_time && !ended.former ? 1 : 0;
        return true;
      });
      service.frame_bytes = quantiles(camera.bytes);
      service.server_ms = service.cloud_ms = quantiles(camera.server_ms);
      report.services.push_back(std::move(service));
    }
    return report;
  }

  void decide(double now_s) {
    const auto decision = planner_.decide(Time(from_seconds(now_s)), report(now_s));
    if (!decision) return;
    for (std::size_t i = 0; i < services_.size(); ++i) {
      Camera& camera = cameras_[i];
      const ServiceChoice& choice = decision->services[i];
      const ModelOption* option = nullptr;
      double vehicle = 0;
      for (const ModelOption& one : services_[i].options) {
        if (one.on_vehicle) vehicle = one.utility;
        if (one.config == choice.config && !one.on_vehicle) option = &one;
      }
      if (option != camera.option) {
        ++out_.changes;
        if (camera.flight) camera.flight->former = true;  // goes on with the new share
        for (Ended& ended : camera.ended) ended.former = true;
        camera.bytes.clear();
        camera.server_ms.clear();
      }
      camera.option = option;
      camera.share = choice.allocated_mbps / std::max(decision->available_mbps, 1e-9);
      camera.promised = decision->promised.value_or(0);
      camera.tries = decision->tries;
      camera.gain = option != nullptr ? option->utility - vehicle : 0;
    }
  }

  Link link_;
  std::vector<Service> services_;
  Planner& planner_;
  std::mt19937 random_;
  std::vector<Camera> cameras_;
  double log_ = 0, level_ = 0, mbps_ = 0, outage_until_s_ = -1;
  std::deque<double> recent_;
  Outcome out_;
};

}  // namespace turbo::synthetic
