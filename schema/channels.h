#pragma once
// The one table of sockets and regions. Every process takes its names, roles and limits from here; the
// configuration files may give a socket another name, never another role.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace turbo {

enum class SocketType { kRequestReply, kPublishSubscribe };

struct SocketChannel {
  std::string_view name;  // {N} stands for the service id
  SocketType type;
  std::string_view binder;  // process that binds: the REP or the SUB end
  std::string_view connector;
  std::string_view payload;
};

// Decimal text travels as ASCII; [a, b] is a multipart message. A REP end that cannot take a request answers
// it all the same, with one part of plain text in place of the ACK, FlatBuffer, JSON or number: "ERROR: why".
inline constexpr std::array<SocketChannel, 14> kSockets{{
    {"service{N}-camera-socket", SocketType::kRequestReply, "camera_stream", "client",
     "CameraDataRequest -> CameraDataResponse (FlatBuffers)"},
    {"car-server-outgoing-{N}", SocketType::kRequestReply, "quic_client", "client",
     "[context id, size in bytes], decimal text -> ACK"},
    {"car-server-incoming-{N}", SocketType::kRequestReply, "client", "quic_client",
     "[context id, size in bytes], decimal text -> ACK"},
    {"car-server-bw-service", SocketType::kRequestReply, "bandwidth_allocator", "quic_client",
     "JSON {bw (Mbps), rtt (ms)} -> {allocation_map (Mbps), expected_utility, model_config_map}"},
    {"main-client-{N}-bw-subscriber", SocketType::kPublishSubscribe, "client", "bandwidth_allocator",
     "the same JSON answer"},
    {"ping-handler", SocketType::kRequestReply, "ping_handler", "bandwidth_allocator",
     "ping -> RTT in ms, decimal text"},
    {"car-client-diagnostics", SocketType::kPublishSubscribe, "plotter",
     "client, bandwidth_allocator, quic_client", "JSON with plot_id 1, 2 or 3"},
    {"remote-server-outgoing-{N}", SocketType::kRequestReply, "model_server", "quic_server",
     "[context id, size in bytes], decimal text -> ACK"},
    {"remote-server-incoming-{N}", SocketType::kRequestReply, "quic_server", "model_server",
     "[context id, size in bytes], decimal text -> ACK"},
    {"client-kill-{N}-switch", SocketType::kPublishSubscribe, "client", "client_main", "ABORT"},
    {"camera-kill-{N}-switch", SocketType::kPublishSubscribe, "camera_stream", "client_main", "ABORT"},
    {"bandwidth-allocator-kill-switch", SocketType::kPublishSubscribe, "bandwidth_allocator", "client_main",
     "ABORT"},
    {"ping-handler-kill-switch", SocketType::kPublishSubscribe, "ping_handler", "client_main", "ABORT"},
    {"remote-server-kill-switch-{N}", SocketType::kPublishSubscribe, "model_server", "server_main", "ABORT"},
}};

struct RegionChannel {
  std::string_view name;
  std::string_view creator;
  std::string_view writer;
  std::string_view reader;
  std::string_view content;
};

inline constexpr std::array<RegionChannel, 5> kRegions{{
    {"service{N}-camera-shmem", "camera_stream", "camera_stream", "client", "frames, several slots"},
    {"client-service{N}-incoming-shm", "client", "client", "quic_client", "ModelServerRequest + image"},
    {"client-service{N}-outgoing-shm", "client", "quic_client", "client", "ModelServerResponse"},
    {"server-service{N}-outgoing-shm", "model_server", "quic_server", "model_server",
     "ModelServerRequest + image"},
    {"server-service{N}-incoming-shm", "model_server", "model_server", "quic_server", "ModelServerResponse"},
}};

inline constexpr std::uint64_t kRegionBytes = 50'000'000;  // default size of every region
// A payload starts at the first multiple of this after its header.
inline constexpr std::uint64_t kPayloadAlignment = 64;

namespace channel_names {
consteval std::string_view socket(std::string_view name) {
  for (const auto& row : kSockets)
    if (row.name == name) return row.name;
  throw "no such socket in schema/channels.h";
}
consteval std::string_view region(std::string_view name) {
  for (const auto& row : kRegions)
    if (row.name == name) return row.name;
  throw "no such region in schema/channels.h";
}
}  // namespace channel_names

// The name for one service: "service{N}-camera-socket", 3 -> "service3-camera-socket".
inline std::string channel_name(std::string_view pattern, int service_id) {
  std::string name(pattern);
  if (const auto at = name.find("{N}"); at != std::string::npos)
    name.replace(at, 3, std::to_string(service_id));
  return name;
}

}  // namespace turbo
