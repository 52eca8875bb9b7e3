#pragma once
// GnuTLS for one QUIC connection. TLS 1.3 only. Private to this folder.

#include <gnutls/gnutls.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "transport/quic/revocation_list.h"
#include "transport/quic/server_tickets.h"
#include "transport/quic/tls_credentials.h"

struct ngtcp2_crypto_conn_ref;

namespace turbo {

// A client as the server sees it.
struct PeerCheck {
  std::string name;        // of its certificate; also when it is refused, if it can be read
  std::string serial;      // hexadecimal
  std::string problem;     // why it is refused; empty: it is not
  std::uint8_t alert = 0;  // TLS's word for that
};

class TlsSession {
 public:
  // A client checks the server's certificate against `peer_name`, a DNS name or an IP address. `ticket`: of
  // an earlier session with it, or empty. Both throw std::runtime_error.
  TlsSession(const TlsCredentials& credentials, const std::string& peer_name,
             std::span<const std::uint8_t> ticket, ngtcp2_crypto_conn_ref* connection);
  TlsSession(const TlsCredentials& credentials, const ServerTickets& tickets,
             ngtcp2_crypto_conn_ref* connection);

  gnutls_session_t get() const { return session_.get(); }
  bool has_agreed_protocol() const;
  // The client, when the handshake is complete: whether the server took what was sent before.
  bool early_data_accepted() const {
    return (gnutls_session_get_flags(get()) & GNUTLS_SFLAGS_EARLY_DATA) != 0;
  }
  // The server: once, when the handshake is complete. False when that failed.
  bool send_ticket() { return gnutls_session_ticket_send(get(), 1, 0) >= 0; }
  // The client: the server's ticket when it has come, else empty.
  std::vector<std::uint8_t> ticket() const;
  // Why the server's certificate was refused; empty when it was not.
  std::string certificate_problem() const;
  // The server, when the client has proved that it holds its certificate's key, now or in the session that
  // this one resumes: whether it is of the fleet, in its time and not revoked.
  PeerCheck check_client(const RevocationList& revoked) const;

 private:
  struct Deleter {
    void operator()(gnutls_session_t s) const { gnutls_deinit(s); }
  };
  void open(unsigned flags, const TlsCredentials& credentials, ngtcp2_crypto_conn_ref* connection);
  void check_server_as(const std::string& name);

  std::string alpn_;
  std::unique_ptr<gnutls_session_int, Deleter> session_;
  std::string peer_name_;  // GnuTLS keeps a pointer to it
  gnutls_typed_vdata_st expected_[2] = {};
};

// TLS's name of an alert, as "certificate expired".
std::string alert_text(std::uint8_t alert);

}  // namespace turbo
