// turbo-bench-udp: measures a path by UDP packets: what arrives, how fast, and how late. Both ends are on one
// machine, whose clock they share. Its JSON is read by bench/link.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include "lab/bench_udp/meter.h"
#include "lab/bench_udp/pacer.h"
#include "lab/command_line/command_line.h"

namespace turbo {
namespace {

constexpr std::uint64_t kAskNumber = ~std::uint64_t{0};  // a packet that asks for the summary
constexpr std::size_t kBatch = 32, kMaxPayload = 1472;
constexpr int kAskPatienceMs = 200, kAsks = 50;

struct Header {
  std::uint64_t number;
  std::int64_t sent_ns;
};

struct Arguments {
  std::string address = "0.0.0.0";
  std::uint16_t port = 7007;
  double mbps = 0, seconds = 2;
  std::size_t packet_bytes = 1500;
};

std::int64_t wall_ns() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int udp_socket() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("opening a socket");
  const int large = 32 << 20, on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof large) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  return fd;
}

sockaddr_in address_of(const Arguments& args) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(args.port);
  if (inet_pton(AF_INET, args.address.c_str(), &address.sin_addr) != 1)
    throw std::runtime_error("'" + args.address + "': expected an IPv4 address");
  return address;
}

// When the kernel had the packet, on the wall clock.
std::int64_t arrival_ns(const msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(const_cast<msghdr*>(&message), c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
      timespec at;
      std::memcpy(&at, CMSG_DATA(c), sizeof at);
      return at.tv_sec * 1'000'000'000LL + at.tv_nsec;
    }
  return wall_ns();
}

// Buffers for many packets at a time, either way.
struct Batch {
  std::array<std::array<char, kMaxPayload>, kBatch> data{};
  std::array<std::array<char, 64>, kBatch> control{};
  std::array<sockaddr_in, kBatch> from{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};

  void prepare(std::size_t payload, bool receiving) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {data[i].data(), payload};
      msghdr header{};
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      if (receiving) {
        header.msg_name = &from[i];
        header.msg_namelen = sizeof from[i];
        header.msg_control = control[i].data();
        header.msg_controllen = control[i].size();
      }
      messages[i].msg_hdr = header;
    }
  }
};

// Counts until it is ended.
int receive(const Arguments& args) {
  const int fd = udp_socket();
  const auto address = address_of(args);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("binding the port");
  std::printf("listening\n");
  std::fflush(stdout);
  Meter meter;
  Batch batch;
  for (;;) {
    batch.prepare(kMaxPayload, true);
    const int count = recvmmsg(fd, batch.messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (count < 0 && errno != EINTR) fail("receiving");
    for (int i = 0; i < count; ++i) {
      const auto& message = batch.messages[static_cast<std::size_t>(i)];
      Header header;
      if (message.msg_len < sizeof header) continue;
      std::memcpy(&header, message.msg_hdr.msg_iov->iov_base, sizeof header);
      if (header.number != kAskNumber) {
        meter.on_packet(header.number, header.sent_ns, arrival_ns(message.msg_hdr), message.msg_len);
        continue;
      }
      const std::string summary = meter.summary();
      sendto(fd, summary.data(), summary.size(), 0, static_cast<const sockaddr*>(message.msg_hdr.msg_name),
             message.msg_hdr.msg_namelen);
    }
  }
}

void wait_until(Time time) {
  const auto ns = std::chrono::nanoseconds(time.time_since_epoch()).count();
  const timespec at{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// Returns how many packets were handed to the kernel.
std::uint64_t send_all(int fd, const Arguments& args) {
  const Time start = std::chrono::steady_clock::now(), end = start + from_seconds(args.seconds);
  const Pacer pacer(start, args.mbps * 1e6 / 8 / static_cast<double>(args.packet_bytes));
  Batch batch;
  batch.prepare(args.packet_bytes - kIpUdpHeaderBytes, false);
  std::uint64_t sent = 0;
  for (Time now = start; now < end; now = std::chrono::steady_clock::now()) {
    const auto count = std::min<std::uint64_t>(pacer.due(now) - sent, kBatch);
    if (count == 0) {
      wait_until(pacer.time_of(sent));
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Header header{sent + i, wall_ns()};
      std::memcpy(batch.data[i].data(), &header, sizeof header);
    }
    const int done = sendmmsg(fd, batch.messages.data(), static_cast<unsigned>(count), 0);
    if (done > 0) sent += static_cast<std::uint64_t>(done);
    if (done < 0 && errno != EINTR && errno != ENOBUFS) fail("sending");
  }
  return sent;
}

std::string ask(int fd) {
  const Header header{kAskNumber, 0};
  std::array<char, 2048> answer;
  while (recv(fd, answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
  }  // late answers of before
  for (int i = 0; i < kAsks; ++i) {
    if (send(fd, &header, sizeof header, 0) < 0 && errno != ECONNREFUSED) fail("asking");
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, kAskPatienceMs) != 1) continue;
    if (const auto size = recv(fd, answer.data(), answer.size(), 0); size > 0)
      return std::string(answer.data(), static_cast<std::size_t>(size));
  }
  throw std::runtime_error("the receiver does not answer");
}

int send(const Arguments& args) {
  const int fd = udp_socket();
  const auto address = address_of(args);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connecting");
  ask(fd);  // it is there
  const auto sent = send_all(fd, args);
  std::printf("{\"sent\":%llu,\"received\":%s}\n", static_cast<unsigned long long>(sent), ask(fd).c_str());
  return 0;
}

}  // namespace
}  // namespace turbo

int main(int argc, char** argv) {
  turbo::Arguments args;
  CLI::App app{"Measures a path by UDP packets, both ends on one machine", "turbo-bench-udp"};
  app.require_subcommand(1);
  auto* receiver = app.add_subcommand("receive", "Count what comes, until ended");
  auto* sender = app.add_subcommand("send", "Send, then print what the receiver counted as JSON");
  for (auto* command : {receiver, sender}) {
    command->add_option("--address", args.address, "IPv4: to bind, or of the receiver")
        ->capture_default_str();
    command->add_option("--port", args.port, "UDP port")->capture_default_str();
  }
  sender->add_option("--mbps", args.mbps, "Mbit/s of IP packets; 0: as fast as it goes")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  sender->add_option("--seconds", args.seconds, "How long")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  sender->add_option("--packet-bytes", args.packet_bytes, "Size of the IP packets")
      ->capture_default_str()
      ->check(CLI::Range(64, 1500));
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    return *receiver ? turbo::receive(args) : turbo::send(args);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-bench-udp: %s\n", error.what());
    return 1;
  }
}
