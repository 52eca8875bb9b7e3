#include "vehicle/ping_handler/ping_handler.h"

#include <cstdio>

#include "process/logging.h"

namespace turbo {
namespace {

constexpr Duration kPingPeriod = std::chrono::milliseconds(250);
constexpr Duration kLookUpPeriod = std::chrono::seconds(5);
constexpr Duration kReopenAfter = std::chrono::seconds(1);
constexpr int kRepliesPerTurn = 32;

std::string format_ms(Duration rtt) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", milliseconds(rtt));
  return text;
}

}  // namespace

PingHandler::PingHandler(Process& process, std::string host, const std::string& endpoint)
    : loop_(process.loop()),
      host_(std::move(host)),
      resolver_(loop_,
                [this](const Address* address, const std::string& error) { on_address(address, error); }),
      responder_(process.ipc(), loop_, endpoint,
                 [this](Time now, const Parts& request) { return answer(now, request); }) {
  loop_.every(kPingPeriod, [this](Time now) { ping(now); });
  ping(EventLoop::now());
}

PingHandler::~PingHandler() {
  if (socket_) loop_.remove(source_);
}

void PingHandler::ping(Time now) {
  meter_.on_tick(now);
  if (!socket_ || now - heard_ >= kReopenAfter) look_up_and_open(now);
  if (!socket_) return;
  std::string error;
  if (!socket_->send(meter_.on_send(now), &error)) return say("pinging " + host_ + ": " + error);
  if (const auto latest = meter_.latest(); latest && latest->lost) {
    say("no answer from " + host_ + " (" + socket_->peer() +
        ") to pings: is it up, and does it answer ICMP?");
  } else if (latest && (!answered_ || !problem_.empty())) {
    answered_ = true;
    problem_.clear();
    log_info(host_, " (", socket_->peer(), ") answers pings: ", format_ms(latest->rtt), " ms");
  }
}

void PingHandler::look_up_and_open(Time now) {
  heard_ = now;
  if (now >= next_look_up_) {
    next_look_up_ = now + kLookUpPeriod;
    resolver_.start(host_);
  } else if (address_) {
    open(*address_);
  }
}

void PingHandler::on_address(const Address* address, const std::string& error) {
  if (address == nullptr) return say("looking up " + host_ + ": " + error + "; every ping counts as lost");
  address_ = *address;
  open(*address);
}

void PingHandler::open(const Address& address) {
  const std::string before = socket_ ? socket_->peer() : "";
  if (socket_) loop_.remove(source_);
  socket_.reset();
  try {
    socket_.emplace(address);
  } catch (const std::exception& e) {
    return say(std::string(e.what()) + "; until then every ping counts as lost");
  }
  source_ = loop_.on_readable(socket_->fd(), [this](Time now) { receive(now); });
  if (socket_->peer() != before)
    log_info("pinging ", socket_->peer(), " by ", socket_->raw() ? "a raw" : "a datagram", " socket");
}

void PingHandler::receive(Time now) {
  bool more = true;
  for (int i = 0; i < kRepliesPerTurn && more; ++i)
    if (const auto reply = socket_->receive(now, &more)) {
      meter_.on_reply(reply->received, reply->sequence);
      heard_ = now;
    }
}

void PingHandler::say(const std::string& problem) {
  if (problem == problem_) return;
  problem_ = problem;
  log_warning(problem);
}

Parts PingHandler::answer(Time now, const Parts& request) const {
  if (request.size() != 1 || request[0] != "ping") return error_reply("expected the one word ping");
  return {format_ms(meter_.rtt(now))};
}

}  // namespace turbo
