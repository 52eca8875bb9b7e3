#include "vehicle/client/delivery_log.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace turbo {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr std::size_t kMaxOpenRows = 64;
constexpr Duration kLateAnswerAwaited = 2s;

double tenth(double value) { return std::round(value * 10) / 10; }

Json rows_of(const Detections& detections) {
  Json rows = Json::array();
  for (const Detection& d : detections)
    rows.push_back({tenth(d.box.x_min), tenth(d.box.y_min), tenth(d.box.x_max), tenth(d.box.y_max),
                    std::round(d.score * 1e4) / 1e4, d.label});
  return rows;
}

const char* source_name(ResultSource source) {
  return source == ResultSource::kRemote ? "remote" : source == ResultSource::kVehicle ? "vehicle" : "none";
}

}  // namespace

DeliveryLog::DeliveryLog(const std::string& path, int service_id, Duration deadline, std::size_t max_rows)
    : file_(path, std::ios::app), service_id_(service_id), deadline_(deadline), max_rows_(max_rows) {
  if (!file_) throw std::runtime_error("opening " + path + ": it cannot be written");
}

DeliveryLog::~DeliveryLog() {
  std::erase_if(open_, [](const Row& row) { return !row.delivery; });
  settle(Time::max());
  write();
}

DeliveryLog::Row* DeliveryLog::find(std::uint64_t context_id) {
  for (Row& row : open_)
    if (row.context_id == context_id) return &row;
  return nullptr;
}

void DeliveryLog::on_frame(Time now, Time captured, std::uint64_t context_id, double capture_unix_s,
                           const std::string& model_config) {
  if (open_.size() >= kMaxOpenRows) settle(Time::max());
  open_.push_back({.context_id = context_id,
                   .captured = captured,
                   .received = now - captured,
                   .capture_unix_s = capture_unix_s,
                   .model_config = model_config,
                   .delivery = {},
                   .vehicle = {},
                   .remote_latency = {}});
}

void DeliveryLog::on_not_offloaded(std::uint64_t context_id, std::string_view why) {
  if (Row* const row = find(context_id)) row->not_offloaded = why;
}

void DeliveryLog::on_offloaded(Time now, std::uint64_t context_id, std::size_t size_bytes) {
  if (Row* const row = find(context_id)) {
    row->offloaded = true;
    row->sent = now - row->captured;
    row->size_bytes = size_bytes;
  }
}

void DeliveryLog::on_vehicle_result(std::uint64_t context_id, const Detections& detections,
                                    Duration runtime) {
  if (Row* const row = find(context_id)) {
    row->vehicle = detections;
    row->vehicle_runtime = runtime;
  }
}

void DeliveryLog::on_remote_result(std::uint64_t context_id, Duration latency, const ServerTimes& server) {
  if (Row* const row = find(context_id)) {
    row->remote_latency = latency;
    row->server = server;
  }
}

void DeliveryLog::on_delivery(const Delivery& delivery, bool cloud_out) {
  if (Row* const row = find(delivery.context_id)) {
    row->delivery = delivery;
    row->cloud_out = cloud_out;
  }
}

void DeliveryLog::settle(Time now) {
  const auto complete = [now](const Row& row) {
    const bool answered = row.delivery && row.vehicle && (!row.offloaded || row.remote_latency);
    return answered || now == Time::max() || now - row.captured > kLateAnswerAwaited;
  };
  for (const Row& row : open_)
    if (complete(row)) {
      batch_ += line(row);
      ++batch_rows_;
    }
  std::erase_if(open_, complete);
  if (batch_rows_ >= max_rows_) write();
}

std::string DeliveryLog::line(const Row& row) const {
  const Delivery delivery = row.delivery.value_or(Delivery{.context_id = row.context_id, .detections = {}});
  Json json{{"context_id", row.context_id},
            {"service_id", service_id_},
            {"capture_unix_s", row.capture_unix_s},
            {"source", source_name(delivery.source)},
            {"offloaded", row.offloaded},
            {"not_offloaded", row.not_offloaded.empty() ? Json() : Json(row.not_offloaded)},
            {"cloud_out", row.cloud_out},
            {"size_bytes", row.size_bytes},
            {"model_config", row.model_config},
            {"deadline_ms", tenth(milliseconds(deadline_))},
            {"latency_ms", tenth(milliseconds(delivery.latency))},
            {"in_time", row.delivery && !delivery.late && delivery.source != ResultSource::kNone},
            {"vehicle_runtime_ms", tenth(milliseconds(row.vehicle_runtime))},
            {"detections", rows_of(delivery.detections)},
            {"vehicle_detections", row.vehicle ? rows_of(*row.vehicle) : Json()}};
  json["received_ms"] = tenth(milliseconds(row.received));
  const auto set_ms = [&json](const char* key, bool known, double ms) {
    json[key] = known ? Json(tenth(ms)) : Json();
  };
  set_ms("sent_ms", row.sent.has_value(), milliseconds(row.sent.value_or(Duration{})));
  const bool answered = row.remote_latency.has_value();
  set_ms("remote_latency_ms", answered, milliseconds(row.remote_latency.value_or(Duration{})));
  set_ms("server_queue_ms", answered, row.server.queue_s * 1e3);
  set_ms("server_preprocessing_ms", answered, row.server.preprocessing_s * 1e3);
  set_ms("server_inference_ms", answered, row.server.inference_s * 1e3);
  set_ms("server_overall_ms", answered, row.server.overall_s * 1e3);
  return json.dump() + '\n';
}

void DeliveryLog::write() {
  file_ << batch_ << std::flush;
  batch_.clear();
  batch_rows_ = 0;
}

}  // namespace turbo
