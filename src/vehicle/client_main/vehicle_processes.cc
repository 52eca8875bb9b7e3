#include "vehicle/client_main/vehicle_processes.h"

#include <algorithm>

#include "transport/quic/host_port.h"

namespace turbo {

namespace {

// A service is in several lists; one that was forgotten in one of them would wait for ever.
void check_lists_agree(const ClientConfig& config) {
  const auto refuse = [&](int id, const std::string& where) {
    throw UsageError(config.path + ": service " + std::to_string(id) +
                     " of main_client_config_list is not in " + where +
                     ": a service stands in each of these lists");
  };
  const std::vector<int>& chosen = config.bandwidth_allocator.service_id_list;
  for (const MainClientConfig& client : config.clients) {
    const int id = client.service_id;
    if (std::none_of(config.camera_streams.begin(), config.camera_streams.end(),
                     [&](const CameraStreamConfig& camera) { return camera.camera_id == id; }))
      refuse(id, "camera_stream_config_list");
    if (std::find(chosen.begin(), chosen.end(), id) == chosen.end())
      refuse(id, "bandwidth_allocator_config.service_id_list");
  }
}

}  // namespace

void check_vehicle(const ClientConfig& config, const QuicConfig& quic, const Arguments& arguments) {
  const auto ours = [&](const std::string& name) {
    return std::find(arguments.external.begin(), arguments.external.end(), name) == arguments.external.end();
  };
  if (!choose_host_port(arguments.server, quic.server_address))
    throw UsageError("--server " + arguments.server + ": expected HOST or HOST:PORT");
  check_same_folder(config.path, config.zmq_dir, quic);
  check_lists_agree(config);
  if (ours("bandwidth-allocator"))
    check_file_exists(config.path, "model_info_csv_path", config.bandwidth_allocator.model_info_csv_path);
  if (ours("quic-client")) {
    check_file_exists(quic.path, "ca_certificate_path", quic.ca_certificate_path);
    check_file_exists(quic.path, "vehicle_certificate_path", quic.vehicle_certificate_path);
    check_file_exists(quic.path, "vehicle_private_key_path", quic.vehicle_private_key_path);
  }
  for (const auto& client : config.clients) {
    if (ours("client-" + std::to_string(client.service_id)))
      check_file_exists(config.path, "onvehicle_model_path", client.onvehicle_model_path);
    check_has_service(config.path, client.service_id, quic);
  }
  for (const auto& camera : config.camera_streams) {
    if (!ours("camera-stream-" + std::to_string(camera.camera_id))) continue;
    if (camera.source == "image")
      check_file_exists(config.path, "mock_camera_image_path", camera.mock_camera_image_path);
    if (camera.source == "video" && camera.video_path.find("://") == std::string::npos)
      check_file_exists(config.path, "video_path", camera.video_path);
  }
}

std::vector<ChildSpec> vehicle_processes(const ClientConfig& config, const Arguments& arguments,
                                         const std::string& run_folder) {
  std::vector<ChildSpec> children;
  const auto add = [&](const std::string& program, int service_id, const std::string& file,
                       const std::string& kill_switch, std::vector<std::string> more = {}) {
    ChildSpec child;
    child.name = service_id < 0 ? program : program + "-" + std::to_string(service_id);
    child.command = {sibling_program("turbo-" + program), "--config", file, "--run-dir",
                     run_folder + "/" + child.name};
    if (service_id >= 0)
      child.command.insert(child.command.end(), {"--service-id", std::to_string(service_id)});
    child.command.insert(child.command.end(), more.begin(), more.end());
    child.kill_switch = kill_switch;
    children.push_back(std::move(child));
  };
  std::vector<std::string> server;
  if (!arguments.server.empty()) server = {"--server", arguments.server};

  add("plotter", -1, config.path, "");
  add("ping-handler", -1, config.path, config.ping_handler.zmq_kill_switch_sockname, server);
  add("bandwidth-allocator", -1, config.path, config.bandwidth_allocator.zmq_kill_switch_sockname);
  add("quic-client", -1, arguments.quic_config, "", server);
  for (const auto& camera : config.camera_streams) {
    std::vector<std::string> mock;
    if (arguments.has("mock-camera")) mock = {"--mock-camera"};
    add("camera-stream", camera.camera_id, config.path, camera.zmq_kill_switch_sockname, mock);
  }
  for (const auto& client : config.clients)
    add("client", client.service_id, config.path, client.zmq_kill_switch_sockname);
  mark_external(children, arguments.external);
  return children;
}

}  // namespace turbo
