#include "lab/certs/x509.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace turbo {
namespace {

constexpr std::size_t kSerialBytes = 16;
// A list of revoked certificates stays good until the next one: a forgotten renewal must not stop a fleet.
constexpr std::time_t kListLifeSeconds = 3650L * 86'400;

void require(int code, const std::string& what) {
  if (code < 0) throw CertsError(what + ": " + gnutls_strerror(code));
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw CertsError(file + ": " + std::strerror(errno));
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Beside it first, then in its place: nobody reads half a file.
void write_file(const std::string& file, const gnutls_datum_t& pem, mode_t mode) {
  const std::string fresh = file + ".new";
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) throw CertsError(fresh + ": " + std::strerror(errno));
  const bool written = write(fd, pem.data, pem.size) == static_cast<ssize_t>(pem.size) &&
                       fchmod(fd, mode) == 0 && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (!written || rename(fresh.c_str(), file.c_str()) != 0)
    throw CertsError(file + ": " + std::strerror(written ? errno : error));
}

template <auto kExport, typename Handle>
void export_to(const std::string& file, Handle handle, mode_t mode) {
  gnutls_datum_t pem{};
  require(kExport(handle, GNUTLS_X509_FMT_PEM, &pem), "writing " + file);
  const std::unique_ptr<unsigned char, decltype(gnutls_free)> owned(pem.data, gnutls_free);
  write_file(file, pem, mode);
}

gnutls_datum_t datum_of(const std::string& text) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::vector<unsigned char> from_hex(const std::string& text) {
  std::vector<unsigned char> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<unsigned char>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

void add_other_name(gnutls_x509_crt_t certificate, const std::string& name) {
  std::array<unsigned char, 16> address;
  int code = 0;
  if (inet_pton(AF_INET, name.c_str(), address.data()) == 1)
    code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address.data(), 4,
                                                GNUTLS_FSAN_APPEND);
  else if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1)
    code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address.data(), 16,
                                                GNUTLS_FSAN_APPEND);
  else
    code = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name.data(),
                                                static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND);
  require(code, "naming the certificate " + name);
}

std::vector<std::string> other_names_of(gnutls_x509_crt_t certificate) {
  std::vector<std::string> names;
  for (unsigned i = 0;; ++i) {
    std::array<char, 512> value{};
    std::size_t size = value.size();
    const int kind = gnutls_x509_crt_get_subject_alt_name(certificate, i, value.data(), &size, nullptr);
    if (kind < 0) return names;
    std::array<char, INET6_ADDRSTRLEN> address{};
    if (kind == GNUTLS_SAN_IPADDRESS &&
        inet_ntop(size == 4 ? AF_INET : AF_INET6, value.data(), address.data(), address.size()) != nullptr)
      names.emplace_back(address.data());
    if (kind == GNUTLS_SAN_DNSNAME) names.emplace_back(value.data(), size);
  }
}

CertificateRole role_of(gnutls_x509_crt_t certificate) {
  unsigned critical = 0;
  if (gnutls_x509_crt_get_ca_status(certificate, &critical) > 0) return CertificateRole::kAuthority;
  std::array<char, 64> purpose{};
  std::size_t size = purpose.size();
  const bool has = gnutls_x509_crt_get_key_purpose_oid(certificate, 0, purpose.data(), &size, nullptr) >= 0;
  return has && std::strcmp(purpose.data(), GNUTLS_KP_TLS_WWW_SERVER) == 0 ? CertificateRole::kServer
                                                                           : CertificateRole::kVehicle;
}

void set_uses(gnutls_x509_crt_t certificate, CertificateRole role) {
  const bool authority = role == CertificateRole::kAuthority;
  require(gnutls_x509_crt_set_basic_constraints(certificate, authority, authority ? 0 : -1),
          "making a certificate");
  require(
      gnutls_x509_crt_set_key_usage(certificate, authority ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                                           : GNUTLS_KEY_DIGITAL_SIGNATURE),
      "making a certificate");
  if (authority) return;
  // Each end checks the other's: a vehicle's certificate is no good for playing the server.
  const char* purpose =
      role == CertificateRole::kServer ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
  require(gnutls_x509_crt_set_key_purpose_oid(certificate, purpose, 0), "making a certificate");
}

}  // namespace

std::string name_of(CertificateRole role) {
  switch (role) {
    case CertificateRole::kAuthority:
      return "authority";
    case CertificateRole::kServer:
      return "server";
    case CertificateRole::kVehicle:
      return "vehicle";
  }
  return {};
}

PrivateKey::PrivateKey(gnutls_x509_privkey_t raw) : key_(raw, gnutls_x509_privkey_deinit) {}

PrivateKey PrivateKey::generate() {
  gnutls_x509_privkey_t raw = nullptr;
  require(gnutls_x509_privkey_init(&raw), "making a key");
  PrivateKey made(raw);
  require(
      gnutls_x509_privkey_generate(raw, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
      "making a key");
  return made;
}

PrivateKey PrivateKey::load(const std::string& file) {
  gnutls_x509_privkey_t raw = nullptr;
  require(gnutls_x509_privkey_init(&raw), "reading the key " + file);
  PrivateKey read(raw);
  const std::string content = read_file(file);
  const gnutls_datum_t pem = datum_of(content);
  require(gnutls_x509_privkey_import(raw, &pem, GNUTLS_X509_FMT_PEM), "reading the key " + file);
  return read;
}

void PrivateKey::save(const std::string& file) const {
  export_to<gnutls_x509_privkey_export2>(file, get(), 0600);
}

Certificate::Certificate(gnutls_x509_crt_t raw) : certificate_(raw, gnutls_x509_crt_deinit) {}

Certificate Certificate::begun(const CertificateText& text, const PrivateKey& key) {
  gnutls_x509_crt_t raw = nullptr;
  require(gnutls_x509_crt_init(&raw), "making a certificate");
  Certificate made(raw);
  std::array<unsigned char, kSerialBytes> serial;
  require(gnutls_rnd(GNUTLS_RND_RANDOM, serial.data(), serial.size()), "choosing a serial number");
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);  // positive, and never shorter
  require(gnutls_x509_crt_set_version(raw, 3), "making a certificate");
  require(gnutls_x509_crt_set_serial(raw, serial.data(), serial.size()), "making a certificate");
  require(gnutls_x509_crt_set_activation_time(raw, text.valid_from), "dating a certificate");
  require(gnutls_x509_crt_set_expiration_time(raw, text.valid_to), "dating a certificate");
  require(gnutls_x509_crt_set_dn_by_oid(raw, GNUTLS_OID_X520_COMMON_NAME, 0, text.name.data(),
                                        static_cast<unsigned>(text.name.size())),
          "naming the certificate " + text.name);
  for (const std::string& name : text.other_names) add_other_name(raw, name);
  require(gnutls_x509_crt_set_key(raw, key.get()), "making a certificate");
  std::array<unsigned char, 64> key_id;
  std::size_t size = key_id.size();
  require(gnutls_x509_crt_get_key_id(raw, GNUTLS_KEYID_USE_SHA1, key_id.data(), &size),
          "making a certificate");
  require(gnutls_x509_crt_set_subject_key_id(raw, key_id.data(), size), "making a certificate");
  set_uses(raw, text.role);
  return made;
}

Certificate Certificate::self_signed(const CertificateText& text, const PrivateKey& key) {
  Certificate made = begun(text, key);
  require(gnutls_x509_crt_sign2(made.get(), made.get(), key.get(), GNUTLS_DIG_SHA256, 0), "signing");
  return made;
}

Certificate Certificate::signed_by(const Certificate& authority, const PrivateKey& authority_key,
                                   const CertificateText& text, const PrivateKey& key) {
  Certificate made = begun(text, key);
  std::array<unsigned char, 64> key_id;
  std::size_t size = key_id.size();
  require(gnutls_x509_crt_get_subject_key_id(authority.get(), key_id.data(), &size, nullptr), "signing");
  require(gnutls_x509_crt_set_authority_key_id(made.get(), key_id.data(), size), "signing");
  require(gnutls_x509_crt_sign2(made.get(), authority.get(), authority_key.get(), GNUTLS_DIG_SHA256, 0),
          "signing");
  return made;
}

Certificate Certificate::load(const std::string& file) {
  gnutls_x509_crt_t raw = nullptr;
  require(gnutls_x509_crt_init(&raw), "reading the certificate " + file);
  Certificate read(raw);
  const std::string content = read_file(file);
  const gnutls_datum_t pem = datum_of(content);
  require(gnutls_x509_crt_import(raw, &pem, GNUTLS_X509_FMT_PEM), "reading the certificate " + file);
  return read;
}

void Certificate::save(const std::string& file) const {
  export_to<gnutls_x509_crt_export2>(file, get(), 0644);
}

CertificateText Certificate::text() const {
  CertificateText text;
  text.role = role_of(get());
  std::array<char, 256> name{};
  std::size_t size = name.size();
  if (gnutls_x509_crt_get_dn_by_oid(get(), GNUTLS_OID_X520_COMMON_NAME, 0, 0, name.data(), &size) >= 0)
    text.name.assign(name.data(), size);
  text.other_names = other_names_of(get());
  std::array<unsigned char, 64> serial;
  size = serial.size();
  if (gnutls_x509_crt_get_serial(get(), serial.data(), &size) >= 0) text.serial = to_hex(serial.data(), size);
  text.valid_from = gnutls_x509_crt_get_activation_time(get());
  text.valid_to = gnutls_x509_crt_get_expiration_time(get());
  return text;
}

bool Certificate::belongs_to(const PrivateKey& key) const {
  std::array<unsigned char, 64> ours, theirs;
  std::size_t our_size = ours.size(), their_size = theirs.size();
  return gnutls_x509_crt_get_key_id(get(), GNUTLS_KEYID_USE_SHA256, ours.data(), &our_size) >= 0 &&
         gnutls_x509_privkey_get_key_id(key.get(), GNUTLS_KEYID_USE_SHA256, theirs.data(), &their_size) >=
             0 &&
         our_size == their_size && std::memcmp(ours.data(), theirs.data(), our_size) == 0;
}

bool Certificate::is_signed_by(const Certificate& authority) const {
  gnutls_x509_crt_t issuer = authority.get();
  unsigned status = 0;
  const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS;
  return gnutls_x509_crt_verify(get(), &issuer, 1, flags, &status) >= 0 && status == 0;
}

namespace {
struct FreeList {
  void operator()(gnutls_x509_crl_t list) const { gnutls_x509_crl_deinit(list); }
};
using List = std::unique_ptr<gnutls_x509_crl_int, FreeList>;

List new_list() {
  gnutls_x509_crl_t raw = nullptr;
  require(gnutls_x509_crl_init(&raw), "making a list of revoked certificates");
  return List(raw);
}
}  // namespace

std::vector<Revoked> load_revoked(const std::string& file) {
  std::vector<Revoked> revoked;
  if (!std::filesystem::exists(file)) return revoked;
  const List list = new_list();
  const std::string content = read_file(file);
  const gnutls_datum_t pem = datum_of(content);
  require(gnutls_x509_crl_import(list.get(), &pem, GNUTLS_X509_FMT_PEM), "reading " + file);
  const int count = gnutls_x509_crl_get_crt_count(list.get());
  for (int i = 0; i < count; ++i) {
    std::array<unsigned char, 64> serial;
    std::size_t size = serial.size();
    Revoked entry;
    require(gnutls_x509_crl_get_crt_serial(list.get(), static_cast<unsigned>(i), serial.data(), &size,
                                           &entry.since),
            "reading " + file);
    entry.serial = to_hex(serial.data(), size);
    revoked.push_back(std::move(entry));
  }
  return revoked;
}

void save_revoked(const std::string& file, const std::vector<Revoked>& revoked, const Certificate& authority,
                  const PrivateKey& authority_key, std::time_t now) {
  const std::string what = "making the list of revoked certificates " + file;
  const List list = new_list();
  require(gnutls_x509_crl_set_version(list.get(), 2), what);
  require(gnutls_x509_crl_set_this_update(list.get(), now), what);
  require(gnutls_x509_crl_set_next_update(list.get(), now + kListLifeSeconds), what);
  for (const Revoked& entry : revoked) {
    const auto serial = from_hex(entry.serial);
    require(gnutls_x509_crl_set_crt_serial(list.get(), serial.data(), serial.size(), entry.since), what);
  }
  std::array<unsigned char, 8> number;
  for (std::size_t i = 0; i < number.size(); ++i)
    number[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(now) >> (56 - 8 * i));
  require(gnutls_x509_crl_set_number(list.get(), number.data(), number.size()), what);
  require(gnutls_x509_crl_sign2(list.get(), authority.get(), authority_key.get(), GNUTLS_DIG_SHA256, 0),
          what);
  export_to<gnutls_x509_crl_export2>(file, list.get(), 0644);
}

}  // namespace turbo
