#pragma once
// Compresses frames into client-service{N}-incoming-shm in a thread of its own: a PNG takes half a deadline,
// and the client's loop must not wait for it.

#include <cstdint>
#include <optional>
#include <string>

#include "vehicle/client/image_sender.h"
#include "vehicle/client/worker.h"

namespace turbo {

class CompressWorker {
 public:
  struct Result {
    std::uint64_t context_id = 0;
    std::size_t size_bytes = 0;  // of the whole message in the region; 0: not written
    std::string error;           // empty: written
    Time deadline{};             // as it was given
  };

  // ImageSender's arguments.
  CompressWorker(const std::string& region_name, std::size_t region_bytes, int service_id,
                 std::map<std::string, ImageSize> sizes);

  bool can_send(const ModelConfig& config) const { return sender_.can_send(config); }

  // deadline: the answer's. The frame's memory must stay until the result is there. Only while idle(), and
  // while no peer reads the region.
  void start(std::uint64_t context_id, Time deadline, const ModelConfig& config, ImageView frame) {
    worker_.start({context_id, deadline, config, frame});
  }
  bool idle() const { return worker_.idle(); }
  int fd() const { return worker_.fd(); }
  std::optional<Result> take() { return worker_.take(); }

 private:
  struct Job {
    std::uint64_t context_id = 0;
    Time deadline;
    ModelConfig config;
    ImageView frame;
  };

  ImageSender sender_;  // with its region: outlives the thread
  Worker<Job, Result> worker_;
};

}  // namespace turbo
