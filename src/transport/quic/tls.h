#pragma once
// GnuTLS for QUIC: credentials loaded once, one session a connection. TLS 1.3 only. Private to this folder.

#include <gnutls/gnutls.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ngtcp2_crypto_conn_ref;

namespace turbo {

inline constexpr char kAlpn[] = "turbo/1";

class TlsCredentials {
 public:
  // Trusts the certificate authorities of this PEM file, and no others. Throws std::runtime_error.
  static TlsCredentials for_client(const std::string& ca_file);
  // Throws std::runtime_error.
  static TlsCredentials for_server(const std::string& certificate_file, const std::string& key_file);

  gnutls_certificate_credentials_t get() const { return credentials_.get(); }

 private:
  struct Deleter {
    void operator()(gnutls_certificate_credentials_t c) const { gnutls_certificate_free_credentials(c); }
  };
  TlsCredentials();
  std::unique_ptr<gnutls_certificate_credentials_st, Deleter> credentials_;
};

class TlsSession {
 public:
  // A client checks the server's certificate against `peer_name`, a DNS name or an IP address; a server
  // passes an empty one. Throws std::runtime_error.
  TlsSession(const TlsCredentials& credentials, bool server, const std::string& peer_name,
             ngtcp2_crypto_conn_ref* connection);

  gnutls_session_t get() const { return session_.get(); }
  bool has_agreed_protocol() const;
  // Why the peer's certificate was refused; empty when it was not.
  std::string certificate_problem() const;

 private:
  struct Deleter {
    void operator()(gnutls_session_t s) const { gnutls_deinit(s); }
  };
  std::unique_ptr<gnutls_session_int, Deleter> session_;
  std::string peer_name_;  // GnuTLS keeps a pointer to it
};

void random_bytes(std::uint8_t* out, std::size_t size);

// A secret that is the same after a restart with the same key file, so that a server can reset the
// connections of its former life (RFC 9000, 10.3).
using ResetSecret = std::array<std::uint8_t, 32>;
ResetSecret reset_secret_of(const std::string& key_file);
ResetSecret random_reset_secret();

}  // namespace turbo
