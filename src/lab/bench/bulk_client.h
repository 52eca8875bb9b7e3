#pragma once
// The other end of a bulk transfer: one connection that sends without end, sends a message at an interval,
// asks for so many bytes, or stays idle. In the loop's thread.

#include <cstdint>

#include "lab/bench/bulk_server.h"
#include "transport/quic/quic_client.h"

namespace turbo {

class BulkClient : private QuicHandler {
 public:
  struct Work {
    std::uint64_t wanted_bytes = 0;   // to be sent by the server
    bool endless = false;             // send as fast as the transport takes it
    std::uint32_t message_bytes = 0;  // or so much ...
    Duration message_interval{};      // ... at this interval
  };
  // Begins to connect. Throws std::runtime_error.
  BulkClient(EventLoop& loop, QuicClientConfig config, const Work& work);
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
  Work work_;
  Chunk block_;
  EventLoop::Id timer_ = 0;
  QuicClient quic_;
  std::uint64_t received_ = 0;
  Time connected_at_{}, last_received_at_{};
  std::string trouble_;
};

}  // namespace turbo
