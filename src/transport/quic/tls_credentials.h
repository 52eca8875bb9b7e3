#pragma once
// What an end shows, whom it trusts and what it speaks, loaded once and shared by its connections. Private to
// this folder.

#include <gnutls/gnutls.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace turbo {

class TlsCredentials {
 public:
  // Trusts the certificate authorities of this PEM file, and no others. Shows a certificate if
  // `certificate_file` names one. Throws std::runtime_error.
  static TlsCredentials for_client(const std::string& ca_file, const std::string& certificate_file,
                                   const std::string& key_file, const std::string& alpn);
  // `client_ca_file`: the authorities of its clients' certificates; empty: clients show none.
  // Throws std::runtime_error.
  static TlsCredentials for_server(const std::string& certificate_file, const std::string& key_file,
                                   const std::string& client_ca_file, const std::string& alpn);

  gnutls_certificate_credentials_t get() const { return credentials_.get(); }
  bool asks_clients() const { return asks_clients_; }
  const std::string& alpn() const { return alpn_; }

 private:
  struct Deleter {
    void operator()(gnutls_certificate_credentials_t c) const { gnutls_certificate_free_credentials(c); }
  };
  TlsCredentials();
  void trust(const std::string& ca_file);
  void show(const std::string& whose, const std::string& certificate_file, const std::string& key_file);

  std::unique_ptr<gnutls_certificate_credentials_st, Deleter> credentials_;
  bool asks_clients_ = false;
  std::string alpn_;
};

// Throws std::runtime_error with GnuTLS's words when `code` is an error.
void require_tls(int code, const std::string& what);

void random_bytes(std::uint8_t* out, std::size_t size);

// A secret that is the same after a restart with the same key file, so that a server can reset the
// connections of its former life (RFC 9000, 10.3).
using ResetSecret = std::array<std::uint8_t, 32>;
ResetSecret reset_secret_of(const std::string& key_file);
ResetSecret random_reset_secret();

}  // namespace turbo
