#pragma once
// Fresh certificates for a test, by the same script that set-up uses. TURBO_MAKE_CERTIFICATES is its path.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/temporary_folder.h"

namespace turbo {

class TestCertificates {
 public:
  TestCertificates() {
    const std::string command = std::string(TURBO_MAKE_CERTIFICATES) + " " + folder() + " > /dev/null";
    if (std::system(command.c_str()) != 0) ADD_FAILURE() << "making certificates failed";
  }
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  const std::string& folder() const { return folder_.path(); }
  std::string ca() const { return folder_ / "ca.pem"; }
  std::string certificate() const { return folder_ / "server.pem"; }
  std::string key() const { return folder_ / "server.key"; }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace turbo
