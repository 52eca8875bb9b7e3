#include "lab/bench/bulk_server.h"

#include <algorithm>

namespace turbo {
namespace {
constexpr StreamId kStream = 0;
constexpr std::size_t kBlockBytes = 1 << 20;
}  // namespace

Chunk bulk_block(std::size_t bytes) {
  auto block = std::make_shared<std::vector<std::uint8_t>>(bytes);
  std::uint32_t state = 1;
  for (auto& byte : *block)
    byte = static_cast<std::uint8_t>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  return block;
}

BulkServer::BulkServer(EventLoop& loop, QuicServerConfig config)
    : loop_(loop), quic_(std::move(config), *this), block_(bulk_block(kBlockBytes)) {
  loop_.on_readable(quic_.fd(), [this](Time now) {
    quic_.on_readable(now);
    feed(now);
  });
  timer_ = loop_.timer([this](Time now) {
    quic_.on_timer(now);
    feed(now);
  });
}

BulkServer::~BulkServer() { quic_.close(EventLoop::now()); }

void BulkServer::on_connected(ConnectionId connection, Time) { clients_[connection]; }
void BulkServer::on_disconnected(ConnectionId connection, std::string_view, Time) {
  clients_.erase(connection);
}

std::string BulkServer::on_stream_data(ConnectionId connection, StreamId stream,
                                       std::span<const std::uint8_t> data, bool, Time) {
  if (stream != kStream) return "bulk data come on the first stream";
  Client& client = clients_[connection];
  const std::size_t head = std::min(data.size(), kBulkRequestBytes - client.request_bytes);
  std::copy_n(data.begin(), head, client.request.begin() + static_cast<std::ptrdiff_t>(client.request_bytes));
  client.request_bytes += head;
  received_ += data.size() - head;
  if (head > 0 && client.request_bytes == kBulkRequestBytes)
    for (std::size_t i = 0; i < kBulkRequestBytes; ++i)
      client.owed |= static_cast<std::uint64_t>(client.request[i]) << (8 * i);
  return {};
}

void BulkServer::feed(Time now) {
  for (auto& [id, client] : clients_) {
    bool fed = false;
    while (client.owed > 0 && quic_.unsent_bytes(id, kStream) < kBlockBytes) {
      const bool whole = client.owed >= kBlockBytes;
      const Chunk piece = whole ? block_ : bulk_block(client.owed);
      if (!quic_.send(id, kStream, piece)) break;
      client.owed -= piece->size();
      fed = true;
    }
    if (fed) quic_.write(now);
  }
  loop_.arm(timer_, quic_.next_deadline());
}

}  // namespace turbo
