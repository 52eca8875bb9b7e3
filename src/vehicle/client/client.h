#pragma once
// One camera's client: takes the newest frame, lets the vehicle's model look at it, sends it to the cloud as
// the allocator's choice says, and delivers one answer for it by its deadline. Lives in the process's loop;
// the model and the compression have a thread each (OnvehicleWorker, CompressWorker). One frame at a time:
// the next one is asked for, and this one so given back, when both are done with it.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/freshness/cloud_watch.h"
#include "core/freshness/frame_ledger.h"
#include "core/freshness/turns.h"
#include "core/utility/model_config.h"
#include "process/client_config.h"
#include "process/process.h"
#include "process/trouble.h"
#include "transport/messages/messages.h"
#include "transport/shm/region.h"
#include "vehicle/client/compress_worker.h"
#include "vehicle/client/delivery_log.h"
#include "vehicle/client/onvehicle_worker.h"

namespace turbo {

class Client {
 public:
  Client(Process& process, const MainClientConfig& config, const std::string& run_folder);

  // After the loop was stopped: takes no more frames, and runs the loop on until those under way are
  // delivered and logged. Not longer than an SLO, and not longer than a main waits for its children.
  void finish();

 private:
  struct UnderWay {
    std::string model_config;  // by which it was, or was to be, looked at
    bool offloaded = false;
  };
  void ask_for_frame(Time now);
  void ask_again(Time now);
  void camera_trouble(Time now, const std::string& what);
  void on_camera_answer(Time now, std::optional<Parts> reply);
  void on_frame(Time now, const CameraDataResponse& frame);
  void on_model_done(Time now);
  void on_compressed(Time now);
  void on_quic_answer(Time now, std::uint64_t context_id, const std::optional<Parts>& reply);
  std::string_view why_not_offloaded(Time captured);
  void give_frame_back(Time now);
  void answer_alone(Time now, std::uint64_t context_id);
  Parts on_result_notice(Time now, const Parts& request);
  void on_allocation(const std::string& json);
  std::string take_allocation(const std::string& json);
  void deliver(Time now);
  void watch_cloud(Time now);
  void report(const Delivery& delivery);

  Process& process_;
  MainClientConfig config_;
  ModelConfig choice_;  // what the allocator wants now
  std::string choice_name_;
  bool choice_is_remote_ = false;
  Turns turns_;

  FrameLedger ledger_;
  CloudWatch cloud_;
  DeliveryLog log_;
  AttachedRegion camera_region_;  // outlives the threads, which read the frame where it lies
  OnvehicleWorker model_;
  CompressWorker compressor_;
  Region result_region_;
  std::vector<std::uint8_t> result_;  // the last answer's bytes, used again

  Requester camera_;
  Requester quic_;
  Responder results_;
  Subscriber allocations_;
  Publisher diagnostics_;

  std::uint64_t newest_seen_ = 0;
  std::optional<Time> no_frame_since_;
  std::map<std::uint64_t, UnderWay> under_way_;  // what the ledger has, besides
  Trouble camera_trouble_, model_trouble_, sending_trouble_, quic_trouble_, cloud_trouble_,
      allocation_trouble_;
  bool finishing_ = false;
  EventLoop::Id deadline_timer_;
  EventLoop::Id cloud_timer_;
  EventLoop::Id again_timer_;
};

}  // namespace turbo
