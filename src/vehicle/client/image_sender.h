#pragma once
// Puts a frame into client-service{N}-incoming-shm as a configuration says: compressed straight into the
// region.

#include <cstdint>
#include <map>
#include <string>

#include "core/image/image.h"
#include "core/time.h"
#include "core/utility/model_config.h"
#include "inference/image_codec.h"
#include "inference/preprocess.h"
#include "transport/shm/region.h"

namespace turbo {

class ImageSender {
 public:
  // Creates the region. sizes: of each cloud model's input.
  ImageSender(const std::string& region_name, std::size_t region_bytes, int service_id,
              std::map<std::string, ImageSize> sizes);

  // Whether the configuration can be sent: the size of its model's input is known.
  bool can_send(const ModelConfig& config) const { return sizes_.contains(config.model); }

  struct Written {
    std::size_t size_bytes = 0;  // of the whole message; 0: not written
    std::string error;
  };
  // deadline: when the answer has to be here; travels with the image.
  Written write(std::uint64_t context_id, Time deadline, const ModelConfig& config, ImageView frame);

 private:
  Region region_;
  int service_id_;
  std::map<std::string, ImageSize> sizes_;
  ImageCodec codec_;
  Resizer resizer_;
  Image resized_;
};

}  // namespace turbo
