#pragma once
// A certificate authority that lives in one folder: ca.pem and ca.key, NAME.pem and NAME.key of everybody it
// made a certificate for, revoked.pem, and a copy of every certificate it ever signed in issued/. Everything
// is made out of these files each time: there is no index that could disagree with them. Throws CertsError.

#include <optional>
#include <string>
#include <vector>

#include "lab/certs/x509.h"

namespace turbo {

inline constexpr char kServerName[] = "turbo-server";  // what a vehicle expects, unless told otherwise
inline constexpr char kVehicleName[] = "vehicle-1";

struct Validity {
  std::time_t from = 0;
  int days = 0;
};

struct IssuedCertificate {
  CertificateText text;
  std::optional<std::time_t> revoked_since;
  bool in_use = false;  // it is what NAME.pem holds now
};

class Authority {
 public:
  // Makes the authority when the folder has none.
  static Authority create(const std::string& folder, Validity validity);
  static Authority open(const std::string& folder);

  // A certificate and a new key in NAME.pem and NAME.key. There must be none of that name, unless it is
  // revoked or its key is not here any more.
  void issue(CertificateRole role, const std::string& name, std::vector<std::string> other_names,
             Validity validity);
  // A new certificate for the same name, other names and key. Not after a revocation.
  void renew(const std::string& name, Validity validity);
  // All certificates of that name, also those that a renewal replaced. Returns how many were not revoked
  // before.
  std::size_t revoke(const std::string& name, std::time_t now);
  // Who has no certificate yet comes first to mind; so by name, then by date.
  std::vector<IssuedCertificate> list() const;
  // NAME.pem is there, of this authority, fits its key, is not revoked and has so many days left.
  bool has_good(const std::string& name, std::time_t now, int days_left) const;

  bool is_revoked(const std::string& name) const;  // what NAME.pem holds

  std::string file(const std::string& name, const char* suffix) const;
  std::string revoked_file() const { return folder_ + "/revoked.pem"; }

 private:
  Authority(std::string folder, Certificate certificate, PrivateKey key);
  void sign(const CertificateText& text, const PrivateKey& key);

  std::string folder_;
  Certificate certificate_;
  PrivateKey key_;
};

// Everything that both ends on one machine need, and nothing when it is there and good for a month more.
// Returns what was made, empty: nothing.
std::vector<std::string> make_local(const std::string& folder, Validity validity);

}  // namespace turbo
