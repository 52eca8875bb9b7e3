#pragma once
// What a run was worth: fed with truth and deliveries, it counts, times and measures accuracy. A frame is
// what a client took from its camera; its camera and context id name it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lab/score/records.h"

namespace turbo {

struct Summary {
  std::uint64_t frames = 0;
  std::uint64_t with_result = 0;    // by the SLO, from the cloud or the vehicle
  std::uint64_t offloaded = 0;      // sent towards the cloud
  std::uint64_t within_slo = 0;     // of those: the cloud's answer was in time and delivered
  std::uint64_t unanswered = 0;     // of those: no answer at all, not even a late one
  std::uint64_t without_truth = 0;  // frames that count for no accuracy
  std::optional<double> remote_latency_p50_ms, remote_latency_p99_ms;  // over the answered, late ones too
  std::optional<double> delivered_map, onvehicle_map;                  // COCO AP 0.5:0.95
  std::map<std::string, std::uint64_t> model_configs;                  // frames by configuration

  std::optional<double> slo_attainment() const;  // within_slo / offloaded
};

class Score {
 public:
  Score();
  ~Score();
  Score(Score&&) noexcept;

  void add_truth(TruthRecord record);  // all of it before the first delivery
  void add_delivery(const DeliveryRecord& record);

  Summary total() const;
  std::map<int, Summary> cameras() const;

 private:
  struct Part;

  std::unordered_map<int, std::unordered_map<std::uint64_t, std::vector<TruthBox>>> truth_;
  std::unique_ptr<Part> total_;
  std::map<int, std::unique_ptr<Part>> cameras_;
};

}  // namespace turbo
