#include "process/quic_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "process/config_reader.h"
#include "schema/channels.h"

namespace turbo {

namespace {

// One connection carries a stream a service; the cloud's end lets a vehicle have so many.
constexpr std::size_t kMaxServices = 63;

QuicServiceConfig reference_names(int n, const std::string& zmq_dir) {
  const auto socket = [&](std::string_view pattern) {
    return resolve_endpoint(zmq_dir, channel_name(pattern, n));
  };
  return {.service_id = n,
          .client_outgoing_sockname = socket(channel_names::socket("car-server-outgoing-{N}")),
          .client_incoming_sockname = socket(channel_names::socket("car-server-incoming-{N}")),
          .client_incoming_shm = channel_name(channel_names::region("client-service{N}-incoming-shm"), n),
          .client_outgoing_shm = channel_name(channel_names::region("client-service{N}-outgoing-shm"), n),
          .server_outgoing_sockname = socket(channel_names::socket("remote-server-outgoing-{N}")),
          .server_incoming_sockname = socket(channel_names::socket("remote-server-incoming-{N}")),
          .server_outgoing_shm = channel_name(channel_names::region("server-service{N}-outgoing-shm"), n),
          .server_incoming_shm = channel_name(channel_names::region("server-service{N}-incoming-shm"), n)};
}

// Where each of the prototype's log switches stood; its tables are written all the same, or not at all.
std::vector<std::string> prototype_log_keys() {
  std::vector<std::string> keys{"image_context_log_capacity", "bw_stat_log_capacity",
                                "allocation_stat_log_capacity", "network_stat_log_capacity",
                                "logging_config_filepath"};
  for (const char* side : {"client", "server"})
    for (const char* log :
         {"bw_stat", "allocation_stat", "network_stat", "incoming_image_context", "outgoing_image_context"})
      keys.push_back(std::string(side) + "_enable_" + log + "_log");
  return keys;
}

// The first is the default.
std::string one_of(ConfigSection& top, const std::string& key, const std::vector<std::string>& words) {
  const std::string word = top.text(key, words.front());
  if (std::find(words.begin(), words.end(), word) != words.end()) return word;
  std::string expected = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) expected += " or " + words[i];
  top.fail(key, expected);
}

void check_address(ConfigSection& top, const std::string& key, const std::string& address) {
  const auto colon = address.rfind(':');
  int port = 0;
  const char* const end = address.data() + address.size();
  if (colon == std::string::npos || colon == 0 ||
      std::from_chars(address.data() + colon + 1, end, port).ptr != end || port < 1 || port > 65535)
    top.fail(key, "HOST:PORT, as 10.77.0.2:4433 or [::1]:4433");
}

}  // namespace

void check_same_folder(const std::string& main_path, const std::string& zmq_dir, const QuicConfig& quic) {
  if (zmq_dir != quic.zmq_dir)
    throw UsageError(main_path + ": zmq_dir is " + zmq_dir + ", but " + quic.zmq_dir + " in " + quic.path +
                     ": both must be the same");
}

void check_has_service(const std::string& main_path, int service_id, const QuicConfig& quic) {
  for (const auto& service : quic.services)
    if (service.service_id == service_id) return;
  throw UsageError(quic.path + ": services: lacks service " + std::to_string(service_id) + " of " +
                   main_path);
}

void check_file_exists(const std::string& config_path, const std::string& key, const std::string& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw UsageError(config_path + ": " + key + ": there is no file " + (file.empty() ? "named" : file));
}

std::string private_key_warning(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code unreadable;
  const fs::perms others = fs::status(file, unreadable).permissions() &
                           (fs::perms::group_read | fs::perms::group_write | fs::perms::others_all);
  if (unreadable || others == fs::perms::none) return {};
  return "the private key " + file + " can be read by other users of this machine: chmod 600 " + file;
}

QuicConfig load_quic_config(const std::string& path) {
  ConfigSection top = ConfigSection::load(path);
  QuicConfig c;
  c.path = path;
  const std::string output_dir = top.path("experiment_output_dir", "../runs");
  const auto below = [&](const std::string& subdir) {
    return subdir.empty() ? output_dir : output_dir + "/" + subdir;
  };
  c.client_output_dir = below(top.text("quic_client_log_subdir", ""));
  c.server_output_dir = below(top.text("quic_server_log_subdir", ""));
  c.zmq_dir = top.text("zmq_dir", "/tmp/turbo");
  if (!c.zmq_dir.starts_with('/')) top.fail("zmq_dir", "an absolute folder");
  c.slo_timeout = top.duration_ms("slo_timeout_ms", 100, 1, 60'000);
  c.request_slo = top.duration_ms("request_slo_ms", 200, 1, 60'000);
  c.logging_interval = top.duration_ms("logging_interval_ms", 500, 10, 3'600'000);
  c.init_allocation_bytes_per_s = top.number("init_allocation", 250'000, 1'000, 1e10);
  c.bw_update_interval = top.duration_ms("bw_update_interval_ms", 500, 10, 60'000);
  c.max_junk_payload_bits = top.number("max_junk_payload_Mb", 5, 0, 33) * 1e6;
  c.junk_restart_interval = top.duration_ms("junk_restart_interval_ms", 500, 10, 60'000);
  c.junk_tx_loop_interval = top.duration_ms("junk_tx_loop_interval_ms", 100, 1, 60'000);
  c.enable_junk_service = top.flag("enable_junk_service", true);
  c.junk_max_share = top.number("junk_max_share", 0.05, 0, 1);
  c.share_leftover = one_of(top, "leftover", {"share", "withhold"}) == "share";
  c.cancel_stale = top.flag("cancel_stale", true);
  c.newest_first = top.flag("newest_first", true);
  c.window_over_rtt =
      one_of(top, "bandwidth_formula", {"delivery_rate", "window_over_rtt"}) == "window_over_rtt";
  if (!top.has("services")) top.fail("services", "a list of service ids, as [1, 2, 3]");
  std::set<int> ids;
  for (const int id : top.integers("services", 0, 1000)) {
    if (!ids.insert(id).second) top.fail("services", "every service id once");
    c.services.push_back(reference_names(id, c.zmq_dir));
  }
  if (c.services.size() > kMaxServices)
    top.fail("services", "at most " + std::to_string(kMaxServices) + " service ids");
  if (c.services.empty()) top.fail("services", "at least one service id");
  if (top.has("leftover_weights")) c.leftover_weights = top.integers("leftover_weights", 1, 1000);
  if (!c.leftover_weights.empty() && c.leftover_weights.size() != c.services.size())
    top.fail("leftover_weights", "a weight for each of the services");
  c.bw_service_sockname = top.endpoint(
      "bw_service_zmq_sockname", std::string(channel_names::socket("car-server-bw-service")), c.zmq_dir);
  c.diagnostics_sockname =
      top.endpoint("outgoing_zmq_diagnostic_sockname",
                   std::string(channel_names::socket("car-client-diagnostics")), c.zmq_dir);
  c.max_message_bytes =
      static_cast<std::uint64_t>(top.number("shm_size", static_cast<double>(kRegionBytes), 4096, 4e9));
  c.max_connections_per_vehicle = top.integer("max_connections_per_vehicle", 2, 1, 1000);
  c.idle_timeout = top.duration_ms("idle_timeout_ms", 60'000, 100, 3'600'000);
  c.server_address = top.text("server_address", "127.0.0.1:4433");
  check_address(top, "server_address", c.server_address);
  c.server_name = top.text("server_name", "turbo-server");
  const std::string certificates = "../.cache/authority/";
  c.ca_certificate_path = top.path("ca_certificate_path", certificates + "ca.pem");
  c.vehicle_certificate_path = top.path("vehicle_certificate_path", certificates + "vehicle-1.pem");
  c.vehicle_private_key_path = top.path("vehicle_private_key_path", certificates + "vehicle-1.key");
  c.certificate_path = top.path("certificate_path", certificates + "turbo-server.pem");
  c.private_key_path = top.path("private_key_path", certificates + "turbo-server.key");
  c.fleet_ca_certificate_path = top.path("fleet_ca_certificate_path", certificates + "ca.pem");
  c.revoked_certificates_path = top.path("revoked_certificates_path", certificates + "revoked.pem");
  top.ignore(prototype_log_keys());
  top.finish();
  return c;
}

}  // namespace turbo
