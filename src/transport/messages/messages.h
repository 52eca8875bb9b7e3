#pragma once
// The FlatBuffers of schema/messages.fbs as plain structs. Decoding verifies first and checks every bound:
// what comes out is safe to use; what does not verify gives nothing and one line of why.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/detection/detection.h"
#include "core/image/image.h"
#include "core/time.h"

namespace turbo {

enum class Status : std::int8_t { kOk = 0, kNotYet = 1, kRefused = 2, kFailed = 3 };

struct CameraDataRequest {
  std::int32_t reader_pid = 0;
  std::uint64_t reader_id = 0;
  std::uint64_t newer_than = 0;  // context id; 0: any
  std::uint32_t wait_ms = 0;     // at most 1000
  bool release_only = false;
};

struct CameraDataResponse {
  Status status = Status::kOk;
  std::string error;
  std::uint64_t context_id = 0;
  std::int32_t camera_id = 0;
  std::uint32_t slot = 0;
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;  // height * width * channels: decoding checks it
  std::uint32_t height = 0, width = 0, channels = 3;
  std::int64_t capture_monotonic_ns = 0;
  double capture_unix_s = 0;
  std::string image_path;
};

struct ModelServerRequest {
  std::uint64_t context_id = 0;
  std::int32_t service_id = 0;
  std::string model_config;
  ImageForm form = ImageForm::kJpeg;
  std::uint32_t height = 0, width = 0;              // of the image that follows
  std::uint32_t frame_height = 0, frame_width = 0;  // of the camera frame
  std::uint64_t payload_bytes = 0;
  std::int64_t deadline_monotonic_ns = 0;  // of the vehicle's clock: see answer_deadline

  bool operator==(const ModelServerRequest&) const = default;
};

struct ModelServerResponse {
  std::uint64_t context_id = 0;
  std::int32_t service_id = 0;
  std::string model_config;
  Status status = Status::kOk;
  std::string error;
  Detections detections;  // pixels of the camera frame
  double deserialization_s = 0, queue_s = 0, preprocessing_s = 0, inference_s = 0, overall_s = 0;

  bool operator==(const ModelServerResponse&) const = default;
};

inline constexpr std::size_t kMaxDetections = 1000;
inline constexpr std::uint32_t kMaxImageSide = 16384;
inline constexpr std::size_t kMaxHeaderBytes = 64 * 1024;

// Size-prefixed FlatBuffers. The size of an encoded request depends on model_config's length only, never on
// payload_bytes, so that an image can be encoded where it will lie before its size is known.
std::vector<std::uint8_t> encode(const CameraDataRequest& message);
std::vector<std::uint8_t> encode(const CameraDataResponse& message);
std::vector<std::uint8_t> encode(const ModelServerRequest& message);
std::vector<std::uint8_t> encode(const ModelServerResponse& message);

// header: a size-prefixed FlatBuffer. Nothing, with the reason
// in error, when it is not one or a value is impossible.
std::optional<CameraDataRequest> decode_camera_request(std::span<const std::uint8_t> header,
                                                       std::string& error);
std::optional<CameraDataResponse> decode_camera_response(std::span<const std::uint8_t> header,
                                                         std::string& error);
std::optional<ModelServerRequest> decode_server_request(std::span<const std::uint8_t> header,
                                                        std::string& error);
// When the answer to the request has to be with the client. Nothing when it names no deadline, or one more
// than 60 s away, which no client of this machine sets.
std::optional<Time> answer_deadline(const ModelServerRequest& request, Time now);
std::optional<ModelServerResponse> decode_server_response(std::span<const std::uint8_t> header,
                                                          std::string& error);

// Writes another context id into a request or response that lies whole in memory, the rest as it is. header:
// one that decoded. False, and it is of no use any more, when its sender left no room for an id of its own
// (encoders leave out fields of the value 0) or let it overlap with something else.
bool rename_request(std::span<std::uint8_t> header, std::uint64_t context_id);
bool rename_response(std::span<std::uint8_t> header, std::uint64_t context_id);

inline std::span<const std::uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace turbo
