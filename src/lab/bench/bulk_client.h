#pragma once
// The other end of a bulk transfer: one connection that asks for so many bytes, or sends without end. In the
// loop's thread.

#include <cstdint>

#include "lab/bench/bulk_server.h"
#include "transport/quic/quic_client.h"

namespace turbo {

class BulkClient : private QuicHandler {
 public:
  // Begins to connect. wanted_bytes: to be sent by the server; 0: this end sends, as fast as the transport
  // takes it. Throws std::runtime_error.
  BulkClient(EventLoop& loop, QuicClientConfig config, std::uint64_t wanted_bytes);
  ~BulkClient() override;

  bool connected() const { return quic_.connection() != 0; }
  std::uint64_t received_bytes() const { return received_; }
  Time connected_at() const { return connected_at_; }
  Time last_received_at() const { return last_received_at_; }
  const std::string& trouble() const { return trouble_; }  // why the last connection ended

 private:
  void on_connected(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  void feed(Time now);

  EventLoop& loop_;
  std::uint64_t wanted_bytes_;
  Chunk block_;
  EventLoop::Id timer_ = 0;
  QuicClient quic_;
  std::uint64_t received_ = 0;
  Time connected_at_{}, last_received_at_{};
  std::string trouble_;
};

}  // namespace turbo
