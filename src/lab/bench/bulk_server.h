#pragma once
// The receiving or giving end of a bulk transfer over our transport, to measure it. A client's stream 0
// begins with a BulkRequest; what follows is counted and thrown away, and what was asked for is sent. In the
// loop's thread.

#include <array>
#include <cstdint>
#include <map>

#include "transport/ipc/event_loop.h"
#include "transport/quic/quic_server.h"

namespace turbo {

// How many bytes the client wants, 64 bits little-endian; 0: it only sends.
inline constexpr std::size_t kBulkRequestBytes = 8;
// One block serves all: bulk data are sent from where they lie.
Chunk bulk_block(std::size_t bytes);

class BulkServer : private QuicHandler {
 public:
  // Throws std::runtime_error.
  BulkServer(EventLoop& loop, QuicServerConfig config);
  ~BulkServer() override;

  std::uint16_t port() const { return quic_.port(); }
  std::uint64_t received_bytes() const { return received_; }  // of all clients, without the requests
  std::size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    std::array<std::uint8_t, kBulkRequestBytes> request{};
    std::size_t request_bytes = 0;
    std::uint64_t owed = 0;  // not yet handed to the transport
  };
  void on_connected(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  void feed(Time now);

  EventLoop& loop_;
  EventLoop::Id timer_ = 0;
  QuicServer quic_;
  Chunk block_;
  std::map<ConnectionId, Client> clients_;
  std::uint64_t received_ = 0;
};

}  // namespace turbo
