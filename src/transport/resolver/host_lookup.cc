#include "transport/resolver/host_lookup.h"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace turbo {
namespace {

HostLookup::Result look_up(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); problem != 0)
    return {{}, ::gai_strerror(problem)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  HostLookup::Result result;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    result.addresses.push_back(address);
  }
  return result;
}

}  // namespace

struct HostLookup::Shared {
  Wait wait;
  std::mutex mutex;
  std::optional<Result> result;
  int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ~Shared() {
    if (event >= 0) ::close(event);
  }
};

HostLookup::HostLookup(Wait wait) : shared_(std::make_shared<Shared>()) {
  shared_->wait =
      wait ? std::move(wait) : Wait([](const std::string& host) { return look_up(host, AI_ADDRCONFIG); });
  if (shared_->event < 0)
    throw std::runtime_error(std::string("opening an eventfd: ") + std::strerror(errno) +
                             "; close other programs");
}

int HostLookup::fd() const { return shared_->event; }

void HostLookup::start(const std::string& host) {
  if (busy_) return;
  if (Result plain = look_up(host, AI_NUMERICHOST); !plain.addresses.empty()) {
    ready_ = std::move(plain);
    return;
  }
  try {
    std::thread([host, shared = shared_] {
      Result found;
      try {
        found = shared->wait(host);
      } catch (const std::exception& e) {
        found = {{}, e.what()};
      }
      const std::lock_guard lock(shared->mutex);
      shared->result = std::move(found);
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(shared->event, &one, sizeof one);
    }).detach();
    busy_ = true;
  } catch (const std::system_error& e) {
    ready_ = Result{{}, std::string("starting a thread: ") + e.what()};
  }
}

std::optional<HostLookup::Result> HostLookup::take() {
  if (!busy_) return std::exchange(ready_, std::nullopt);
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->result) return std::nullopt;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(shared_->event, &count, sizeof count);
  busy_ = false;
  return std::exchange(shared_->result, std::nullopt);
}

}  // namespace turbo
