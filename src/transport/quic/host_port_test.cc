#include "transport/quic/host_port.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(HostPort, ReadsWhatPeopleWrite) {
  struct Case {
    const char* text;
    std::uint16_t default_port;
    const char* host;  // nullptr: refused
    int port;
  };
  const Case cases[] = {
      {"10.77.0.2:4433", 0, "10.77.0.2", 4433},
      {"10.77.0.2", 4433, "10.77.0.2", 4433},
      {"10.77.0.2", 0, nullptr, 0},
      {"cloud.example:1", 0, "cloud.example", 1},
      {"[::1]:4433", 0, "::1", 4433},
      {"[::1]", 7, "::1", 7},
      {"::1", 7, "::1", 7},
      {"fe80::1", 0, nullptr, 0},
      {"", 7, nullptr, 0},
      {":4433", 7, nullptr, 0},
      {"a:", 7, nullptr, 0},
      {"a:x", 7, nullptr, 0},
      {"a:1x", 7, nullptr, 0},
      {"a:0", 7, nullptr, 0},
      {"a:65536", 7, nullptr, 0},
      {"a:-1", 7, nullptr, 0},
      {"[::1", 7, nullptr, 0},
      {"[::1]4433", 7, nullptr, 0},
  };
  for (const Case& c : cases) {
    const auto got = parse_host_port(c.text, c.default_port);
    ASSERT_EQ(got.has_value(), c.host != nullptr) << c.text;
    if (!got) continue;
    EXPECT_EQ(got->host, c.host) << c.text;
    EXPECT_EQ(got->port, c.port) << c.text;
  }
}

TEST(HostPort, TheCommandLineWinsAndTheConfigurationFillsIn) {
  EXPECT_EQ(choose_host_port("", "10.77.0.2:4433")->host, "10.77.0.2");
  EXPECT_EQ(choose_host_port("cloud.example", "10.77.0.2:4433")->port, 4433);
  EXPECT_EQ(choose_host_port("cloud.example:5", "10.77.0.2:4433")->port, 5);
  EXPECT_FALSE(choose_host_port("cloud.example:x", "10.77.0.2:4433"));
}

}  // namespace
}  // namespace turbo
