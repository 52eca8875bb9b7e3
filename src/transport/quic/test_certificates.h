#pragma once
// Fresh certificates for a test, by the same program that set-up uses. TURBO_CERTS is its path.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/temporary_folder.h"

namespace turbo {

class TestCertificates {
 public:
  // Of an authority, of turbo-server and of vehicle-1.
  TestCertificates() { run("local"); }
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  const std::string& folder() const { return folder_.path(); }
  std::string ca() const { return folder_ / "ca.pem"; }
  std::string certificate() const { return folder_ / "turbo-server.pem"; }
  std::string key() const { return folder_ / "turbo-server.key"; }
  std::string vehicle_certificate() const { return folder_ / "vehicle-1.pem"; }
  std::string vehicle_key() const { return folder_ / "vehicle-1.key"; }
  std::string revoked() const { return folder_ / "revoked.pem"; }

  // turbo-certs with these arguments, on this folder.
  void run(const std::string& arguments) const {
    std::string command = TURBO_CERTS;
    command.append(" --folder ").append(folder()).append(" ").append(arguments).append(" > /dev/null");
    if (std::system(command.c_str()) != 0) ADD_FAILURE() << command << " failed";
  }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace turbo
