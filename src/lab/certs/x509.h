#pragma once
// Certificates, keys and lists of revoked certificates as values, over GnuTLS: made, read and written as PEM.
// Everything throws CertsError with one clear line. Keys are ECDSA on P-256: the curve every TLS 1.3 peer
// has.

#include <cstdint>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct gnutls_x509_crt_int;
struct gnutls_x509_privkey_int;

namespace turbo {

class CertsError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class CertificateRole { kAuthority, kServer, kVehicle };
std::string name_of(CertificateRole role);

// What a certificate says.
struct CertificateText {
  CertificateRole role = CertificateRole::kVehicle;
  std::string name;                      // the subject's common name
  std::vector<std::string> other_names;  // of a server: DNS names and IP addresses
  std::string serial;                    // hexadecimal
  std::time_t valid_from = 0, valid_to = 0;
};

class PrivateKey {
 public:
  static PrivateKey generate();
  static PrivateKey load(const std::string& file);
  // Readable by nobody but its owner, in place at once and whole.
  void save(const std::string& file) const;
  gnutls_x509_privkey_int* get() const { return key_.get(); }

 private:
  explicit PrivateKey(gnutls_x509_privkey_int* raw);
  std::shared_ptr<gnutls_x509_privkey_int> key_;
};

class Certificate {
 public:
  // `text.serial` is not looked at: each certificate gets a random one.
  static Certificate self_signed(const CertificateText& text, const PrivateKey& key);
  static Certificate signed_by(const Certificate& authority, const PrivateKey& authority_key,
                               const CertificateText& text, const PrivateKey& key);
  static Certificate load(const std::string& file);
  void save(const std::string& file) const;

  CertificateText text() const;
  bool belongs_to(const PrivateKey& key) const;
  // Its signature only, not its dates.
  bool is_signed_by(const Certificate& authority) const;
  gnutls_x509_crt_int* get() const { return certificate_.get(); }

 private:
  explicit Certificate(gnutls_x509_crt_int* raw);
  static Certificate begun(const CertificateText& text, const PrivateKey& key);
  std::shared_ptr<gnutls_x509_crt_int> certificate_;
};

struct Revoked {
  std::string serial;
  std::time_t since = 0;
};

// No file: nothing is revoked.
std::vector<Revoked> load_revoked(const std::string& file);
void save_revoked(const std::string& file, const std::vector<Revoked>& revoked, const Certificate& authority,
                  const PrivateKey& authority_key, std::time_t now);

}  // namespace turbo
