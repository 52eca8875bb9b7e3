#include "lab/bench/bulk_client.h"

namespace turbo {
namespace {
constexpr StreamId kStream = 0;
constexpr std::size_t kBlockBytes = 1 << 20;
}  // namespace

BulkClient::BulkClient(EventLoop& loop, QuicClientConfig config, std::uint64_t wanted_bytes)
    : loop_(loop),
      wanted_bytes_(wanted_bytes),
      block_(bulk_block(kBlockBytes)),
      quic_(std::move(config), *this, EventLoop::now()) {
  loop_.on_readable(quic_.fd(), [this](Time now) {
    quic_.on_readable(now);
    feed(now);
  });
  timer_ = loop_.timer([this](Time now) {
    quic_.on_timer(now);
    feed(now);
  });
  feed(EventLoop::now());
}

BulkClient::~BulkClient() { quic_.close(EventLoop::now()); }

void BulkClient::on_connected(ConnectionId, Time now) {
  connected_at_ = now;
  auto request = std::make_shared<std::vector<std::uint8_t>>(kBulkRequestBytes);
  for (std::size_t i = 0; i < kBulkRequestBytes; ++i)
    (*request)[i] = static_cast<std::uint8_t>(wanted_bytes_ >> (8 * i));
  quic_.send(kStream, std::move(request));
}

void BulkClient::on_disconnected(ConnectionId, std::string_view reason, Time) { trouble_ = reason; }

std::string BulkClient::on_stream_data(ConnectionId, StreamId, std::span<const std::uint8_t> data, bool,
                                       Time now) {
  received_ += data.size();
  last_received_at_ = now;
  return {};
}

void BulkClient::feed(Time now) {
  bool fed = false;
  while (wanted_bytes_ == 0 && connected() && quic_.unsent_bytes(kStream) < kBlockBytes)
    fed = quic_.send(kStream, block_) || fed;
  if (fed) quic_.write(now);
  loop_.arm(timer_, quic_.next_deadline());
}

}  // namespace turbo
