#include "transport/quic/tls_credentials.h"

#include <gnutls/crypto.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace turbo {

void require_tls(int code, const std::string& what) {
  if (code < 0) throw std::runtime_error(what + ": " + gnutls_strerror(code));
}

TlsCredentials::TlsCredentials() {
  gnutls_certificate_credentials_t raw = nullptr;
  require_tls(gnutls_certificate_allocate_credentials(&raw), "allocating TLS credentials");
  credentials_.reset(raw);
}

void TlsCredentials::trust(const std::string& ca_file) {
  const int count = gnutls_certificate_set_x509_trust_file(get(), ca_file.c_str(), GNUTLS_X509_FMT_PEM);
  require_tls(count, "reading the certificate authority " + ca_file);
  if (count == 0)
    throw std::runtime_error("reading the certificate authority " + ca_file + ": no certificate in it");
}

void TlsCredentials::show(const std::string& whose, const std::string& certificate_file,
                          const std::string& key_file) {
  require_tls(gnutls_certificate_set_x509_key_file(get(), certificate_file.c_str(), key_file.c_str(),
                                                   GNUTLS_X509_FMT_PEM),
              "reading the " + whose + "'s certificate " + certificate_file + " and key " + key_file);
}

TlsCredentials TlsCredentials::for_client(const std::string& ca_file, const std::string& certificate_file,
                                          const std::string& key_file, const std::string& alpn) {
  TlsCredentials made;
  made.alpn_ = alpn;
  made.trust(ca_file);
  if (!certificate_file.empty()) made.show("vehicle", certificate_file, key_file);
  return made;
}

TlsCredentials TlsCredentials::for_server(const std::string& certificate_file, const std::string& key_file,
                                          const std::string& client_ca_file, const std::string& alpn) {
  TlsCredentials made;
  made.alpn_ = alpn;
  made.show("server", certificate_file, key_file);
  made.asks_clients_ = !client_ca_file.empty();
  if (made.asks_clients_) made.trust(client_ca_file);
  return made;
}

void random_bytes(std::uint8_t* out, std::size_t size) {
  if (gnutls_rnd(GNUTLS_RND_RANDOM, out, size) != 0) throw std::runtime_error("no random bytes to be had");
}

ResetSecret reset_secret_of(const std::string& key_file) {
  std::ifstream file(key_file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  content += "turbo stateless reset";
  ResetSecret secret{};
  require_tls(gnutls_hash_fast(GNUTLS_DIG_SHA256, content.data(), content.size(), secret.data()),
              "deriving the reset secret");
  return secret;
}

ResetSecret random_reset_secret() {
  ResetSecret secret{};
  random_bytes(secret.data(), secret.size());
  return secret;
}

}  // namespace turbo
