#include "transport/quic/revocation_list.h"

#include <gnutls/x509.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

#include "transport/quic/tls_credentials.h"

namespace turbo {
namespace {

constexpr Duration kLookInterval = std::chrono::seconds(1);

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("reading " + file + " failed");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

gnutls_datum_t datum_of(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

// GnuTLS allocates the array; each entry is its own.
struct CertificateArray {
  gnutls_x509_crt_t* all = nullptr;
  unsigned count = 0;
  ~CertificateArray() {
    for (unsigned i = 0; i < count; ++i) gnutls_x509_crt_deinit(all[i]);
    gnutls_free(all);
  }
};

struct FreeList {
  void operator()(gnutls_x509_crl_t list) const { gnutls_x509_crl_deinit(list); }
};

}  // namespace

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

RevocationList::RevocationList(std::string file, std::string ca_file)
    : file_(std::move(file)), ca_file_(std::move(ca_file)) {
  seen_ = version();
  if (seen_)
    read();
  else if (!file_.empty())
    trouble_ = "there is no " + file_ + ": no certificate counts as revoked until there is";
}

std::optional<RevocationList::Version> RevocationList::version() const {
  struct stat status {};
  if (file_.empty() || stat(file_.c_str(), &status) != 0) return std::nullopt;
  return Version{status.st_mtim, status.st_size, status.st_ino};
}

bool RevocationList::refresh(Time now) {
  if (file_.empty() || now - looked_at_ < kLookInterval) return false;
  looked_at_ = now;
  const auto found = version();
  if (found == seen_) return false;
  seen_ = found;
  if (!found) {
    trouble_ = file_ + " is gone: what it revoked stays revoked until a restart";
    return false;
  }
  try {
    read();
    return true;
  } catch (const std::exception& e) {
    trouble_ = std::string(e.what()) + ": the last list of revoked certificates stays";
    return false;
  }
}

void RevocationList::read() {
  const std::string what = "reading the revoked certificates " + file_;
  const std::string authorities = content_of(ca_file_), pem = content_of(file_);
  CertificateArray trusted;
  const gnutls_datum_t ca_pem = datum_of(authorities), list_pem = datum_of(pem);
  require_tls(gnutls_x509_crt_list_import2(&trusted.all, &trusted.count, &ca_pem, GNUTLS_X509_FMT_PEM, 0),
              what);
  gnutls_x509_crl_t raw = nullptr;
  require_tls(gnutls_x509_crl_init(&raw), what);
  const std::unique_ptr<gnutls_x509_crl_int, FreeList> list(raw);
  require_tls(gnutls_x509_crl_import(raw, &list_pem, GNUTLS_X509_FMT_PEM), what);
  unsigned status = 0;
  require_tls(gnutls_x509_crl_verify(raw, trusted.all, static_cast<int>(trusted.count),
                                     GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status),
              what);
  if (status != 0) throw std::runtime_error(what + ": it is not signed by an authority of " + ca_file_);
  std::unordered_set<std::string> serials;
  const int count = gnutls_x509_crl_get_crt_count(raw);
  for (int i = 0; i < count; ++i) {
    std::array<std::uint8_t, 64> serial;
    std::size_t size = serial.size();
    require_tls(gnutls_x509_crl_get_crt_serial(raw, static_cast<unsigned>(i), serial.data(), &size, nullptr),
                what);
    serials.insert(hexadecimal({serial.data(), size}));
  }
  serials_ = std::move(serials);
}

}  // namespace turbo
