#include "transport/messages/messages.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "schema/messages_generated.h"

namespace turbo {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;
constexpr Duration kFarthestDeadline = std::chrono::seconds(60);

std::vector<std::uint8_t> bytes_of(flatbuffers::FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

template <typename Table>
const Table* verified(std::span<const std::uint8_t> header, std::string& error) {
  if (header.size() > kMaxHeaderBytes) {
    error = "header of " + std::to_string(header.size()) + " bytes";
    return nullptr;
  }
  // FlatBuffers 2.0 asserts that a buffer is not empty and that its alignment is right: copy into aligned
  // memory.
  thread_local std::vector<std::uint64_t> aligned;
  aligned.assign((header.size() + 7) / 8 + 1, 0);
  auto* const data = reinterpret_cast<std::uint8_t*>(aligned.data());
  std::copy(header.begin(), header.end(), data);
  flatbuffers::Verifier verifier(data, header.size());
  if (header.size() < 8 || !verifier.VerifySizePrefixedBuffer<Table>(nullptr)) {
    error = "not a valid message";
    return nullptr;
  }
  return flatbuffers::GetSizePrefixedRoot<Table>(data);
}

bool read_text(const flatbuffers::String* text, std::string& out, const char* name, std::string& error) {
  if (text == nullptr) return true;
  if (text->size() > kMaxTextBytes) {
    error = std::string(name) + " is too long";
    return false;
  }
  out = text->str();
  return true;
}

bool read_status(msg::Status status, Status& out, std::string& error) {
  if (status < msg::Status_MIN || status > msg::Status_MAX) {
    error = "unknown status " + std::to_string(static_cast<int>(status));
    return false;
  }
  out = static_cast<Status>(status);
  return true;
}

template <typename Table, typename Decode>
bool rename(std::span<std::uint8_t> header, std::uint64_t context_id, Decode decode) {
  static_assert(std::endian::native == std::endian::little);
  std::string error;
  const auto before = decode(header, error);
  if (!before) return false;
  auto* const table = reinterpret_cast<flatbuffers::Table*>(
      const_cast<Table*>(flatbuffers::GetSizePrefixedRoot<Table>(header.data())));
  std::uint8_t* const field = table->GetAddressOf(Table::VT_CONTEXT_ID);
  if (field == nullptr) return false;
  std::memcpy(field, &context_id, sizeof context_id);
  auto after = decode(header, error);  // whose other fields may have lain in the same bytes
  if (!after || std::exchange(after->context_id, before->context_id) != context_id) return false;
  return *after == *before;
}

bool is_side(std::uint32_t pixels) { return pixels >= 1 && pixels <= kMaxImageSide; }
bool is_duration(double seconds) { return std::isfinite(seconds) && seconds >= 0 && seconds < 1e6; }

}  // namespace

std::vector<std::uint8_t> encode(const CameraDataRequest& m) {
  flatbuffers::FlatBufferBuilder builder;
  builder.FinishSizePrefixed(msg::CreateCameraDataRequest(builder, m.reader_pid, m.reader_id, m.newer_than,
                                                          m.wait_ms, m.release_only));
  return bytes_of(builder);
}

std::vector<std::uint8_t> encode(const CameraDataResponse& m) {
  flatbuffers::FlatBufferBuilder builder;
  const auto error = builder.CreateString(m.error);
  const auto path = builder.CreateString(m.image_path);
  builder.FinishSizePrefixed(msg::CreateCameraDataResponse(
      builder, static_cast<msg::Status>(m.status), error, m.context_id, m.camera_id, m.slot, m.offset_bytes,
      m.size_bytes, m.height, m.width, m.channels, m.capture_monotonic_ns, m.capture_unix_s, path));
  return bytes_of(builder);
}

std::vector<std::uint8_t> encode(const ModelServerRequest& m) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);  // the size must not depend on the values
  const auto config = builder.CreateString(m.model_config);
  builder.FinishSizePrefixed(msg::CreateModelServerRequest(
      builder, m.context_id, m.service_id, config, static_cast<msg::ImageForm>(m.form), m.height, m.width,
      m.frame_height, m.frame_width, m.payload_bytes, m.deadline_monotonic_ns));
  return bytes_of(builder);
}

std::vector<std::uint8_t> encode(const ModelServerResponse& m) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<msg::Detection> rows;
  rows.reserve(m.detections.size());
  for (const Detection& d : m.detections)
    rows.emplace_back(d.box.x_min, d.box.y_min, d.box.x_max, d.box.y_max, d.score, d.label);
  const auto config = builder.CreateString(m.model_config);
  const auto error = builder.CreateString(m.error);
  const auto detections = builder.CreateVectorOfStructs(rows);
  builder.FinishSizePrefixed(msg::CreateModelServerResponse(
      builder, m.context_id, m.service_id, config, static_cast<msg::Status>(m.status), error, detections,
      m.deserialization_s, m.queue_s, m.preprocessing_s, m.inference_s, m.overall_s));
  return bytes_of(builder);
}

std::optional<CameraDataRequest> decode_camera_request(std::span<const std::uint8_t> header,
                                                       std::string& error) {
  const auto* m = verified<msg::CameraDataRequest>(header, error);
  if (m == nullptr) return std::nullopt;
  if (m->reader_pid() <= 0) return error = "reader_pid is not a process", std::nullopt;
  if (m->wait_ms() > 1000) return error = "wait_ms is above 1000", std::nullopt;
  return CameraDataRequest{m->reader_pid(), m->reader_id(), m->newer_than(), m->wait_ms(), m->release_only()};
}

std::optional<CameraDataResponse> decode_camera_response(std::span<const std::uint8_t> header,
                                                         std::string& error) {
  const auto* m = verified<msg::CameraDataResponse>(header, error);
  if (m == nullptr) return std::nullopt;
  CameraDataResponse out;
  if (!read_status(m->status(), out.status, error) || !read_text(m->error(), out.error, "error", error) ||
      !read_text(m->image_path(), out.image_path, "image_path", error))
    return std::nullopt;
  out.context_id = m->context_id();
  out.camera_id = m->camera_id();
  out.slot = m->slot();
  out.offset_bytes = m->offset_bytes();
  out.size_bytes = m->size_bytes();
  out.height = m->height();
  out.width = m->width();
  out.channels = m->channels();
  out.capture_monotonic_ns = m->capture_monotonic_ns();
  out.capture_unix_s = m->capture_unix_s();
  if (out.status == Status::kOk && (!is_side(out.height) || !is_side(out.width) || out.channels != 3 ||
                                    !std::isfinite(out.capture_unix_s) ||
                                    out.size_bytes != std::uint64_t{out.height} * out.width * out.channels))
    return error = "a frame whose sizes do not agree", std::nullopt;
  return out;
}

std::optional<ModelServerRequest> decode_server_request(std::span<const std::uint8_t> header,
                                                        std::string& error) {
  const auto* m = verified<msg::ModelServerRequest>(header, error);
  if (m == nullptr) return std::nullopt;
  ModelServerRequest out;
  if (!read_text(m->model_config(), out.model_config, "model_config", error)) return std::nullopt;
  if (m->form() < msg::ImageForm_MIN || m->form() > msg::ImageForm_MAX)
    return error = "unknown image form " + std::to_string(static_cast<int>(m->form())), std::nullopt;
  out.context_id = m->context_id();
  out.service_id = m->service_id();
  out.form = static_cast<ImageForm>(m->form());
  out.height = m->height();
  out.width = m->width();
  out.frame_height = m->frame_height();
  out.frame_width = m->frame_width();
  out.payload_bytes = m->payload_bytes();
  out.deadline_monotonic_ns = m->deadline_monotonic_ns();
  if (!is_side(out.height) || !is_side(out.width) || !is_side(out.frame_height) || !is_side(out.frame_width))
    return error = "an image of impossible size", std::nullopt;
  if (out.form == ImageForm::kRawBgr && out.payload_bytes != std::uint64_t{out.height} * out.width * 3)
    return error = "a raw image whose size is not height * width * 3", std::nullopt;
  return out;
}

std::optional<Time> answer_deadline(const ModelServerRequest& request, Time now) {
  const std::int64_t ns = request.deadline_monotonic_ns;
  if (ns <= 0) return std::nullopt;
  const Time deadline{Duration(ns)};  // of the same sign as now: their difference does not overflow
  if (deadline - now > kFarthestDeadline || now - deadline > kFarthestDeadline) return std::nullopt;
  return deadline;
}

std::optional<ModelServerResponse> decode_server_response(std::span<const std::uint8_t> header,
                                                          std::string& error) {
  const auto* m = verified<msg::ModelServerResponse>(header, error);
  if (m == nullptr) return std::nullopt;
  ModelServerResponse out;
  if (!read_status(m->status(), out.status, error) || !read_text(m->error(), out.error, "error", error) ||
      !read_text(m->model_config(), out.model_config, "model_config", error))
    return std::nullopt;
  out.context_id = m->context_id();
  out.service_id = m->service_id();
  if (m->detections() != nullptr) {
    if (m->detections()->size() > kMaxDetections) return error = "too many detections", std::nullopt;
    for (const msg::Detection* d : *m->detections()) {
      const float values[] = {d->x_min(), d->y_min(), d->x_max(), d->y_max(), d->score()};
      for (const float v : values)
        if (!std::isfinite(v)) return error = "a detection that is not finite", std::nullopt;
      if (d->x_min() > d->x_max() || d->y_min() > d->y_max() || d->score() < 0 || d->score() > 1 ||
          d->label() < 0 || d->label() >= kObjectClasses)
        return error = "an impossible detection", std::nullopt;
      out.detections.push_back({{values[0], values[1], values[2], values[3]}, values[4], d->label()});
    }
  }
  out.deserialization_s = m->deserialization_s();
  out.queue_s = m->queue_s();
  out.preprocessing_s = m->preprocessing_s();
  out.inference_s = m->inference_s();
  out.overall_s = m->overall_s();
  for (const double s :
       {out.deserialization_s, out.queue_s, out.preprocessing_s, out.inference_s, out.overall_s})
    if (!is_duration(s)) return error = "an impossible timing", std::nullopt;
  return out;
}

bool rename_request(std::span<std::uint8_t> header, std::uint64_t context_id) {
  return rename<msg::ModelServerRequest>(header, context_id, decode_server_request);
}

bool rename_response(std::span<std::uint8_t> header, std::uint64_t context_id) {
  return rename<msg::ModelServerResponse>(header, context_id, decode_server_response);
}

}  // namespace turbo
