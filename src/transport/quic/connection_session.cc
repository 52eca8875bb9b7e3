// A connection's session: when it counts as there, coming back with what an earlier one left, and being sent
// early data again that the server did not take.

#include <array>
#include <utility>

#include "transport/quic/connection.h"

namespace turbo {
void Connection::establish() {
  established_ = true;
  last_life_ = now_;
  common_.handler->on_connected(common_.id, now_);
}

void Connection::begin(Time now) {
  if (!early_) return;
  advance_to(now);
  if (open_service_streams()) return establish();
  // Its limits have changed since. Streams that are open by then are opened again after the handshake.
  breach_.clear();
}

bool Connection::open_service_streams() {
  while (services_.size() < client_streams_) {
    StreamId id = -1;
    if (ngtcp2_conn_open_bidi_stream(conn_.get(), &id, nullptr) != 0) {
      breach_ = "the server allows fewer streams than there are services";
      return false;
    }
    services_[id];
  }
  return true;
}

bool Connection::admit(bool proven) {
  if (established_) return true;
  if (!tls_->has_agreed_protocol()) {
    breach_ = "the peer does not speak " + common_.credentials->alpn();
    return false;
  }
  if (common_.revoked != nullptr) {
    peer_ = tls_->check_client(*common_.revoked);
    if (!peer_.problem.empty()) return false;
  }
  if (!hooks_.may_establish(*this, proven, now_)) {
    breach_ = "the server has as many connections as it takes";
    refused_ = no_room_ = true;
    return false;
  }
  establish();
  return true;
}

// The server heard nothing of what was sent early: it has another key, or took it for a replay. The same
// bytes go again on the same streams, as if they had been lost; they had their turn, so the handler is not
// asked.
void Connection::redo_early() {
  const std::uint64_t before = in_flight_seen_;  // what was told, also of what this read acknowledges
  ngtcp2_conn_tls_early_data_rejected(conn_.get());
  for (auto* streams : {&services_, &frames_}) {
    for (auto& [id, stream] : *streams) {
      StreamId again = -1;
      int code = 0;
      do {  // those between them were given up unsent
        code = is_unidirectional(id) ? ngtcp2_conn_open_uni_stream(conn_.get(), &again, nullptr)
                                     : ngtcp2_conn_open_bidi_stream(conn_.get(), &again, nullptr);
      } while (code == 0 && again < id);
      if (code != 0 || again != id) {
        breach_ = "the server allows fewer streams than before";
        refused_ = true;  // so that the ticket is not tried again
        return;
      }
      stream.rewind();
      if (stream.is_cut()) ngtcp2_conn_shutdown_stream_write(conn_.get(), 0, id, kGivenUp);
    }
  }
  redoing_ = true;
  std::erase_if(unused_, [&](StreamId id) { return frames_.empty() || id > frames_.rbegin()->first; });
  const std::uint64_t now_in_flight = bytes_in_flight();
  in_flight_seen_ = now_in_flight;
  if (before > now_in_flight) common_.handler->on_flight(common_.id, {0, 0, before - now_in_flight}, now_);
}

bool Connection::migrate(const SocketAddress& local, Time now) {
  const std::uint64_t ts = advance_to(now);
  const SocketAddress before = std::exchange(common_.local, local);
  const ngtcp2_path path = path_to(common_.remote);
  if (ngtcp2_conn_initiate_immediate_migration(conn_.get(), &path, ts) != 0) {
    common_.local = before;
    return false;
  }
  burst_.used = 0;  // written for the old path
  retry_send_at_ = Time::max();
  last_life_ = now;
  // What is under way on the old path is as good as lost.
  const std::uint64_t in_flight = bytes_in_flight();
  if (in_flight < in_flight_seen_)
    common_.handler->on_flight(common_.id, {0, 0, in_flight_seen_ - in_flight}, now);
  in_flight_seen_ = in_flight;
  return true;
}

void Connection::remember_ticket() {
  if (common_.memory == nullptr || ticket_kept_ || !confirmed_) return;
  std::vector<std::uint8_t> ticket = tls_->ticket();
  if (ticket.empty()) return;
  ticket_kept_ = true;
  std::array<std::uint8_t, 256> params;
  const ngtcp2_ssize size =
      ngtcp2_conn_encode_0rtt_transport_params(conn_.get(), params.data(), params.size());
  if (size < 0) return;
  common_.memory->ticket = std::move(ticket);
  common_.memory->transport_params.assign(params.begin(), params.begin() + size);
}

void Connection::hand_out_token(const ngtcp2_addr& remote) {
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN> token;
  const ResetSecret& secret = *common_.token_secret;
  const ngtcp2_ssize size = ngtcp2_crypto_generate_regular_token(
      token.data(), secret.data(), secret.size(), remote.addr, remote.addrlen, timestamp(now_));
  if (size > 0) ngtcp2_conn_submit_new_token(conn_.get(), token.data(), static_cast<std::size_t>(size));
}

}  // namespace turbo
