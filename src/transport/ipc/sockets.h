#pragma once
// The four ends of the IPC reference's ZeroMQ sockets, none of which ever blocks or hangs. All of one
// EventLoop's thread. Endpoints are full ("ipc:///tmp/turbo/ping-handler"). Binding an ipc endpoint takes
// its ownership: a live owner is refused with its pid, a dead owner's leftovers are taken over.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "transport/ipc/event_loop.h"

namespace turbo {

using Parts = std::vector<std::string>;  // of one multipart message

// One for each process. Must outlive its sockets; waits for nothing when it ends.
class IpcContext {
 public:
  IpcContext();
  ~IpcContext();
  IpcContext(const IpcContext&) = delete;
  IpcContext& operator=(const IpcContext&) = delete;

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// What the IPC reference has every process do when it takes a message larger than this: refuse it.
inline constexpr int kMaxMessageBytes = 1 << 20;
inline constexpr std::size_t kMaxMessageParts = 8;

class Requester {  // REQ, connects
 public:
  // Called exactly once for each request: with the answer, or with nothing when it did not come within the
  // timeout (the socket is then closed and opened anew, so that a late answer meets nobody).
  using OnReply = std::function<void(Time now, std::optional<Parts> reply)>;

  Requester(IpcContext& context, EventLoop& loop, std::string endpoint, Duration timeout);
  ~Requester();
  Requester(const Requester&) = delete;

  bool busy() const;
  // False (and nothing is sent) while an earlier request is under way.
  bool request(Time now, const Parts& parts, OnReply on_reply);
  // Gives up a request under way; its callback is not called.
  void cancel();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Responder {  // REP, binds
 public:
  // Returns the answer, or nothing: then reply() gives it later. Until then no other request is read, unless
  // the handler deferred this one. An exception becomes the answer "ERROR: <what>".
  using Handler = std::function<std::optional<Parts>(Time now, const Parts& request)>;

  Responder(IpcContext& context, EventLoop& loop, const std::string& endpoint, Handler handler);
  ~Responder();
  Responder(const Responder&) = delete;

  // Answers the request whose handler returned nothing.
  void reply(const Parts& parts);

  // From within the handler, which then returns nothing: this request is answered by its token, in any order,
  // and others are read meanwhile. Nothing, and nothing is changed, when kMaxDeferred are owed already.
  using Token = std::uint64_t;
  static constexpr std::size_t kMaxDeferred = 32;
  std::optional<Token> defer();
  void reply(Token token, const Parts& parts);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Publisher {  // PUB, connects
 public:
  Publisher(IpcContext& context, const std::string& endpoint);
  ~Publisher();
  Publisher(const Publisher&) = delete;

  // Never waits: without a subscriber, or with one that is too slow, the message is dropped.
  void publish(std::string_view message);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Subscriber {  // SUB, binds, takes everything
 public:
  using Handler = std::function<void(Time now, const std::string& message)>;

  Subscriber(IpcContext& context, EventLoop& loop, const std::string& endpoint, Handler handler);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The [context id, size] messages of the image and result sockets, decimal text.
struct SizeNotice {
  std::uint64_t context_id = 0;
  std::uint64_t size_bytes = 0;
};
Parts format_size_notice(const SizeNotice& notice);
// Nothing, with the reason in error, unless it is two plain decimal numbers.
std::optional<SizeNotice> parse_size_notice(const Parts& parts, std::string& error);

inline constexpr std::string_view kAck = "ACK";
inline constexpr std::string_view kAbort = "ABORT";
Parts error_reply(std::string_view why);  // "ERROR: <why>"

}  // namespace turbo
