#include "lab/certs/authority.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

namespace turbo {
namespace {

namespace fs = std::filesystem;

constexpr std::time_t kDay = 86'400;
constexpr int kDaysLeft = 30;
// Where turbo-demo's cloud is; a vehicle checks the name turbo-server, so that no address has to be in it.
const std::vector<std::string> kLocalNames{kServerName, "localhost", "127.0.0.1", "::1", "10.77.0.2"};

// It becomes a file's name, and part of log lines.
void check_name(const std::string& name) {
  const bool right = !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return std::isalnum(c) || c == '-' || c == '_' || c == '.';
                     });
  if (!right) throw CertsError("the name \"" + name + "\": up to 64 letters, digits, '-', '_' and '.'");
  if (name == "ca" || name == "revoked") throw CertsError("the name " + name + " is the authority's own");
}

CertificateText dated(CertificateText text, Validity validity) {
  text.valid_from = validity.from;
  text.valid_to = validity.from + validity.days * kDay;
  return text;
}

}  // namespace

Authority::Authority(std::string folder, Certificate certificate, PrivateKey key)
    : folder_(std::move(folder)), certificate_(std::move(certificate)), key_(std::move(key)) {}

std::string Authority::file(const std::string& name, const char* suffix) const {
  return folder_ + "/" + name + suffix;
}

Authority Authority::create(const std::string& folder, Validity validity) {
  const std::string certificate_file = folder + "/ca.pem", key_file = folder + "/ca.key";
  if (fs::exists(key_file)) throw CertsError(folder + " has an authority already");
  if (fs::exists(certificate_file))
    throw CertsError(certificate_file +
                     " is another's authority (its key is not here): choose another folder");
  fs::create_directories(folder);
  chmod(folder.c_str(), 0700);
  CertificateText text;
  text.role = CertificateRole::kAuthority;
  text.name = "TURBO certificate authority";
  const PrivateKey key = PrivateKey::generate();
  const Certificate certificate = Certificate::self_signed(dated(text, validity), key);
  certificate.save(certificate_file);
  key.save(key_file);  // last: with it the authority counts as there
  const Authority made = open(folder);
  save_revoked(made.revoked_file(), {}, certificate, key, validity.from);
  return made;
}

Authority Authority::open(const std::string& folder) {
  if (!fs::exists(folder + "/ca.key"))
    throw CertsError("no authority in " + folder + " (no ca.key): make one with turbo-certs authority");
  Authority opened(folder, Certificate::load(folder + "/ca.pem"), PrivateKey::load(folder + "/ca.key"));
  if (!opened.certificate_.belongs_to(opened.key_))
    throw CertsError(folder + "/ca.pem and ca.key do not fit together");
  return opened;
}

void Authority::sign(const CertificateText& text, const PrivateKey& key) {
  const Certificate made = Certificate::signed_by(certificate_, key_, text, key);
  fs::create_directories(folder_ + "/issued");
  made.save(folder_ + "/issued/" + made.text().serial + ".pem");
  made.save(file(text.name, ".pem"));
}

void Authority::issue(CertificateRole role, const std::string& name, std::vector<std::string> other_names,
                      Validity validity) {
  check_name(name);
  if (fs::exists(file(name, ".pem")) && fs::exists(file(name, ".key")) && !is_revoked(name))
    throw CertsError(file(name, ".pem") + " is there already: turbo-certs renew " + name +
                     " gives it new dates");
  CertificateText text;
  text.role = role;
  text.name = name;
  text.other_names = std::move(other_names);
  if (std::find(text.other_names.begin(), text.other_names.end(), name) == text.other_names.end())
    text.other_names.insert(text.other_names.begin(), name);
  const PrivateKey key = PrivateKey::generate();
  key.save(file(name, ".key"));
  sign(dated(text, validity), key);
}

void Authority::renew(const std::string& name, Validity validity) {
  check_name(name);
  const Certificate old = Certificate::load(file(name, ".pem"));
  if (!old.is_signed_by(certificate_)) throw CertsError(file(name, ".pem") + " is not of this authority");
  const std::string command = old.text().role == CertificateRole::kServer ? "server " : "vehicle ";
  if (is_revoked(name))
    throw CertsError(name + " is revoked, its key may be in other hands: turbo-certs " + command + name +
                     " makes it a new one");
  if (!fs::exists(file(name, ".key")))
    throw CertsError(file(name, ".key") + " is not here any more: turbo-certs " + command + name +
                     " makes a new key and certificate");
  sign(dated(old.text(), validity), PrivateKey::load(file(name, ".key")));
}

std::size_t Authority::revoke(const std::string& name, std::time_t now) {
  std::vector<Revoked> revoked = load_revoked(revoked_file());
  std::size_t found = 0, fresh = 0;
  for (const IssuedCertificate& issued : list()) {
    if (issued.text.name != name) continue;
    ++found;
    if (issued.revoked_since) continue;
    ++fresh;
    revoked.push_back({issued.text.serial, now});
  }
  if (found == 0) throw CertsError("no certificate of the name " + name + " in " + folder_ + "/issued");
  if (fresh > 0) save_revoked(revoked_file(), revoked, certificate_, key_, now);
  return fresh;
}

std::vector<IssuedCertificate> Authority::list() const {
  std::map<std::string, std::time_t> revoked;
  for (const Revoked& entry : load_revoked(revoked_file())) revoked[entry.serial] = entry.since;
  std::vector<IssuedCertificate> all;
  if (!fs::exists(folder_ + "/issued")) return all;
  for (const auto& entry : fs::directory_iterator(folder_ + "/issued")) {
    if (entry.path().extension() != ".pem") continue;
    IssuedCertificate issued{Certificate::load(entry.path()).text(), std::nullopt, false};
    if (const auto found = revoked.find(issued.text.serial); found != revoked.end())
      issued.revoked_since = found->second;
    const std::string now_used = file(issued.text.name, ".pem");
    issued.in_use = fs::exists(now_used) && Certificate::load(now_used).text().serial == issued.text.serial;
    all.push_back(std::move(issued));
  }
  std::sort(all.begin(), all.end(), [](const IssuedCertificate& a, const IssuedCertificate& b) {
    return std::tie(a.text.name, a.text.valid_to, a.text.serial) <
           std::tie(b.text.name, b.text.valid_to, b.text.serial);
  });
  return all;
}

bool Authority::is_revoked(const std::string& name) const {
  const std::string serial = Certificate::load(file(name, ".pem")).text().serial;
  const std::vector<Revoked> revoked = load_revoked(revoked_file());
  return std::any_of(revoked.begin(), revoked.end(),
                     [&](const Revoked& entry) { return entry.serial == serial; });
}

bool Authority::has_good(const std::string& name, std::time_t now, int days_left) const {
  if (!fs::exists(file(name, ".pem")) || !fs::exists(file(name, ".key"))) return false;
  const Certificate certificate = Certificate::load(file(name, ".pem"));
  const CertificateText text = certificate.text();
  return !is_revoked(name) && certificate.is_signed_by(certificate_) &&
         certificate.belongs_to(PrivateKey::load(file(name, ".key"))) && text.valid_from <= now &&
         text.valid_to > now + days_left * kDay;
}

std::vector<std::string> make_local(const std::string& folder, Validity validity) {
  std::vector<std::string> made;
  const bool fresh = !fs::exists(folder + "/ca.key");
  Authority authority = fresh ? Authority::create(folder, validity) : Authority::open(folder);
  if (fresh) made.push_back("ca.pem");
  const auto keep = [&](CertificateRole role, const std::string& name, std::vector<std::string> names) {
    if (authority.has_good(name, validity.from, kDaysLeft)) return;
    if (fs::exists(authority.file(name, ".pem")) && fs::exists(authority.file(name, ".key")) &&
        !authority.is_revoked(name))
      authority.renew(name, validity);
    else
      authority.issue(role, name, std::move(names), validity);
    made.push_back(name + ".pem");
  };
  keep(CertificateRole::kServer, kServerName, kLocalNames);
  keep(CertificateRole::kVehicle, kVehicleName, {});
  return made;
}

}  // namespace turbo
