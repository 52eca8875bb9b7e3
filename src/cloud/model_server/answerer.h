#pragma once
// Who finds out what is in a picture: the models, or a recording of what they once said.

#include <cstdint>
#include <span>
#include <string>

#include "transport/messages/messages.h"

namespace turbo {

class Answerer {
 public:
  virtual ~Answerer() = default;

  // The worker thread's. `request` is verified; the payload may be anything. Always an answer: what cannot be
  // done has the status Failed and says why. Fills status, error, detections (pixels of the camera frame,
  // kMaxDetections at most), preprocessing_s and inference_s; the rest is the caller's.
  virtual ModelServerResponse answer(const ModelServerRequest& request,
                                     std::span<const std::uint8_t> payload) = 0;

  // Ends a wait that answer() may be in, now and from now on: the process stops. Any thread.
  virtual void hurry() {}

  // One line for the log: what answers here.
  virtual std::string description() const = 0;
};

}  // namespace turbo
