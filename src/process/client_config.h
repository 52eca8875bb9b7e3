#pragma once
// config/client_config.yaml: the vehicle. Sockets are full endpoints here (bare names resolved in zmq_dir).
// load_client_config throws UsageError with one line: file, line, key, what was expected.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/image/image.h"
#include "core/time.h"

namespace turbo {

struct CameraStreamConfig {
  int camera_id = 1;             // also the service's id and, for a scene, which camera of its world
  std::string source = "scene";  // "scene", "v4l2", "video", "image"; from which of the next keys is set
  int usb_id = 0;                // v4l2: /dev/video<usb_id>
  std::string video_path;        // a file or an rtsp:// address
  std::string mock_camera_image_path;  // a still image
  std::uint64_t scene_seed = 1;
  double frames_per_second = 5;
  std::string bidirectional_zmq_sockname;
  std::string camera_stream_shmem_filename;
  std::uint64_t shmem_buf_size = 0;
  ImageSize camera_size;  // camera_np_size, always 3 channels
  std::string zmq_kill_switch_sockname;
};

struct MainClientConfig {
  int service_id = 1;
  int max_entries = 100;
  std::string camera_bidirectional_zmq_sockname;
  std::string camera_stream_shmem_filename;
  std::string bandwidth_allocation_incoming_zmq_sockname;
  std::string
      quic_rcv_zmq_sockname;  // car-server-incoming-N: answers come in here (the IPC reference's meaning)
  std::string quic_snd_zmq_sockname;  // car-server-outgoing-N: images go out here
  std::string outgoing_zmq_diagnostic_sockname;
  std::map<std::string, ImageSize> model_image_sizes;
  std::string zmq_kill_switch_sockname;
  std::string quic_snd_shm_filename;  // client-serviceN-incoming-shm
  std::string quic_rcv_shm_filename;  // client-serviceN-outgoing-shm
  std::uint64_t quic_shm_size = 0;
  Duration slo_timeout{};            // SLO_TIMEOUT_MS, from the frame's capture to its delivery
  std::string onvehicle_model_path;  // ONNX
  std::string onvehicle_model_name;  // as in a configuration's name: "td1"
  std::string onvehicle_device = "cpu";
  int place = 0, places = 1;  // among the clients: whose turn it is when not every frame is sent
};

struct BandwidthAllocatorConfig {
  std::vector<int> service_id_list;
  Duration t_slo{};
  std::string model_info_csv_path;
  std::string parquet_eval_dir;  // evaluation data; empty: the model table's own utilities count
  std::string onvehicle_model_name;
  std::string outgoing_zmq_diagnostic_sockname;
  std::vector<std::string> outgoing_zmq_client_socknames;  // in the order of service_id_list
  std::string bidirectional_zmq_quic_sockname;
  std::string zmq_kill_switch_sockname;
  std::string bidirectional_zmq_ping_handler_sockname;
  std::string policy = "static";            // or "live"
  std::string allocator = "exact";          // one of allocator_names()
  std::string budget = "expected";          // one of budget_names()
  std::map<int, double> weights;            // by service, of its utility; 1 where there is none
  std::map<int, double> min_utilities;      // by service: safety floors; 0 where there is none
  std::vector<double> frame_rates;          // a second, to choose from beside the camera's own
  std::optional<double> staleness_cost;     // utility lost a second, to who carries the cloud's boxes forward
  std::map<int, double> frames_per_second;  // by service, of its camera; where it has one here
};

struct PingHandlerConfig {
  std::string dst_ip;
  std::string bidirectional_zmq_sockname;
  std::string zmq_kill_switch_sockname;
};

struct PlotterConfig {
  std::string zmq_incoming_diagnostic_name;
  std::string host = "localhost";
  int port = 5000;
  Duration keep{};  // how much of the past is kept
};

struct ClientConfig {
  std::string path;  // of the file
  std::string experiment_output_dir;
  std::string zmq_dir;
  std::string dst_ip;  // DST_IP: the cloud
  std::vector<MainClientConfig> clients;
  BandwidthAllocatorConfig bandwidth_allocator;
  std::vector<CameraStreamConfig> camera_streams;
  PingHandlerConfig ping_handler;
  PlotterConfig plotter;

  const MainClientConfig& client(int service_id) const;          // throws UsageError if there is none
  const CameraStreamConfig& camera_stream(int camera_id) const;  // likewise
};

ClientConfig load_client_config(const std::string& path);

}  // namespace turbo
