#include "vehicle/ping_handler/resolver.h"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace turbo {

struct Resolver::Shared {
  std::mutex mutex;
  Address address;
  std::string error;
  int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ~Shared() {
    if (event >= 0) ::close(event);
  }
};

namespace {

// Empty: found.
std::string look_up(const std::string& host, int flags, Address* out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); problem != 0)
    return ::gai_strerror(problem);
  std::memcpy(&out->storage, found->ai_addr, found->ai_addrlen);
  out->size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return "";
}

}  // namespace

Resolver::Resolver(EventLoop& loop, Done done)
    : loop_(loop), done_(std::move(done)), shared_(std::make_shared<Shared>()) {
  if (shared_->event < 0)
    throw std::runtime_error(std::string("opening an eventfd: ") + std::strerror(errno) +
                             "; close other programs");
  source_ = loop_.on_readable(shared_->event, [this](Time) {
    std::uint64_t count = 0;
    if (::read(shared_->event, &count, sizeof count) != sizeof count) return;
    busy_ = false;
    const std::lock_guard lock(shared_->mutex);
    done_(shared_->error.empty() ? &shared_->address : nullptr, shared_->error);
  });
}

Resolver::~Resolver() { loop_.remove(source_); }

void Resolver::start(const std::string& host) {
  if (busy_) return;
  Address address;
  if (look_up(host, AI_NUMERICHOST, &address).empty()) return done_(&address, "");
  busy_ = true;
  std::thread([host, shared = shared_] {
    Address found;
    const std::string error = look_up(host, AI_ADDRCONFIG, &found);
    const std::lock_guard lock(shared->mutex);
    shared->address = found;
    shared->error = error;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(shared->event, &one, sizeof one);
  }).detach();
}

}  // namespace turbo
