#include "lab/certs/authority.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "lab/certs/listing.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

constexpr std::time_t kNow = 1'800'000'000, kDay = 86'400;

std::string said(const std::function<void()>& action) {
  try {
    action();
  } catch (const CertsError& e) {
    return e.what();
  }
  return "nothing";
}

class AuthorityTest : public ::testing::Test {
 protected:
  Authority make() { return Authority::create(at(), {kNow, 100}); }
  const std::string& at() const { return at_; }
  std::string in(const std::string& name) const { return std::filesystem::path(at_) / name; }
  mode_t mode(const std::string& name) const {
    struct stat status {};
    stat(in(name).c_str(), &status);
    return status.st_mode & 0777;
  }
  std::string content(const std::string& name) const {
    std::ifstream file(in(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  test::TemporaryFolder folder_;
  const std::string at_ = folder_ / "authority";
};

TEST_F(AuthorityTest, KeysAreTheirOwnersAlone) {
  make().issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  EXPECT_EQ(mode(""), 0700u);
  EXPECT_EQ(mode("ca.key"), 0600u);
  EXPECT_EQ(mode("car-7.key"), 0600u);
  EXPECT_EQ(mode("car-7.pem"), 0644u);
  EXPECT_EQ(content("car-7.pem").find("PRIVATE"), std::string::npos);
}

TEST_F(AuthorityTest, ACertificateSaysWhatItWasMadeFor) {
  Authority authority = make();
  authority.issue(CertificateRole::kServer, "cloud", {"10.0.0.1", "::1", "cloud.example"}, {kNow, 10});
  const Certificate made = Certificate::load(authority.file("cloud", ".pem"));
  const CertificateText text = made.text();
  EXPECT_EQ(text.role, CertificateRole::kServer);
  EXPECT_EQ(text.name, "cloud");
  EXPECT_THAT(text.other_names, testing::ElementsAre("cloud", "10.0.0.1", "::1", "cloud.example"));
  EXPECT_EQ(text.valid_from, kNow);
  EXPECT_EQ(text.valid_to, kNow + 10 * kDay);
  EXPECT_TRUE(made.is_signed_by(Certificate::load(in("ca.pem"))));
  EXPECT_TRUE(made.belongs_to(PrivateKey::load(authority.file("cloud", ".key"))));
  EXPECT_EQ(Certificate::load(in("ca.pem")).text().role, CertificateRole::kAuthority);
}

TEST_F(AuthorityTest, RenewingKeepsNameNamesAndKey) {
  Authority authority = make();
  authority.issue(CertificateRole::kServer, "cloud", {"10.0.0.1"}, {kNow, 10});
  const CertificateText before = Certificate::load(authority.file("cloud", ".pem")).text();
  authority.renew("cloud", {kNow + 5 * kDay, 20});
  const Certificate after = Certificate::load(authority.file("cloud", ".pem"));
  EXPECT_NE(after.text().serial, before.serial);
  EXPECT_EQ(after.text().other_names, before.other_names);
  EXPECT_EQ(after.text().role, before.role);
  EXPECT_EQ(after.text().valid_to, kNow + 25 * kDay);
  EXPECT_TRUE(after.belongs_to(PrivateKey::load(authority.file("cloud", ".key"))));
}

TEST_F(AuthorityTest, RevokingVoidsAllOfANameAndNobodyElse) {
  Authority authority = make();
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  authority.issue(CertificateRole::kVehicle, "car-8", {}, {kNow, 10});
  authority.renew("car-7", {kNow, 20});
  EXPECT_EQ(authority.revoke("car-7", kNow + 1), 2u);
  EXPECT_EQ(authority.revoke("car-7", kNow + 2), 0u) << "they are already";
  EXPECT_EQ(authority.revoke("car-8", kNow + 3), 1u) << "beside the earlier ones";
  const auto issued = Authority::open(at()).list();
  ASSERT_EQ(issued.size(), 3u);
  EXPECT_EQ(issued[0].revoked_since, kNow + 1);
  EXPECT_FALSE(issued[0].in_use);
  EXPECT_EQ(issued[1].revoked_since, kNow + 1);
  EXPECT_TRUE(issued[1].in_use);
  EXPECT_EQ(issued[2].revoked_since, kNow + 3);
}

TEST_F(AuthorityTest, ARevokedNameComesBackWithAnotherKeyOnly) {
  Authority authority = make();
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  const PrivateKey stolen = PrivateKey::load(authority.file("car-7", ".key"));
  authority.revoke("car-7", kNow);
  EXPECT_NE(said([&] {
              authority.renew("car-7", {kNow, 10});
            }).find("turbo-certs vehicle car-7"),
            std::string::npos);
  EXPECT_TRUE(authority.is_revoked("car-7"));
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  EXPECT_FALSE(authority.is_revoked("car-7"));
  EXPECT_FALSE(Certificate::load(authority.file("car-7", ".pem")).belongs_to(stolen));
  make_local(at(), {kNow, 100});
  const PrivateKey first = PrivateKey::load(authority.file(kVehicleName, ".key"));
  authority.revoke(kVehicleName, kNow);
  EXPECT_THAT(make_local(at(), {kNow, 100}), testing::ElementsAre("vehicle-1.pem"));
  EXPECT_FALSE(Certificate::load(authority.file(kVehicleName, ".pem")).belongs_to(first));
}

TEST_F(AuthorityTest, AKeyThatWentToItsVehicleDoesNotLockTheName) {
  Authority authority = make();
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  std::filesystem::remove(authority.file("car-7", ".key"));
  EXPECT_NE(said([&] {
              authority.renew("car-7", {kNow, 10});
            }).find("turbo-certs vehicle car-7"),
            std::string::npos);
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 10});
  EXPECT_TRUE(std::filesystem::exists(authority.file("car-7", ".key")));
}

TEST_F(AuthorityTest, LocalMakesWhatIsMissingAndLeavesWhatIsGood) {
  EXPECT_THAT(make_local(at(), {kNow, 100}),
              testing::ElementsAre("ca.pem", "turbo-server.pem", "vehicle-1.pem"));
  EXPECT_THAT(make_local(at(), {kNow + 50 * kDay, 100}), testing::ElementsAre());
  EXPECT_THAT(make_local(at(), {kNow + 80 * kDay, 100}),
              testing::ElementsAre("turbo-server.pem", "vehicle-1.pem"))
      << "fewer than 30 days are left";
  std::filesystem::remove(in("vehicle-1.pem"));
  EXPECT_THAT(make_local(at(), {kNow + 80 * kDay, 100}), testing::ElementsAre("vehicle-1.pem"));
}

TEST_F(AuthorityTest, MistakesAreToldAndHarmNothing) {
  Authority authority = make();
  EXPECT_NE(said([&] { make(); }).find("has an authority already"), std::string::npos);
  for (const char* name : {"", "../x", "a b", ".hidden", "-x", "ca", "revoked"})
    EXPECT_NE(said([&] {
                authority.issue(CertificateRole::kVehicle, name, {}, {kNow, 1});
              }).find("name"),
              std::string::npos)
        << name;
  authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 1});
  EXPECT_NE(said([&] {
              authority.issue(CertificateRole::kVehicle, "car-7", {}, {kNow, 1});
            }).find("renew car-7"),
            std::string::npos);
  EXPECT_NE(said([&] { authority.renew("car-8", {kNow, 1}); }).find("car-8.pem"), std::string::npos);
  EXPECT_NE(said([&] { authority.revoke("car-8", kNow); }).find("car-8"), std::string::npos);
  EXPECT_NE(said([&] { Authority::open(folder_.path()); }).find("turbo-certs authority"), std::string::npos);
  std::filesystem::remove(in("ca.key"));
  EXPECT_NE(said([&] { make(); }).find("another's authority"), std::string::npos)
      << "it is never written over";
}

TEST_F(AuthorityTest, TheListIsForPeopleAndForPrograms) {
  Authority authority = make();
  authority.issue(CertificateRole::kVehicle, "good", {}, {kNow, 10});
  authority.issue(CertificateRole::kVehicle, "old", {}, {kNow - 20 * kDay, 10});
  authority.issue(CertificateRole::kVehicle, "soon", {}, {kNow + kDay, 10});
  authority.issue(CertificateRole::kVehicle, "stolen", {}, {kNow, 10});
  authority.revoke("stolen", kNow);
  const auto json = nlohmann::json::parse(listing_json(authority.list(), kNow));
  ASSERT_EQ(json.size(), 4u);
  std::vector<std::string> states;
  for (const auto& one : json) states.push_back(one.at("state"));
  EXPECT_THAT(states, testing::ElementsAre("valid", "expired", "not yet valid", "revoked"));
  EXPECT_EQ(json[0].at("valid_from"), "2027-01-15T08:00:00Z");
  EXPECT_TRUE(json[0].at("revoked_since").is_null());
  EXPECT_EQ(json[3].at("revoked_since"), "2027-01-15T08:00:00Z");
  EXPECT_NE(listing_text(authority.list(), kNow).find("stolen  vehicle   revoked"), std::string::npos);
  EXPECT_EQ(parse_time("2027-01-15T08:00:00"), kNow);
  EXPECT_EQ(parse_time("2027-01-15"), kNow - 8 * 3'600);
  EXPECT_NE(said([] { parse_time("tomorrow"); }), "nothing");
}

}  // namespace
}  // namespace turbo
