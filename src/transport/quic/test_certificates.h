#pragma once
// Fresh certificates for a test, by the same script that set-up uses. TURBO_MAKE_CERTIFICATES is its path.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace turbo {

class TestCertificates {
 public:
  TestCertificates() {
    std::string pattern = ::testing::TempDir() + "turbo_certs_XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder at " << pattern;
    folder_ = pattern;
    const std::string command = std::string(TURBO_MAKE_CERTIFICATES) + " " + folder_ + " > /dev/null";
    if (std::system(command.c_str()) != 0) ADD_FAILURE() << "making certificates failed";
  }
  ~TestCertificates() { std::filesystem::remove_all(folder_); }
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  const std::string& folder() const { return folder_; }
  std::string ca() const { return folder_ + "/ca.pem"; }
  std::string certificate() const { return folder_ + "/server.pem"; }
  std::string key() const { return folder_ + "/server.key"; }

 private:
  std::string folder_;
};

}  // namespace turbo
