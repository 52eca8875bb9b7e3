#include "process/server_config.h"

#include <set>

#include "process/config_reader.h"
#include "schema/channels.h"

namespace turbo {

namespace {

ServerModel read_model(ConfigSection s) {
  ServerModel m;
  m.checkpoint_path = s.path("checkpoint_path", "");
  if (m.checkpoint_path.empty()) s.fail("checkpoint_path", "an ONNX file");
  m.num_classes = s.integer("num_classes", 5, 1, 1000);
  m.image_size = s.image_size("image_size", {});
  if (m.image_size.height == 0) s.fail("image_size", "[height, width] of the model's input");
  m.base_model = s.model_name("base_model", "");
  s.finish();
  return m;
}

ModelServerConfig read_server(ConfigSection s, const std::string& zmq_dir,
                              const std::vector<ServerModel>& all, std::uint64_t shm_size) {
  ModelServerConfig c;
  if (!s.has("service_id")) s.fail("service_id", "the service's number");
  const int n = c.service_id = s.integer("service_id", 1, 0, 1000);
  c.models = all;
  if (s.has("model_metadata_list")) {
    c.models.clear();
    for (auto& entry : s.list("model_metadata_list")) c.models.push_back(read_model(entry));
  }
  std::set<std::string> names;
  for (const auto& model : c.models)
    if (!names.insert(model.base_model).second) s.fail("model_metadata_list", "every base_model once");
  if (c.models.empty()) s.fail("model_metadata_list", "at least one model, here or in server_model_list");
  c.device = s.device("device", "cpu");
  c.incoming_zmq_sockname = s.endpoint(
      "incoming_zmq_sockname", channel_name(channel_names::socket("remote-server-outgoing-{N}"), n), zmq_dir);
  c.outgoing_zmq_sockname = s.endpoint(
      "outgoing_zmq_sockname", channel_name(channel_names::socket("remote-server-incoming-{N}"), n), zmq_dir);
  c.incoming_shm_filename = s.shm_name(
      "incoming_shm_filename", channel_name(channel_names::region("server-service{N}-outgoing-shm"), n));
  c.outgoing_shm_filename = s.shm_name(
      "outgoing_shm_filename", channel_name(channel_names::region("server-service{N}-incoming-shm"), n));
  c.shm_filesize =
      static_cast<std::uint64_t>(s.number("shm_filesize", static_cast<double>(shm_size), 4096, 4e9));
  c.zmq_kill_switch_sockname =
      s.endpoint("zmq_kill_switch_sockname",
                 channel_name(channel_names::socket("remote-server-kill-switch-{N}"), n), zmq_dir);
  c.mock_inference_output_path = s.path("mock_inference_output_path", "");
  c.mock_model_latency_csv_path = s.path("mock_model_latency_csv_path", "");
  s.ignore({"thread_concurrency", "max_entries"});
  s.finish();
  return c;
}

}  // namespace

const ModelServerConfig& ServerConfig::server(int id) const {
  for (const auto& entry : servers)
    if (entry.service_id == id) return entry;
  throw UsageError(path + ": server_config_list has no entry for --service-id " + std::to_string(id));
}

ServerConfig load_server_config(const std::string& path) {
  ConfigSection top = ConfigSection::load(path);
  ServerConfig c;
  c.path = path;
  c.zmq_dir = top.text("zmq_dir", "/tmp/turbo");
  if (!c.zmq_dir.starts_with('/')) top.fail("zmq_dir", "an absolute folder");
  c.experiment_output_dir = top.path("experiment_output_dir", "../runs");
  if (const std::string subdir = top.text("server_subdir", ""); !subdir.empty())
    c.experiment_output_dir += "/" + subdir;
  const auto shm_size =
      static_cast<std::uint64_t>(top.number("SHM_FILESIZE", static_cast<double>(kRegionBytes), 4096, 4e9));
  std::vector<ServerModel> models;
  for (auto& entry : top.list("server_model_list")) models.push_back(read_model(entry));
  std::set<int> ids;
  for (auto& entry : top.list("server_config_list")) {
    c.servers.push_back(read_server(entry, c.zmq_dir, models, shm_size));
    if (!ids.insert(c.servers.back().service_id).second) entry.fail("service_id", "every service id once");
  }
  if (c.servers.empty()) top.fail("server_config_list", "a list of at least one model server");
  top.ignore({"logging_config_filepath", "MAX_LOG_ENTRIES"});
  top.finish();
  return c;
}

}  // namespace turbo
