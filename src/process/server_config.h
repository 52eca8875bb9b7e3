#pragma once
// config/server_config_gcloud.yaml: the cloud. load_server_config throws UsageError (file, line, key, what
// was expected).

#include <cstdint>
#include <string>
#include <vector>

#include "process/client_config.h"

namespace turbo {

struct ServerModel {
  std::string checkpoint_path;  // ONNX
  int num_classes = 5;
  ImageSize image_size;
  std::string base_model;  // the name in a configuration: "td2"
};

struct ModelServerConfig {
  int service_id = 1;
  std::vector<ServerModel> models;    // model_metadata_list
  std::string device = "cpu";         // or cuda:N
  std::string incoming_zmq_sockname;  // remote-server-outgoing-N: requests come in here, we bind
  std::string incoming_shm_filename;  // server-serviceN-outgoing-shm
  std::string outgoing_zmq_sockname;  // remote-server-incoming-N: answers go out here, we connect
  std::string outgoing_shm_filename;  // server-serviceN-incoming-shm
  std::uint64_t shm_filesize = 0;
  std::string zmq_kill_switch_sockname;
  std::string mock_inference_output_path;
  std::string mock_model_latency_csv_path;
};

struct ServerConfig {
  std::string path;
  std::string experiment_output_dir;
  std::string zmq_dir;
  std::vector<ModelServerConfig> servers;

  const ModelServerConfig& server(int service_id) const;  // throws UsageError if there is none
};

ServerConfig load_server_config(const std::string& path);

}  // namespace turbo
