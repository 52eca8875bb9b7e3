#include "transport/quic/tls_session.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace turbo {
namespace {

constexpr char kPriority[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-CCM:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE";

bool is_numeric_address(const std::string& name) {
  std::array<std::uint8_t, 16> scratch;
  return inet_pton(AF_INET, name.c_str(), scratch.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), scratch.data()) == 1;
}

gnutls_datum_t datum_of(const char* text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text)),
          static_cast<unsigned>(std::strlen(text))};
}

std::string status_text(unsigned status) {
  gnutls_datum_t text{};
  if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
    return "the certificate is not trusted";
  std::string reason(reinterpret_cast<const char*>(text.data), text.size);
  gnutls_free(text.data);
  while (!reason.empty() && (reason.back() == ' ' || reason.back() == '\0')) reason.pop_back();
  return reason;
}

struct FreeCertificate {
  void operator()(gnutls_x509_crt_t certificate) const { gnutls_x509_crt_deinit(certificate); }
};
using CertificateHandle = std::unique_ptr<gnutls_x509_crt_int, FreeCertificate>;

CertificateHandle peer_certificate(gnutls_session_t session) {
  unsigned count = 0;
  const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
  gnutls_x509_crt_t raw = nullptr;
  if (chain == nullptr || count == 0 || gnutls_x509_crt_init(&raw) < 0) return nullptr;
  CertificateHandle read(raw);
  if (gnutls_x509_crt_import(raw, &chain[0], GNUTLS_X509_FMT_DER) < 0) return nullptr;
  return read;
}

// Its common name. It is of an authority that we trust, but goes into logs: printable, and not without end.
std::string name_of(gnutls_x509_crt_t certificate) {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text.data(), &size) < 0)
    return {};
  std::string name(text.data(), std::min<std::size_t>(size, 64));
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c <= ' ' || c > '~'; }, '?');
  return name;
}

std::string serial_of(gnutls_x509_crt_t certificate) {
  std::array<std::uint8_t, 64> serial;
  std::size_t size = serial.size();
  if (gnutls_x509_crt_get_serial(certificate, serial.data(), &size) < 0) return {};
  return hexadecimal({serial.data(), size});
}

}  // namespace

TlsSession::TlsSession(const TlsCredentials& credentials, const std::string& peer_name,
                       std::span<const std::uint8_t> ticket, ngtcp2_crypto_conn_ref* connection)
    : peer_name_(peer_name) {
  open(GNUTLS_CLIENT, credentials, connection);
  check_server_as(peer_name_);
  // A ticket that GnuTLS cannot use is as good as none.
  if (!ticket.empty()) gnutls_session_set_data(get(), ticket.data(), ticket.size());
}

TlsSession::TlsSession(const TlsCredentials& credentials, const ServerTickets& tickets,
                       ngtcp2_crypto_conn_ref* connection) {
  open(GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET, credentials, connection);
  tickets.enable(get());
  if (!credentials.asks_clients()) return;
  gnutls_certificate_server_set_request(get(), GNUTLS_CERT_REQUIRE);
  // A client that is told whom we trust shows a foreign certificate to nobody, and could not be told from one
  // that has none.
  gnutls_certificate_send_x509_rdn_sequence(get(), 1);
}

void TlsSession::open(unsigned flags, const TlsCredentials& credentials, ngtcp2_crypto_conn_ref* connection) {
  gnutls_session_t raw = nullptr;
  require_tls(gnutls_init(&raw, flags | GNUTLS_ENABLE_EARLY_DATA | GNUTLS_NO_END_OF_EARLY_DATA),
              "opening a TLS session");
  session_.reset(raw);
  require_tls(gnutls_priority_set_direct(raw, kPriority, nullptr), "choosing TLS 1.3");
  if (((flags & GNUTLS_SERVER) != 0 ? ngtcp2_crypto_gnutls_configure_server_session(raw)
                                    : ngtcp2_crypto_gnutls_configure_client_session(raw)) != 0)
    throw std::runtime_error("configuring TLS for QUIC failed");
  gnutls_session_set_ptr(raw, connection);
  require_tls(gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, credentials.get()),
              "setting TLS credentials");
  alpn_ = credentials.alpn();
  const gnutls_datum_t alpn = datum_of(alpn_.c_str());
  require_tls(gnutls_alpn_set_protocols(raw, &alpn, 1, GNUTLS_ALPN_MANDATORY), "setting the ALPN");
}

std::vector<std::uint8_t> TlsSession::ticket() const {
  gnutls_datum_t data{};
  if ((gnutls_session_get_flags(get()) & GNUTLS_SFLAGS_SESSION_TICKET) == 0 ||
      gnutls_session_get_data2(get(), &data) < 0)
    return {};
  std::vector<std::uint8_t> copy(data.data, data.data + data.size);
  gnutls_free(data.data);
  return copy;
}

void TlsSession::check_server_as(const std::string& name) {
  expected_[0] = {GNUTLS_DT_DNS_HOSTNAME, reinterpret_cast<unsigned char*>(const_cast<char*>(name.c_str())),
                  0};
  expected_[1] = {GNUTLS_DT_KEY_PURPOSE_OID,
                  reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER)), 0};
  gnutls_session_set_verify_cert2(get(), expected_, 2, 0);
  if (!is_numeric_address(name))
    require_tls(gnutls_server_name_set(get(), GNUTLS_NAME_DNS, name.data(), name.size()),
                "setting the server's name " + name);
}

bool TlsSession::has_agreed_protocol() const {
  gnutls_datum_t agreed{};
  return gnutls_alpn_get_selected_protocol(get(), &agreed) == 0 &&
         std::string_view(reinterpret_cast<const char*>(agreed.data), agreed.size) == alpn_;
}

std::string TlsSession::certificate_problem() const {
  const unsigned status = gnutls_session_get_verify_cert_status(get());
  return status == 0 || status == static_cast<unsigned>(-1) ? std::string() : status_text(status);
}

PeerCheck TlsSession::check_client(const RevocationList& revoked) const {
  PeerCheck check;
  const CertificateHandle certificate = peer_certificate(get());
  if (!certificate) {
    check.problem = "it shows no certificate";
    check.alert = GNUTLS_A_CERTIFICATE_REQUIRED;
    return check;
  }
  check.name = name_of(certificate.get());
  check.serial = serial_of(certificate.get());
  gnutls_typed_vdata_st purpose{GNUTLS_DT_KEY_PURPOSE_OID,
                                reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_CLIENT)),
                                0};
  unsigned status = 0;
  if (gnutls_certificate_verify_peers(get(), &purpose, 1, &status) < 0) status = GNUTLS_CERT_INVALID;
  if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0) {
    check.problem = "its certificate is of an authority that is not the fleet's";
    check.alert = GNUTLS_A_UNKNOWN_CA;
  } else if ((status & GNUTLS_CERT_EXPIRED) != 0) {
    check.problem = "its certificate has expired";
    check.alert = GNUTLS_A_CERTIFICATE_EXPIRED;
  } else if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0) {
    check.problem = "its certificate is not valid yet";
    check.alert = GNUTLS_A_BAD_CERTIFICATE;
  } else if (status != 0) {
    check.problem = "its certificate: " + status_text(status);
    check.alert = GNUTLS_A_BAD_CERTIFICATE;
  } else if (revoked.contains(check.serial)) {
    check.problem = "its certificate was revoked";
    check.alert = GNUTLS_A_CERTIFICATE_REVOKED;
  } else if (check.name.empty()) {
    check.problem = "its certificate names nobody";
    check.alert = GNUTLS_A_BAD_CERTIFICATE;
  }
  return check;
}

std::string alert_text(std::uint8_t alert) {
  const char* name = gnutls_alert_get_name(static_cast<gnutls_alert_description_t>(alert));
  return name != nullptr ? name : "TLS alert " + std::to_string(alert);
}

}  // namespace turbo
