#pragma once
// One camera's client: takes the newest frame, lets the vehicle's model look at it, sends it to the cloud as
// the allocator's choice says, and delivers one answer for it by its deadline. Lives in the process's loop;
// the model has a thread of its own (OnvehicleWorker).

#include <memory>
#include <optional>
#include <string>

#include "core/freshness/frame_ledger.h"
#include "core/utility/model_config.h"
#include "process/client_config.h"
#include "process/process.h"
#include "transport/messages/messages.h"
#include "transport/shm/region.h"
#include "vehicle/client/delivery_log.h"
#include "vehicle/client/image_sender.h"
#include "vehicle/client/onvehicle_worker.h"

namespace turbo {

class Client {
 public:
  Client(Process& process, const MainClientConfig& config, const std::string& run_folder);

 private:
  void ask_for_frame(Time now);
  void ask_again(Time now);
  void camera_trouble(Time now, const std::string& what);
  void on_camera_answer(Time now, std::optional<Parts> reply);
  void on_frame(Time now, const CameraDataResponse& frame);
  bool offload(Time now, std::uint64_t context_id, ImageView frame);
  void on_model_done(Time now);
  Parts on_result_notice(Time now, const Parts& request);
  void on_allocation(const std::string& json);
  void deliver(Time now);
  void report(const Delivery& delivery);

  Process& process_;
  MainClientConfig config_;
  ModelConfig choice_;  // what the allocator wants now
  std::string choice_name_;
  bool choice_is_remote_ = false;

  FrameLedger ledger_;
  DeliveryLog log_;
  AttachedRegion camera_region_;  // outlives the model, which reads the frame where it lies
  OnvehicleWorker model_;
  ImageSender image_sender_;
  Region result_region_;
  std::vector<std::uint8_t> result_;  // the last answer's bytes, used again

  Requester camera_;
  Requester quic_;
  Responder results_;
  Subscriber allocations_;
  Publisher diagnostics_;

  std::uint64_t newest_seen_ = 0;
  std::optional<Time> no_frame_since_;
  std::string camera_trouble_;               // as said in the log; empty: none
  bool quic_silent_ = false;                 // said so in the log
  std::map<std::uint64_t, bool> offloaded_;  // of the frames under way, for the diagnostics
  EventLoop::Id deadline_timer_;
  EventLoop::Id again_timer_;
};

}  // namespace turbo
