#include "transport/quic/connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "transport/quic/connection_callbacks.h"

namespace turbo {
namespace {

constexpr std::size_t kClientCidBytes = 8;
constexpr std::size_t kMaxBurstBytes = 60'000;  // under what one UDP_SEGMENT call takes
constexpr std::size_t kMaxBurstPackets = 48;
// UDP payloads that are tried on the path (RFC 8899): ngtcp2's own list, then what Ethernet takes, and jumbo
// frames or the loopback device.
constexpr std::uint16_t kPathProbes[] = {1406, 1342, 1232, 1444, 1472, 8972};
constexpr std::uint64_t kSpareConnectionIds = 7;  // a change of address uses one up
constexpr std::uint64_t kBreachOfProtocol = 1;    // application error codes of a close
constexpr std::uint64_t kNoRoom = 3;
constexpr Duration kLeastExpectedRtt = std::chrono::milliseconds(50);
constexpr std::uint8_t kNoCertificateAlert = 116;  // certificate_required (RFC 8446, 6.2)
constexpr Duration kFullSocketWait = std::chrono::milliseconds(1);

ngtcp2_cid random_cid(std::size_t size) {
  ngtcp2_cid cid{};
  cid.datalen = size;
  random_bytes(cid.data, size);
  return cid;
}

ngtcp2_settings make_settings(const QuicSettings& wanted, Time now) {
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.cc_algo = NGTCP2_CC_ALGO_BBR;
  settings.initial_ts = timestamp(now);
  settings.pmtud_probes = kPathProbes;
  settings.pmtud_probeslen = std::size(kPathProbes);
  settings.max_tx_udp_payload_size = std::ranges::max(kPathProbes);
  settings.handshake_timeout = static_cast<ngtcp2_duration>(wanted.handshake_timeout.count());
  return settings;
}

ngtcp2_transport_params make_params(const QuicSettings& wanted, bool server) {
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_stream_data_bidi_local = wanted.stream_window_bytes;
  params.initial_max_stream_data_bidi_remote = wanted.stream_window_bytes;
  params.initial_max_data = wanted.connection_window_bytes;
  params.initial_max_stream_data_uni = wanted.stream_window_bytes;
  params.initial_max_streams_bidi = server ? wanted.max_streams : 0;
  params.initial_max_streams_uni = server ? wanted.max_streams : wanted.peer_streams;
  params.active_connection_id_limit = kSpareConnectionIds;
  params.max_idle_timeout = static_cast<ngtcp2_duration>(wanted.idle_timeout.count());
  return params;
}

SocketAddress address_of(const ngtcp2_addr& from) {
  SocketAddress address;
  std::memcpy(&address.storage, from.addr, from.addrlen);
  address.size_bytes = from.addrlen;
  return address;
}

bool same(const SocketAddress& a, const SocketAddress& b) {
  return a.size_bytes == b.size_bytes && std::memcmp(&a.storage, &b.storage, a.size_bytes) == 0;
}

}  // namespace

std::uint64_t timestamp(Time now) { return static_cast<std::uint64_t>(now.time_since_epoch().count()); }

Connection::Connection(const Common& common, const std::string& peer_name, std::uint32_t streams, Time now)
    : common_(common), client_streams_(streams), last_life_(now), now_(now) {
  const ngtcp2_cid dcid = random_cid(NGTCP2_MIN_INITIAL_DCIDLEN + 8), scid = random_cid(kClientCidBytes);
  ngtcp2_settings settings = make_settings(*common_.settings, now);
  // Probes of a lost handshake then come as fast as this path allows (RFC 9002, 6.2.2).
  if (common_.expected_rtt > Duration::zero())
    settings.initial_rtt = static_cast<ngtcp2_duration>(
        std::clamp<Duration>(common_.expected_rtt, kLeastExpectedRtt, Duration(NGTCP2_DEFAULT_INITIAL_RTT))
            .count());
  const ngtcp2_transport_params params = make_params(*common_.settings, false);
  const ngtcp2_callbacks callbacks = connection_callbacks(false);
  const ngtcp2_path path = path_to(common_.remote);
  ngtcp2_conn* raw = nullptr;
  if (common_.memory != nullptr && !common_.memory->token.empty()) {
    settings.token = common_.memory->token.data();
    settings.tokenlen = common_.memory->token.size();
    settings.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  }
  if (ngtcp2_conn_client_new(&raw, &dcid, &scid, &path, NGTCP2_PROTO_VER_V1, &callbacks, &settings, &params,
                             nullptr, this) != 0)
    throw std::runtime_error("opening a QUIC connection failed");
  conn_.reset(raw);
  const SessionMemory none, &memory = common_.memory != nullptr ? *common_.memory : none;
  finish_construction(
      std::make_unique<TlsSession>(*common_.credentials, peer_name, memory.ticket, &reference_));
  early_ = !memory.ticket.empty() && !memory.transport_params.empty() &&
           ngtcp2_conn_decode_and_set_0rtt_transport_params(raw, memory.transport_params.data(),
                                                            memory.transport_params.size()) == 0;
  ngtcp2_conn_set_keep_alive_timeout(raw, static_cast<ngtcp2_duration>(common_.settings->keep_alive.count()));
}

Connection::Connection(const Common& common, const Accepted& accepted, ServerHooks hooks, Time now)
    : common_(common), server_(true), hooks_(std::move(hooks)), last_life_(now), now_(now) {
  const ngtcp2_cid scid = random_cid(kServerCidBytes);
  const ngtcp2_pkt_hd& initial = *accepted.initial;
  ngtcp2_settings settings = make_settings(*common_.settings, now);
  ngtcp2_transport_params params = make_params(*common_.settings, true);
  params.original_dcid = accepted.original_dcid;
  params.original_dcid_present = 1;
  address_validated_ = accepted.retried || accepted.returned;
  if (accepted.returned) {
    settings.token = initial.token;
    settings.tokenlen = initial.tokenlen;
    settings.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  }
  if (accepted.retried) {
    params.retry_scid = initial.dcid;
    params.retry_scid_present = 1;
    settings.token = initial.token;
    settings.tokenlen = initial.tokenlen;
    settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
  }
  const ResetSecret& secret = common_.reset_secret;
  params.stateless_reset_token_present =
      ngtcp2_crypto_generate_stateless_reset_token(params.stateless_reset_token, secret.data(), secret.size(),
                                                   &scid) == 0;
  const ngtcp2_callbacks callbacks = connection_callbacks(true);
  const ngtcp2_path path = path_to(common_.remote);
  ngtcp2_conn* raw = nullptr;
  if (ngtcp2_conn_server_new(&raw, &initial.scid, &scid, &path, initial.version, &callbacks, &settings,
                             &params, nullptr, this) != 0)
    throw std::runtime_error("accepting a QUIC connection failed");
  conn_.reset(raw);
  finish_construction(std::make_unique<TlsSession>(*common_.credentials, *common_.tickets, &reference_));
  hooks_.added(scid, *this);
  hooks_.added(initial.dcid, *this);
}

void Connection::finish_construction(std::unique_ptr<TlsSession> tls) {
  reference_.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<Connection*>(reference->user_data)->conn_.get();
  };
  reference_.user_data = this;
  tls_ = std::move(tls);
  ngtcp2_conn_set_tls_native_handle(conn_.get(), tls_->get());
  burst_.bytes.resize(kMaxBurstBytes + ngtcp2_conn_get_max_tx_udp_payload_size(conn_.get()));
  ngtcp2_ccerr_default(&farewell_);
}

std::uint64_t Connection::advance_to(Time& now) {
  now = now_ = std::max(now, now_);
  return timestamp(now);
}

ngtcp2_path Connection::path_to(const SocketAddress& remote) {
  ngtcp2_path path{};
  path.local = {reinterpret_cast<ngtcp2_sockaddr*>(&common_.local.storage), common_.local.size_bytes};
  path.remote = {const_cast<ngtcp2_sockaddr*>(remote.get()), remote.size_bytes};
  return path;
}

void Connection::read(const SocketAddress& from, std::span<const std::uint8_t> packet, Time now) {
  has_news_ = true;
  if (!ended_.empty()) return;
  const std::uint64_t ts = advance_to(now);
  const ngtcp2_path path = path_to(from);
  const int code = ngtcp2_conn_read_pkt(conn_.get(), &path, nullptr, packet.data(), packet.size(), ts);
  if (code != 0) return fail(code);
  // A fresh RTT sample comes of an acknowledgement, and only the peer can make one.
  ngtcp2_conn_info figures;
  ngtcp2_conn_get_conn_info(conn_.get(), &figures);
  const Duration rtt(static_cast<Duration::rep>(figures.latest_rtt));
  if (rtt != last_rtt_seen_) last_life_ = now;
  last_rtt_seen_ = rtt;
  remember_ticket();
}

std::string Connection::peer_address() const {
  return address_of(ngtcp2_conn_get_path(conn_.get())->remote).text();
}

void Connection::fail(int code) {
  ngtcp2_ccerr_default(&farewell_);
  switch (code) {
    case NGTCP2_ERR_DRAINING:
      return end(breach_.empty() ? farewell_of_peer() : breach_, false);
    case NGTCP2_ERR_IDLE_CLOSE:
      return end("idle for too long", false);
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      return end("no handshake in time", false);
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
      return end("not a connection", false);
    case NGTCP2_ERR_CRYPTO:
      return fail_tls();
    case NGTCP2_ERR_CALLBACK_FAILURE:
      if (!peer_.problem.empty()) return fail_tls();
      if (!breach_.empty()) {
        ngtcp2_ccerr_set_application_error(&farewell_, no_room_ ? kNoRoom : kBreachOfProtocol,
                                           reinterpret_cast<const std::uint8_t*>(breach_.data()),
                                           breach_.size());
        return end(breach_, true);
      }
      [[fallthrough]];
    default:
      ngtcp2_ccerr_set_liberr(&farewell_, code, nullptr, 0);
      return end(ngtcp2_strerror(code), true);
  }
}

void Connection::fail_tls() {
  refused_ = true;
  std::uint8_t alert = ngtcp2_conn_get_tls_alert(conn_.get());
  if (server_ && alert == kNoCertificateAlert) peer_.problem = "it shows no certificate";
  if (!peer_.problem.empty()) {
    if (peer_.alert != 0) alert = peer_.alert;
    breach_ = peer_.problem;
    ngtcp2_ccerr_set_tls_alert(&farewell_, alert, reinterpret_cast<const std::uint8_t*>(breach_.data()),
                               breach_.size());
    return end(breach_, true);
  }
  ngtcp2_ccerr_set_tls_alert(&farewell_, alert, nullptr, 0);
  const std::string problem = tls_->certificate_problem();
  end(problem.empty() ? "TLS handshake failed: " + alert_text(alert)
                      : "the certificate was refused: " + problem,
      true);
}

std::string Connection::farewell_of_peer() {
  const ngtcp2_ccerr* theirs = ngtcp2_conn_get_ccerr(conn_.get());
  const bool alert = theirs->type == NGTCP2_CCERR_TYPE_TRANSPORT &&
                     (theirs->error_code & ~std::uint64_t{0xff}) == NGTCP2_CRYPTO_ERROR;
  std::string reason = "closed by the peer";
  refused_ = alert;
  if (alert) reason = "refused by the peer: " + alert_text(static_cast<std::uint8_t>(theirs->error_code));
  if (theirs->reasonlen > 0) {
    reason += ": ";
    for (std::size_t i = 0; i < std::min<std::size_t>(theirs->reasonlen, 120); ++i)
      reason +=
          theirs->reason[i] >= ' ' && theirs->reason[i] < 127 ? static_cast<char>(theirs->reason[i]) : '?';
  } else if (theirs->error_code != 0 && !alert) {
    reason += ": error " + std::to_string(theirs->error_code);
  }
  return reason;
}

void Connection::end(std::string reason, bool farewell) {
  ended_ = std::move(reason);
  owes_farewell_ = farewell;
}

void Connection::close(const std::string& reason, Time now, UdpSocket& socket) {
  if (!ended_.empty()) return;
  breach_ = reason;
  ngtcp2_ccerr_set_application_error(&farewell_, 0, reinterpret_cast<const std::uint8_t*>(breach_.data()),
                                     breach_.size());
  end(reason, true);
  send_farewell(socket, now);
}

void Connection::send_farewell(UdpSocket& socket, Time now) {
  if (!owes_farewell_) return;
  owes_farewell_ = false;
  advance_to(now);
  std::array<std::uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> packet;
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  const ngtcp2_ssize size = ngtcp2_conn_write_connection_close(
      conn_.get(), &path.path, nullptr, packet.data(), packet.size(), &farewell_, timestamp(now));
  if (size <= 0) return;
  const SocketAddress to = address_of(path.path.remote);
  socket.send(!server_ ? nullptr : &to, {packet.data(), static_cast<std::size_t>(size)},
              static_cast<std::size_t>(size));
}

void Connection::on_timer(Time now) {
  if (!ended_.empty()) return;
  has_news_ = has_news_ || now >= next_deadline();
  const std::uint64_t ts = advance_to(now);
  if (ts < ngtcp2_conn_get_expiry(conn_.get())) return;
  if (const int code = ngtcp2_conn_handle_expiry(conn_.get(), ts); code != 0) fail(code);
}

Time Connection::next_deadline() const {
  if (!ended_.empty()) return Time::max();
  const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(conn_.get());
  const Time due =
      expiry >= timestamp(Time::max()) ? Time::max() : Time(Duration(static_cast<Duration::rep>(expiry)));
  // While the socket is full nothing else can be sent either.
  return retry_send_at_ != Time::max() ? retry_send_at_ : due;
}

bool Connection::flush(UdpSocket& socket, Time now) {
  retry_send_at_ = Time::max();
  if (burst_.used == 0) return true;
  const SocketAddress* to = !server_ ? nullptr : &burst_to_;
  const std::size_t sent = socket.send(to, {burst_.bytes.data(), burst_.used}, burst_.segment);
  std::copy(burst_.bytes.begin() + static_cast<std::ptrdiff_t>(sent),
            burst_.bytes.begin() + static_cast<std::ptrdiff_t>(burst_.used), burst_.bytes.begin());
  burst_.used -= sent;
  if (burst_.used == 0) return true;
  retry_send_at_ = now + kFullSocketWait;
  return false;
}

void Connection::write(UdpSocket& socket, Time now) {
  has_news_ = false;
  advance_to(now);
  if (!ended_.empty() || !flush(socket, now)) return;
  ++bursts_;
  tell_flight(now);
  const std::size_t packet_bytes = ngtcp2_conn_get_max_tx_udp_payload_size(conn_.get());
  const std::size_t quantum = std::min(ngtcp2_conn_get_send_quantum(conn_.get()), kMaxBurstBytes);
  std::size_t total = 0;
  for (std::size_t packets = 0; packets < kMaxBurstPackets && (packets == 0 || total < quantum); ++packets) {
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    std::uint8_t* packet = burst_.bytes.data() + burst_.used;
    const ngtcp2_ssize written = write_packet(packet, packet_bytes, &path.path, now);
    if (written < 0) {
      fail(static_cast<int>(written));
      break;
    }
    if (written == 0) break;
    const auto size = static_cast<std::size_t>(written);
    const SocketAddress to = address_of(path.path.remote);
    // The kernel cuts a burst into packets of one size, and only the last may be shorter.
    const bool fits = burst_.used == 0 ||
                      (size <= burst_.segment && burst_.used % burst_.segment == 0 && same(to, burst_to_));
    if (!fits) {
      if (!flush(socket, now)) break;  // this packet is lost to a full socket, and will be sent again
      std::copy_n(packet, size, burst_.bytes.begin());
    }
    if (burst_.used == 0) {
      burst_.segment = size;
      burst_to_ = to;
    }
    burst_.used += size;
    total += size;
  }
  if (!ended_.empty()) return;
  ngtcp2_conn_update_pkt_tx_time(conn_.get(), timestamp(now));
  if (const std::uint64_t in_flight = bytes_in_flight(); in_flight > in_flight_seen_) {
    common_.handler->on_flight(common_.id, {in_flight - in_flight_seen_, 0, 0}, now);
    in_flight_seen_ = in_flight;
  }
  flush(socket, now);
}

QuicInfo Connection::info() const {
  ngtcp2_conn_info figures;
  ngtcp2_conn_get_conn_info(conn_.get(), &figures);
  const auto duration = [](ngtcp2_duration d) {
    return d == UINT64_MAX ? Duration::zero() : Duration(static_cast<Duration::rep>(d));
  };
  return {duration(figures.latest_rtt), duration(figures.min_rtt), duration(figures.smoothed_rtt),
          figures.cwnd, figures.bytes_in_flight};
}

}  // namespace turbo
