#pragma once
// The models of one model server.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cloud/model_server/answerer.h"
#include "core/utility/model_config.h"
#include "inference/detector.h"
#include "inference/image_codec.h"
#include "inference/region_canvas.h"
#include "process/server_config.h"

namespace turbo {

class InferenceEngine : public Answerer {
 public:
  // Loads every model. Throws std::runtime_error with one line when one cannot be.
  InferenceEngine(const std::vector<ServerModel>& models, const std::string& device);

  ModelServerResponse answer(const ModelServerRequest& request,
                             std::span<const std::uint8_t> payload) override;
  std::string description() const override;

 private:
  Detector* find(const ModelConfig& config, std::string& error);

  std::string device_;
  std::map<std::string, Detector, std::less<>> detectors_;  // by base_model
  ImageCodec codec_;
  RegionCanvas canvas_;
};

}  // namespace turbo
