// Real packets between two network namespaces, in a child process that has them of its own.

#include "lab/link/link_loop.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <thread>

#include "lab/link/net_namespace.h"

namespace turbo {
namespace {

using std::chrono::milliseconds;

constexpr int kPassed = 0, kNoNamespaces = 77;
constexpr const char* kVehicle = "10.77.0.1";
constexpr const char* kCloud = "10.77.0.2";

sockaddr_in address_of(const char* ip) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(7777);
  inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

int udp_at(const char* ip) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const auto address = address_of(ip);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::perror("bind");
  return fd;
}

void send_to(int fd, const char* ip, std::size_t size) {
  const std::vector<char> data(size, 'x');
  const auto address = address_of(ip);
  sendto(fd, data.data(), data.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// The packet's size; -1: none came.
long receive(int fd, milliseconds patience) {
  pollfd ready{fd, POLLIN, 0};
  char buffer[2048];
  return poll(&ready, 1, static_cast<int>(patience.count())) == 1 ? recv(fd, buffer, sizeof buffer, 0) : -1;
}

// Runs `check(vehicle's socket, cloud's socket)` in a child with a link between; its result is the exit
// status.
int with_link(const LinkRequest& request, const std::function<bool(int, int)>& check) {
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  try {
    unshare_user_and_network();
    const auto home = NetNamespace::current();
    unshare_network();
    TunDevice cloud("cloud0", parse_interface_address("10.77.0.2/30"));
    const int cloud_socket = udp_at(kCloud);
    home.enter();
    TunDevice vehicle("vehicle0", parse_interface_address("10.77.0.1/30"));
    const int vehicle_socket = udp_at(kVehicle);
    auto links = make_link_pair(request, std::chrono::steady_clock::now());
    const int stop_fd = eventfd(0, 0);
    bool passed = false;
    std::thread checker([&] {
      passed = check(vehicle_socket, cloud_socket);
      eventfd_write(stop_fd, 1);
    });
    run_link(links, vehicle, cloud, nullptr, stop_fd);
    checker.join();
    _exit(passed ? kPassed : 1);
  } catch (const std::exception& error) {
    std::printf("no namespaces or no TUN here: %s\n", error.what());
    std::fflush(stdout);
    _exit(kNoNamespaces);
  }
}

#define EXPECT_PASSED_OR_SKIP(status)                                                                 \
  if (const int result = (status); result == kNoNamespaces) {                                         \
    GTEST_SKIP() << "needs user and network namespaces and /dev/net/tun, which this machine refuses"; \
  } else {                                                                                            \
    EXPECT_EQ(result, kPassed);                                                                       \
  }

TEST(LinkLoop, a_packet_takes_the_delay_each_way) {
  LinkRequest request;
  request.up.delay_ms = request.down.delay_ms = 15;
  EXPECT_PASSED_OR_SKIP(with_link(request, [](int vehicle, int cloud) {
    const auto sent_at = std::chrono::steady_clock::now();
    send_to(vehicle, kCloud, 100);
    if (receive(cloud, milliseconds(5000)) < 0) return false;
    send_to(cloud, kVehicle, 100);
    if (receive(vehicle, milliseconds(5000)) < 0) return false;
    return std::chrono::steady_clock::now() - sent_at >= milliseconds(30);
  }));
}

TEST(LinkLoop, a_burst_leaves_at_the_links_rate) {
  LinkRequest request;
  request.up.rate_mbps = 10;
  EXPECT_PASSED_OR_SKIP(with_link(request, [](int vehicle, int cloud) {
    const auto sent_at = std::chrono::steady_clock::now();
    constexpr int kPackets = 100;  // 100 * 1500 bytes with headers: 120 ms at 10 Mbps
    for (int i = 0; i < kPackets; ++i) send_to(vehicle, kCloud, 1472);
    for (int i = 0; i < kPackets; ++i)
      if (receive(cloud, milliseconds(5000)) < 0) return false;
    return std::chrono::steady_clock::now() - sent_at >= milliseconds(119);
  }));
}

// What a noisy machine cannot change: a packet is late at times, never early, and the next one makes up for
// it.
TEST(LinkLoop, a_stream_keeps_delay_rate_and_order) {
  LinkRequest request;
  request.up.rate_mbps = 12;  // a packet of 1500 bytes takes 1 ms
  request.up.delay_ms = 20;
  request.up.queue_ms = 1000;
  EXPECT_PASSED_OR_SKIP(with_link(request, [](int vehicle, int cloud) {
    constexpr std::size_t kPackets = 800;
    const int large = 4 << 20;
    setsockopt(cloud, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    std::vector<std::chrono::steady_clock::time_point> sent, arrived;
    for (std::size_t i = 0; i < kPackets; ++i) {
      sent.push_back(std::chrono::steady_clock::now());
      send_to(vehicle, kCloud, 1472 - i % 2);  // so that their order shows
      if (i % 100 == 99) usleep(1000);
    }
    for (std::size_t i = 0; i < kPackets; ++i) {
      if (receive(cloud, milliseconds(5000)) != 1472 - static_cast<long>(i % 2)) return false;
      arrived.push_back(std::chrono::steady_clock::now());
      if (arrived[i] - sent[i] < milliseconds(21) - std::chrono::microseconds(1)) return false;
      if (arrived[i] - sent[0] < milliseconds(20 + i)) return false;
    }
    std::vector<double> rates_mbps;
    for (std::size_t i = 0; i + kPackets / 2 < kPackets; ++i)
      rates_mbps.push_back(1499.5 * 8 * (kPackets / 2) / 1e6 /
                           seconds(arrived[i + kPackets / 2] - arrived[i]));
    std::nth_element(rates_mbps.begin(), rates_mbps.begin() + kPackets / 4, rates_mbps.end());
    const double median = rates_mbps[kPackets / 4];
    if (std::abs(median - 12) > 0.6) std::fprintf(stderr, "the median rate is %.3f Mbit/s\n", median);
    return std::abs(median - 12) <= 0.6;
  }));
}

TEST(LinkLoop, a_lossy_link_loses) {
  LinkRequest request;
  request.up.loss = 1;
  EXPECT_PASSED_OR_SKIP(with_link(request, [](int vehicle, int cloud) {
    send_to(vehicle, kCloud, 100);
    return receive(cloud, milliseconds(50)) < 0;
  }));
}

}  // namespace
}  // namespace turbo
