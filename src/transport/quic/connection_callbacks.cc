// What ngtcp2 calls back: handed on to the owner of the connection. No exception may cross ngtcp2's frames,
// which are C: one ends the connection instead, with its text as the reason.

#include <cstring>
#include <exception>
#include <type_traits>

#include "transport/quic/connection_callbacks.h"

namespace turbo {

namespace {
constexpr std::size_t kMostReplacedStreams = 20'000;
}

struct ConnectionCallbacks {
  static Connection& self(void* user) { return *static_cast<Connection*>(user); }

  static int handshake_completed(ngtcp2_conn* conn, void* user) {
    Connection& c = self(user);
    if (c.server_) {
      if (!c.admit(true)) return NGTCP2_ERR_CALLBACK_FAILURE;
      c.confirmed_ = true;
      c.tls_->send_ticket();
      c.hand_out_token(ngtcp2_conn_get_path(conn)->remote);
      return 0;
    }
    if (!c.tls_->has_agreed_protocol()) {
      c.breach_ = "the peer does not speak " + c.common_.credentials->alpn();
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    if (c.early_ && !c.tls_->early_data_accepted()) c.redo_early();
    if (!c.breach_.empty() || !c.open_service_streams()) return NGTCP2_ERR_CALLBACK_FAILURE;
    return 0;
  }

  // Only now has the server looked at the client's certificate and accepted it (RFC 9001, 4.1.2).
  static int handshake_confirmed(ngtcp2_conn*, void* user) {
    Connection& c = self(user);
    c.confirmed_ = true;
    if (!c.established_) c.establish();
    c.common_.handler->on_confirmed(c.common_.id, c.now_);
    return 0;
  }

  // The server lets a client that comes back in before it reads what came with the first flight. GnuTLS knows
  // who it is when it has done with the client's first message, and not yet when it makes the keys.
  static int recv_rx_key(ngtcp2_conn*, ngtcp2_encryption_level level, void* user) {
    Connection& c = self(user);
    if (c.server_ && level == NGTCP2_ENCRYPTION_LEVEL_0RTT) c.early_ = true;
    if (!c.server_ && level == NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE) c.heard_ = true;
    return 0;
  }
  static int recv_crypto_data(ngtcp2_conn* conn, ngtcp2_encryption_level level, std::uint64_t offset,
                              const std::uint8_t* data, std::size_t size, void* user) {
    const int code = ngtcp2_crypto_recv_crypto_data_cb(conn, level, offset, data, size, user);
    Connection& c = self(user);
    if (code != 0 || !c.server_ || !c.early_) return code;
    return c.admit(false) ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
  }

  static int recv_new_token(ngtcp2_conn*, const std::uint8_t* token, std::size_t size, void* user) {
    if (SessionMemory* memory = self(user).common_.memory) memory->token.assign(token, token + size);
    return 0;
  }

  // The server: the client's next connection may come from its new address.
  static int path_validation(ngtcp2_conn*, std::uint32_t flags, const ngtcp2_path* path, const ngtcp2_path*,
                             ngtcp2_path_validation_result result, void* user) {
    if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS &&
        (flags & NGTCP2_PATH_VALIDATION_FLAG_NEW_TOKEN) != 0)
      self(user).hand_out_token(path->remote);
    return 0;
  }

  static int stream_open(ngtcp2_conn*, std::int64_t stream_id, void* user) {
    if (!is_unidirectional(stream_id)) self(user).services_[stream_id];
    return 0;
  }

  static int stream_close(ngtcp2_conn* conn, std::uint32_t, std::int64_t stream_id, std::uint64_t, void* user,
                          void* replaced) {
    Connection& c = self(user);
    if (is_unidirectional(stream_id)) {
      if (replaced != nullptr) --c.replaced_;
      if (c.frames_.erase(stream_id) == 0 && replaced == nullptr) ngtcp2_conn_extend_max_streams_uni(conn, 1);
      return 0;
    }
    const auto stream = c.services_.extract(stream_id);
    if (!stream.empty() && stream.mapped().ends()) {  // both ends have said that they are done with it
      if (c.server_) ngtcp2_conn_extend_max_streams_bidi(conn, 1);
      return 0;
    }
    // A service's stream lives as long as its connection; an end that gives one up has to start anew.
    c.breach_ = "the peer closed a service's stream";
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }

  static int stream_reset(ngtcp2_conn* conn, std::int64_t stream_id, std::uint64_t, std::uint64_t, void* user,
                          void*) {
    Connection& c = self(user);
    c.last_life_ = c.now_;
    if (!is_unidirectional(stream_id)) {
      c.breach_ = "the peer reset a service's stream";
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    // ngtcp2 1.11 never closes a stream whose reset overtook all its data, so that the peer gets another for
    // it now and not when it closes. What is left of it in ngtcp2 is little, but not without end.
    if (++c.replaced_ > kMostReplacedStreams) {
      c.breach_ = "the peer gave up too many streams";
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    ngtcp2_conn_set_stream_user_data(conn, stream_id, &c);
    ngtcp2_conn_extend_max_streams_uni(conn, 1);
    c.common_.handler->on_stream_reset(c.common_.id, stream_id, c.now_);
    return 0;
  }

  static int stream_stop_sending(ngtcp2_conn*, std::int64_t, std::uint64_t, void* user, void*) {
    self(user).breach_ = "the peer stopped a stream";
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }

  static int recv_stream_data(ngtcp2_conn* conn, std::uint32_t flags, std::int64_t stream_id, std::uint64_t,
                              const std::uint8_t* data, std::size_t size, void* user, void*) {
    Connection& c = self(user);
    c.last_life_ = c.now_;
    const bool end = (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0;
    if (size == 0 && !end) return 0;
    c.breach_ = c.common_.handler->on_stream_data(c.common_.id, stream_id, {data, size}, end, c.now_);
    if (!c.breach_.empty()) return NGTCP2_ERR_CALLBACK_FAILURE;
    // The owner has taken the data: only now may the peer send as much again.
    ngtcp2_conn_extend_max_stream_offset(conn, stream_id, size);
    ngtcp2_conn_extend_max_offset(conn, size);
    return 0;
  }

  static int acked_stream_data(ngtcp2_conn*, std::int64_t stream_id, std::uint64_t offset, std::uint64_t size,
                               void* user, void*) {
    Connection& c = self(user);
    c.last_life_ = c.now_;
    auto& streams = is_unidirectional(stream_id) ? c.frames_ : c.services_;
    if (const auto stream = streams.find(stream_id); stream != streams.end())
      stream->second.acknowledge(offset + size);
    return 0;
  }

  // Not for secrets: ngtcp2 spreads its choices with it.
  static void random(std::uint8_t* to, std::size_t size, const ngtcp2_rand_ctx*) {
    try {
      random_bytes(to, size);
    } catch (const std::exception&) {
      std::memset(to, 0x5a, size);
    }
  }

  static int new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t size,
                               void* user) {
    Connection& c = self(user);
    cid->datalen = size;
    random_bytes(cid->data, size);
    const ResetSecret& secret = c.common_.reset_secret;
    if (ngtcp2_crypto_generate_stateless_reset_token(token, secret.data(), secret.size(), cid) != 0)
      return NGTCP2_ERR_CALLBACK_FAILURE;
    if (c.hooks_.added) c.hooks_.added(*cid, c);
    return 0;
  }

  static int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* cid, void* user) {
    if (const Connection& c = self(user); c.hooks_.removed) c.hooks_.removed(*cid);
    return 0;
  }

  static int stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user) {
    self(user).breach_ = "the peer was restarted and does not know this connection";
    return 0;
  }

  static int failed(void* user, const char* why) noexcept {
    try {
      self(user).breach_ = std::string("internal error: ") + why;
    } catch (...) {  // no memory for the reason: then without
      self(user).breach_.clear();
    }
    return NGTCP2_ERR_CALLBACK_FAILURE;
  }
};

namespace {

template <auto kCallback, typename Type = decltype(kCallback)>
struct Guarded;

template <auto kCallback, typename... Args>
struct Guarded<kCallback, int (*)(Args...)> {
  static int call(Args... args) noexcept {
    try {
      return kCallback(args...);
    } catch (const std::exception& e) {
      return ConnectionCallbacks::failed(user_of(args...), e.what());
    } catch (...) {
      return ConnectionCallbacks::failed(user_of(args...), "unknown");
    }
  }
  // The first void* of every callback; a stream's own comes after it.
  static void* user_of(Args... args) noexcept {
    void* user = nullptr;
    const auto look = [&](auto arg) {
      if constexpr (std::is_same_v<decltype(arg), void*>)
        if (user == nullptr) user = arg;
    };
    (look(args), ...);
    return user;
  }
};

}  // namespace

ngtcp2_callbacks connection_callbacks(bool server) {
  ngtcp2_callbacks callbacks{};
  if (server) {
    callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    callbacks.path_validation = Guarded<&ConnectionCallbacks::path_validation>::call;
    callbacks.stream_open = Guarded<&ConnectionCallbacks::stream_open>::call;
  } else {
    callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
    callbacks.recv_new_token = Guarded<&ConnectionCallbacks::recv_new_token>::call;
    callbacks.handshake_confirmed = Guarded<&ConnectionCallbacks::handshake_confirmed>::call;
    callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
  }
  callbacks.recv_rx_key = Guarded<&ConnectionCallbacks::recv_rx_key>::call;
  callbacks.recv_crypto_data = Guarded<&ConnectionCallbacks::recv_crypto_data>::call;
  callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
  callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
  callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
  callbacks.update_key = ngtcp2_crypto_update_key_cb;
  callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  callbacks.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  callbacks.handshake_completed = Guarded<&ConnectionCallbacks::handshake_completed>::call;
  callbacks.recv_stream_data = Guarded<&ConnectionCallbacks::recv_stream_data>::call;
  callbacks.acked_stream_data_offset = Guarded<&ConnectionCallbacks::acked_stream_data>::call;
  callbacks.stream_close = Guarded<&ConnectionCallbacks::stream_close>::call;
  callbacks.stream_reset = Guarded<&ConnectionCallbacks::stream_reset>::call;
  callbacks.stream_stop_sending = Guarded<&ConnectionCallbacks::stream_stop_sending>::call;
  callbacks.rand = ConnectionCallbacks::random;
  callbacks.get_new_connection_id = Guarded<&ConnectionCallbacks::new_connection_id>::call;
  callbacks.remove_connection_id = Guarded<&ConnectionCallbacks::remove_connection_id>::call;
  callbacks.recv_stateless_reset = Guarded<&ConnectionCallbacks::stateless_reset>::call;
  return callbacks;
}

}  // namespace turbo
