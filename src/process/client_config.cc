#include "process/client_config.h"

#include <algorithm>
#include <set>

#include "process/allocator_config.h"
#include "process/config_reader.h"
#include "schema/channels.h"

namespace turbo {

namespace {

constexpr ImageSize kFrameSize{1080, 1920};
constexpr double kMaxRegionBytes = 4e9;

std::string socket_name(std::string_view pattern, int id) { return channel_name(pattern, id); }

std::map<std::string, ImageSize> read_image_sizes(ConfigSection sizes) {
  std::map<std::string, ImageSize> out;
  for (const std::string& model : sizes.keys()) out[model] = sizes.image_size(model, {});
  return out;
}

std::uint64_t read_bytes(ConfigSection& section, const std::string& key, std::uint64_t fallback) {
  return static_cast<std::uint64_t>(
      section.number(key, static_cast<double>(fallback), 4096, kMaxRegionBytes));
}

// What the entries of client_config.yaml share.
struct Defaults {
  std::string zmq_dir;
  int max_entries = 100;
  std::uint64_t shm_size = kRegionBytes;
  double slo_timeout_ms = 200;
  std::map<std::string, ImageSize> model_image_sizes;
  std::string onvehicle_path, onvehicle_name, onvehicle_device;
  std::string diagnostics;
};

CameraStreamConfig read_camera(ConfigSection s, const Defaults& d) {
  CameraStreamConfig c;
  if (!s.has("camera_id")) s.fail("camera_id", "the camera's number");
  c.camera_id = s.integer("camera_id", 1, 0, 1000);
  const bool v4l2 = s.has("usb_id"), video = s.has("video_path"), image = s.has("mock_camera_image_path");
  // A still image beside a device is the prototype's --mock-camera: used only when that is given.
  c.source = s.text("source", v4l2 ? "v4l2" : video ? "video" : image ? "image" : "scene");
  if (c.source != "scene" && c.source != "v4l2" && c.source != "video" && c.source != "image")
    s.fail("source", "scene, v4l2, video or image");
  c.usb_id = s.integer("usb_id", 0, 0, 255);
  c.video_path = s.path("video_path", "");
  c.mock_camera_image_path = s.path("mock_camera_image_path", "");
  if (c.source == "v4l2" && !v4l2)
    s.fail("usb_id", "the number of /dev/video<usb_id>, which source: v4l2 needs");
  if (c.source == "video" && c.video_path.empty())
    s.fail("video_path", "a file or an rtsp:// address, which source: video needs");
  if (c.source == "image" && c.mock_camera_image_path.empty())
    s.fail("mock_camera_image_path", "an image file, which source: image needs");
  c.scene_seed = static_cast<std::uint64_t>(s.integer("scene_seed", 1, 0, 1'000'000'000));
  c.frames_per_second = s.number("frames_per_second", 5, 0.01, 240);
  c.bidirectional_zmq_sockname =
      s.endpoint("bidirectional_zmq_sockname",
                 socket_name(channel_names::socket("service{N}-camera-socket"), c.camera_id), d.zmq_dir);
  c.camera_stream_shmem_filename =
      s.shm_name("camera_stream_shmem_filename",
                 channel_name(channel_names::region("service{N}-camera-shmem"), c.camera_id));
  c.shmem_buf_size = read_bytes(s, "shmem_buf_size", d.shm_size);
  c.camera_size = s.image_size("camera_np_size", kFrameSize);
  if (const auto frame = std::uint64_t(c.camera_size.height) * std::uint64_t(c.camera_size.width) * 3;
      c.shmem_buf_size < 3 * (frame + 4096))
    s.fail("shmem_buf_size",
           "room for three frames, " + std::to_string(3 * (frame + 4096)) + " bytes or more");
  c.zmq_kill_switch_sockname =
      s.endpoint("zmq_kill_switch_sockname",
                 socket_name(channel_names::socket("camera-kill-{N}-switch"), c.camera_id), d.zmq_dir);
  s.ignore({"thread_concurrency", "max_entries"});
  s.finish();
  return c;
}

MainClientConfig read_client(ConfigSection s, const Defaults& d) {
  MainClientConfig c;
  if (!s.has("service_id")) s.fail("service_id", "the service's number");
  const int n = c.service_id = s.integer("service_id", 1, 0, 1000);
  const auto socket = [&](const char* key, std::string_view pattern) {
    return s.endpoint(key, socket_name(pattern, n), d.zmq_dir);
  };
  c.max_entries = s.integer("max_entries", d.max_entries, 1, 1'000'000);
  c.camera_bidirectional_zmq_sockname =
      socket("camera_bidirectional_zmq_sockname", channel_names::socket("service{N}-camera-socket"));
  c.camera_stream_shmem_filename = s.shm_name(
      "camera_stream_shmem_filename", channel_name(channel_names::region("service{N}-camera-shmem"), n));
  c.bandwidth_allocation_incoming_zmq_sockname = socket(
      "bandwidth_allocation_incoming_zmq_sockname", channel_names::socket("main-client-{N}-bw-subscriber"));
  c.quic_rcv_zmq_sockname = socket("quic_rcv_zmq_sockname", channel_names::socket("car-server-incoming-{N}"));
  c.quic_snd_zmq_sockname = socket("quic_snd_zmq_sockname", channel_names::socket("car-server-outgoing-{N}"));
  c.outgoing_zmq_diagnostic_sockname =
      s.endpoint("outgoing_zmq_diagnostic_sockname", d.diagnostics, d.zmq_dir);
  c.model_image_sizes = s.has("model_name_imagesize_map")
                            ? read_image_sizes(s.section("model_name_imagesize_map"))
                            : d.model_image_sizes;
  c.zmq_kill_switch_sockname =
      socket("zmq_kill_switch_sockname", channel_names::socket("client-kill-{N}-switch"));
  c.quic_snd_shm_filename = s.shm_name(
      "quic_snd_shm_filename", channel_name(channel_names::region("client-service{N}-incoming-shm"), n));
  c.quic_rcv_shm_filename = s.shm_name(
      "quic_rcv_shm_filename", channel_name(channel_names::region("client-service{N}-outgoing-shm"), n));
  c.quic_shm_size = read_bytes(s, "quic_shm_size", d.shm_size);
  c.slo_timeout = s.duration_ms("SLO_TIMEOUT_MS", d.slo_timeout_ms, 1, 60'000);
  c.onvehicle_model_path =
      s.has("onvehicle_model_path") ? s.path("onvehicle_model_path", "") : d.onvehicle_path;
  c.onvehicle_model_name = s.model_name("onvehicle_model_name", d.onvehicle_name);
  c.onvehicle_device = s.device("onvehicle_device", d.onvehicle_device);
  s.ignore({"thread_concurrency", "camera_np_size"});
  s.finish();
  return c;
}

BandwidthAllocatorConfig read_allocator(ConfigSection s, const Defaults& d,
                                        const std::vector<MainClientConfig>& clients,
                                        const std::vector<CameraStreamConfig>& cameras) {
  BandwidthAllocatorConfig c;
  c.service_id_list = s.integers("service_id_list", 0, 1000);
  if (!s.has("service_id_list"))
    for (const auto& client : clients) c.service_id_list.push_back(client.service_id);
  if (std::set<int>(c.service_id_list.begin(), c.service_id_list.end()).size() != c.service_id_list.size())
    s.fail("service_id_list", "every service id once");
  for (const int id : c.service_id_list)
    if (std::none_of(clients.begin(), clients.end(),
                     [id](const auto& client) { return client.service_id == id; }))
      s.fail("service_id_list",
             "services of main_client_config_list only; " + std::to_string(id) + " is none");
  c.t_slo = s.duration_ms("t_SLO", 150, 1, 60'000);
  for (const auto& client : clients)
    if (c.t_slo > client.slo_timeout)
      s.fail("t_SLO", "no more than the " +
                          std::to_string(static_cast<int>(milliseconds(client.slo_timeout))) +
                          " ms of SLO_TIMEOUT");
  c.model_info_csv_path = s.path("model_info_csv_path", "");
  c.parquet_eval_dir = s.path("parquet_eval_dir", "");
  c.onvehicle_model_name = s.model_name("onvehicle_model_name", d.onvehicle_name);
  c.outgoing_zmq_diagnostic_sockname =
      s.endpoint("outgoing_zmq_diagnostic_sockname", d.diagnostics, d.zmq_dir);
  if (s.has("outgoing_zmq_client_socknames")) {
    for (const auto& name : s.texts("outgoing_zmq_client_socknames"))
      c.outgoing_zmq_client_socknames.push_back(resolve_endpoint(d.zmq_dir, name));
  } else {
    for (const int id : c.service_id_list)
      c.outgoing_zmq_client_socknames.push_back(resolve_endpoint(
          d.zmq_dir, socket_name(channel_names::socket("main-client-{N}-bw-subscriber"), id)));
  }
  if (c.outgoing_zmq_client_socknames.size() != c.service_id_list.size())
    s.fail("outgoing_zmq_client_socknames", "one name for each of service_id_list");
  c.bidirectional_zmq_quic_sockname =
      s.endpoint("bidirectional_zmq_quic_sockname",
                 std::string(channel_names::socket("car-server-bw-service")), d.zmq_dir);
  c.zmq_kill_switch_sockname =
      s.endpoint("zmq_kill_switch_sockname",
                 std::string(channel_names::socket("bandwidth-allocator-kill-switch")), d.zmq_dir);
  c.bidirectional_zmq_ping_handler_sockname =
      s.endpoint("bidirectional_zmq_ping_handler_sockname",
                 std::string(channel_names::socket("ping-handler")), d.zmq_dir);
  read_allocation(s, cameras, c);
  s.ignore({"thread_concurrency", "max_entries"});
  s.finish();
  return c;
}

PingHandlerConfig read_ping(ConfigSection s, const Defaults& d, const std::string& dst_ip) {
  PingHandlerConfig c;
  c.dst_ip = s.text("dst_ip", dst_ip);
  c.bidirectional_zmq_sockname =
      s.endpoint("bidirectional_zmq_sockname", std::string(channel_names::socket("ping-handler")), d.zmq_dir);
  c.zmq_kill_switch_sockname = s.endpoint(
      "zmq_kill_switch_sockname", std::string(channel_names::socket("ping-handler-kill-switch")), d.zmq_dir);
  s.ignore({"thread_concurrency", "max_entries"});
  s.finish();
  return c;
}

PlotterConfig read_plotter(ConfigSection s, const Defaults& d, ConfigSection dashboard) {
  PlotterConfig c;
  c.zmq_incoming_diagnostic_name = s.endpoint("zmq_incoming_diagnostic_name", d.diagnostics, d.zmq_dir);
  c.host = s.text("host", c.host);
  c.port = s.integer("port", c.port, 0, 65535);
  c.keep = s.duration_ms("keep_seconds", 300, 1, 86'400) * 1000;
  s.ignore({"plotting_loop_sleep_seconds", "layout", "layouts", "plots"});
  s.finish();
  dashboard.ignore({"refresh_rate_seconds", "plotting_loop_sleep_seconds"});
  dashboard.finish();
  return c;
}

// What two processes bind or create must have two names.
void check_names_differ(const ClientConfig& c) {
  std::set<std::string> seen;
  const auto once = [&](const std::string& name) {
    if (!seen.insert(name).second)
      throw UsageError(
          c.path + ": " + name +
          " is the name of two things: every socket that is bound and every region needs its own");
  };
  for (const auto& camera : c.camera_streams)
    for (const auto& name : {camera.bidirectional_zmq_sockname, camera.camera_stream_shmem_filename,
                             camera.zmq_kill_switch_sockname})
      once(name);
  for (const auto& client : c.clients)
    for (const auto& name :
         {client.quic_rcv_zmq_sockname, client.bandwidth_allocation_incoming_zmq_sockname,
          client.zmq_kill_switch_sockname, client.quic_snd_shm_filename, client.quic_rcv_shm_filename})
      once(name);
  for (const auto& name :
       {c.bandwidth_allocator.bidirectional_zmq_quic_sockname, c.bandwidth_allocator.zmq_kill_switch_sockname,
        c.ping_handler.bidirectional_zmq_sockname, c.ping_handler.zmq_kill_switch_sockname,
        c.plotter.zmq_incoming_diagnostic_name})
    once(name);
}

template <typename Entry>
const Entry& find_entry(const std::vector<Entry>& entries, int Entry::*id, int wanted,
                        const std::string& path, const char* list) {
  for (const Entry& entry : entries)
    if (entry.*id == wanted) return entry;
  throw UsageError(path + ": " + list + " has no entry for --service-id " + std::to_string(wanted));
}

}  // namespace

const MainClientConfig& ClientConfig::client(int id) const {
  return find_entry(clients, &MainClientConfig::service_id, id, path, "main_client_config_list");
}

const CameraStreamConfig& ClientConfig::camera_stream(int id) const {
  return find_entry(camera_streams, &CameraStreamConfig::camera_id, id, path, "camera_stream_config_list");
}

ClientConfig load_client_config(const std::string& path) {
  ConfigSection top = ConfigSection::load(path);
  ClientConfig c;
  c.path = path;
  c.zmq_dir = top.text("zmq_dir", "/tmp/turbo");
  if (!c.zmq_dir.starts_with('/')) top.fail("zmq_dir", "an absolute folder");
  c.experiment_output_dir = top.path("experiment_output_dir", "../runs");
  if (const std::string subdir = top.text("client_subdir", ""); !subdir.empty())
    c.experiment_output_dir += "/" + subdir;
  c.dst_ip = top.text("DST_IP", "127.0.0.1");

  Defaults d;
  d.zmq_dir = c.zmq_dir;
  d.max_entries = top.integer("MAX_LOG_ENTRIES", 100, 1, 1'000'000);
  d.shm_size = read_bytes(top, "QUIC_SHM_SIZE", kRegionBytes);
  d.slo_timeout_ms = top.number("SLO_TIMEOUT", 200, 1, 60'000);
  d.model_image_sizes = read_image_sizes(top.section("model_image_size_map"));
  d.onvehicle_path = top.path("onvehicle_model_path", "../models/td1.onnx");
  d.onvehicle_name = top.model_name("onvehicle_model_name", "td1");
  d.onvehicle_device = top.device("onvehicle_device", "cpu");
  d.diagnostics = std::string(channel_names::socket("car-client-diagnostics"));

  std::set<int> ids;
  for (auto& entry : top.list("main_client_config_list")) {
    c.clients.push_back(read_client(entry, d));
    if (!ids.insert(c.clients.back().service_id).second) entry.fail("service_id", "every service id once");
  }
  for (std::size_t i = 0; i < c.clients.size(); ++i) {
    c.clients[i].place = static_cast<int>(i);
    c.clients[i].places = static_cast<int>(c.clients.size());
  }
  if (c.clients.empty()) top.fail("main_client_config_list", "a list of at least one client");
  ids.clear();
  for (auto& entry : top.list("camera_stream_config_list")) {
    c.camera_streams.push_back(read_camera(entry, d));
    if (!ids.insert(c.camera_streams.back().camera_id).second)
      entry.fail("camera_id", "every camera id once");
  }
  c.bandwidth_allocator =
      read_allocator(top.section("bandwidth_allocator_config"), d, c.clients, c.camera_streams);
  c.ping_handler = read_ping(top.section("ping_handler_config"), d, c.dst_ip);
  c.plotter = read_plotter(top.section("main_plotter_config"), d, top.section("web_dashboard_config"));
  top.ignore({"logging_config_filepath"});
  top.finish();
  check_names_differ(c);
  return c;
}

}  // namespace turbo
