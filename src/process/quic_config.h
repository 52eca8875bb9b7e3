#pragma once
// config/quic_config_client.yaml and quic_config_gcloud.yaml: the two QUIC ends, which read the same keys.
// load_quic_config throws UsageError (file, line, key, what was expected).

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"

namespace turbo {

struct QuicServiceConfig {
  int service_id = 1;
  // The IPC reference's names. Full endpoints; those of one end only are used.
  std::string client_outgoing_sockname;  // car-server-outgoing-N
  std::string client_incoming_sockname;  // car-server-incoming-N
  std::string client_incoming_shm;       // client-serviceN-incoming-shm
  std::string client_outgoing_shm;       // client-serviceN-outgoing-shm
  std::string server_outgoing_sockname;  // remote-server-outgoing-N
  std::string server_incoming_sockname;  // remote-server-incoming-N
  std::string server_outgoing_shm;       // server-serviceN-outgoing-shm
  std::string server_incoming_shm;       // server-serviceN-incoming-shm
};

struct QuicConfig {
  std::string path;
  std::string zmq_dir;
  std::string
      client_output_dir;  // experiment_output_dir, with quic_client_log_subdir below it if that is set
  std::string server_output_dir;  // likewise quic_server_log_subdir
  Duration slo_timeout{};         // slo_timeout_ms: a frame older than this is not sent
  Duration request_slo{};  // request_slo_ms: the cloud drops a request that cannot be answered within it
  Duration logging_interval{};
  double init_allocation_bytes_per_s = 0;
  Duration bw_update_interval{};
  double max_junk_payload_bits = 0;  // max_junk_payload_Mb
  Duration junk_restart_interval{};
  Duration junk_tx_loop_interval{};
  bool enable_junk_service = false;
  double junk_max_share = 0;          // of the estimated bandwidth, over time
  bool share_leftover = true;         // leftover: share; withhold makes the allocation the limit, too
  std::vector<int> leftover_weights;  // of the services in their order; empty: all 1
  bool cancel_stale = true;           // for experiments: reset a frame that can't be in time
  bool newest_first = true;           // for experiments: false is first come, first served
  bool window_over_rtt = false;       // bandwidth_formula, for comparison
  std::vector<QuicServiceConfig> services;
  std::string bw_service_sockname;      // car-server-bw-service
  std::string diagnostics_sockname;     // car-client-diagnostics
  std::uint64_t max_message_bytes = 0;  // shm_size: no frame is larger
  Duration idle_timeout{};
  int max_connections_per_vehicle = 2;  // server: of one name; beyond, the longest silent one gives way
  std::string server_address;           // HOST:PORT: where the client connects, where the server listens
  std::string server_name;              // what the server's certificate must be for
  std::string ca_certificate_path;      // client: the authority of the server's certificate
  std::string vehicle_certificate_path, vehicle_private_key_path;  // client: what it shows of itself
  std::string certificate_path, private_key_path;                  // server: likewise
  std::string fleet_ca_certificate_path;                           // server: the authority of the vehicles
  std::string revoked_certificates_path;                           // server: that file need not exist
};

QuicConfig load_quic_config(const std::string& path);

// What a main checks between its own configuration (main_path) and its QUIC end's. Each throws UsageError.
void check_same_folder(const std::string& main_path, const std::string& zmq_dir, const QuicConfig& quic);
void check_has_service(const std::string& main_path, int service_id, const QuicConfig& quic);
void check_file_exists(const std::string& config_path, const std::string& key, const std::string& file);

// What there is to warn of: that others than its owner may read this private key. Empty: nothing.
std::string private_key_warning(const std::string& file);

}  // namespace turbo
