#include "transport/quic/tls.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace turbo {
namespace {

constexpr char kPriority[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CCM:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE";

void require(int code, const std::string& what) {
  if (code < 0) throw std::runtime_error(what + ": " + gnutls_strerror(code));
}

bool is_numeric_address(const std::string& name) {
  std::array<std::uint8_t, 16> scratch;
  return inet_pton(AF_INET, name.c_str(), scratch.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), scratch.data()) == 1;
}

}  // namespace

TlsCredentials::TlsCredentials() {
  gnutls_certificate_credentials_t raw = nullptr;
  require(gnutls_certificate_allocate_credentials(&raw), "allocating TLS credentials");
  credentials_.reset(raw);
}

TlsCredentials TlsCredentials::for_client(const std::string& ca_file) {
  TlsCredentials made;
  const int count = gnutls_certificate_set_x509_trust_file(made.get(), ca_file.c_str(), GNUTLS_X509_FMT_PEM);
  require(count, "reading the certificate authority " + ca_file);
  if (count == 0)
    throw std::runtime_error("reading the certificate authority " + ca_file + ": no certificate in it");
  return made;
}

TlsCredentials TlsCredentials::for_server(const std::string& certificate_file, const std::string& key_file) {
  TlsCredentials made;
  require(gnutls_certificate_set_x509_key_file(made.get(), certificate_file.c_str(), key_file.c_str(),
                                               GNUTLS_X509_FMT_PEM),
          "reading the server's certificate " + certificate_file + " and key " + key_file);
  return made;
}

TlsSession::TlsSession(const TlsCredentials& credentials, bool server, const std::string& peer_name,
                       ngtcp2_crypto_conn_ref* connection)
    : peer_name_(peer_name) {
  gnutls_session_t raw = nullptr;
  // No tickets, so no resumption and no 0-RTT: a replayed frame would cost GPU time.
  require(gnutls_init(&raw, (server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NO_AUTO_SEND_TICKET),
          "opening a TLS session");
  session_.reset(raw);
  require(gnutls_priority_set_direct(raw, kPriority, nullptr), "choosing TLS 1.3");
  if ((server ? ngtcp2_crypto_gnutls_configure_server_session(raw)
              : ngtcp2_crypto_gnutls_configure_client_session(raw)) != 0)
    throw std::runtime_error("configuring TLS for QUIC failed");
  gnutls_session_set_ptr(raw, connection);
  require(gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, credentials.get()), "setting TLS credentials");
  gnutls_datum_t alpn{reinterpret_cast<unsigned char*>(const_cast<char*>(kAlpn)), sizeof kAlpn - 1};
  require(gnutls_alpn_set_protocols(raw, &alpn, 1, GNUTLS_ALPN_MANDATORY), "setting the ALPN");
  if (server) return;
  gnutls_session_set_verify_cert(raw, peer_name_.c_str(), 0);
  if (!is_numeric_address(peer_name_))
    require(gnutls_server_name_set(raw, GNUTLS_NAME_DNS, peer_name_.data(), peer_name_.size()),
            "setting the server's name " + peer_name_);
}

bool TlsSession::has_agreed_protocol() const {
  gnutls_datum_t agreed{};
  return gnutls_alpn_get_selected_protocol(get(), &agreed) == 0 && agreed.size == sizeof kAlpn - 1 &&
         std::memcmp(agreed.data, kAlpn, agreed.size) == 0;
}

std::string TlsSession::certificate_problem() const {
  const unsigned status = gnutls_session_get_verify_cert_status(get());
  if (status == 0 || status == static_cast<unsigned>(-1)) return {};
  gnutls_datum_t text{};
  if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
    return "the server's certificate is not trusted";
  std::string reason(reinterpret_cast<const char*>(text.data), text.size);
  gnutls_free(text.data);
  while (!reason.empty() && (reason.back() == ' ' || reason.back() == '\0')) reason.pop_back();
  return reason;
}

void random_bytes(std::uint8_t* out, std::size_t size) {
  if (gnutls_rnd(GNUTLS_RND_RANDOM, out, size) != 0) throw std::runtime_error("no random bytes to be had");
}

ResetSecret reset_secret_of(const std::string& key_file) {
  std::ifstream file(key_file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  content += "turbo stateless reset";
  ResetSecret secret{};
  require(gnutls_hash_fast(GNUTLS_DIG_SHA256, content.data(), content.size(), secret.data()),
          "deriving the reset secret");
  return secret;
}

ResetSecret random_reset_secret() {
  ResetSecret secret{};
  random_bytes(secret.data(), secret.size());
  return secret;
}

}  // namespace turbo
