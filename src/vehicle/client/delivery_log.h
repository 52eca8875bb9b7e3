#pragma once
// deliveries.jsonl: one JSON line a frame, written in batches off the hot path. A line is complete when the
// frame's vehicle result and the cloud's answer (also a late one) are in, or no longer awaited.

#include <cstdint>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "core/freshness/frame_ledger.h"

namespace turbo {

// What the model server says of its own part, in seconds.
struct ServerTimes {
  double queue_s = 0, preprocessing_s = 0, inference_s = 0, overall_s = 0;
};

class DeliveryLog {
 public:
  // deadline: of every frame, from its capture.
  DeliveryLog(const std::string& path, int service_id, Duration deadline, std::size_t max_rows);
  ~DeliveryLog();  // writes what there is; frames whose time was not up yet are left out

  // captured: when the frame was taken; now: when the client had it.
  void on_frame(Time now, Time captured, std::uint64_t context_id, double capture_unix_s,
                const std::string& model_config);
  // why: in a word or two; of a frame that was neither the line says nothing.
  void on_not_offloaded(std::uint64_t context_id, std::string_view why);
  void on_offloaded(Time now, std::uint64_t context_id, std::size_t size_bytes);
  void on_vehicle_result(std::uint64_t context_id, const Detections& detections, Duration runtime);
  void on_remote_result(std::uint64_t context_id, Duration latency, const ServerTimes& server);
  void on_delivery(const Delivery& delivery, bool cloud_out = false);
  // Completes rows whose late answer is no longer awaited; writes full batches.
  void settle(Time now);

 private:
  struct Row {
    std::uint64_t context_id = 0;
    Time captured{};
    Duration received{};  // from capture
    std::optional<Duration> sent;
    ServerTimes server;
    double capture_unix_s = 0;
    std::string model_config;
    bool offloaded = false;
    std::string_view not_offloaded;  // of static text
    std::size_t size_bytes = 0;
    std::optional<Delivery> delivery;
    bool cloud_out = false;  // when it was delivered
    std::optional<Detections> vehicle;
    Duration vehicle_runtime{};
    std::optional<Duration> remote_latency;
  };
  Row* find(std::uint64_t context_id);
  std::string line(const Row& row) const;
  void write();

  std::ofstream file_;
  int service_id_;
  Duration deadline_;
  std::size_t max_rows_;
  std::deque<Row> open_;
  std::string batch_;
  std::size_t batch_rows_ = 0;
};

}  // namespace turbo
