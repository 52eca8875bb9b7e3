#include "transport/ipc/sockets.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "transport/ipc/zmq_socket.h"

namespace turbo {

namespace {
// Messages handled in one turn of the loop, so that no busy peer keeps the others from being heard.
constexpr int kMessagesPerTurn = 32;
}  // namespace

// ---- Requester

struct Requester::State {
  IpcContext& context;
  EventLoop& loop;
  std::string endpoint;
  Duration timeout;
  std::unique_ptr<ZmqSocket> socket;
  EventLoop::Id source = 0;
  EventLoop::Id timer = 0;
  OnReply on_reply;  // set while a request is under way

  void open() {
    socket = std::make_unique<ZmqSocket>(context, ZMQ_REQ);
    socket->connect(endpoint);
    source = loop.on_message(socket->get(), [this](Time now) { receive(now); });
  }
  void close() {
    loop.remove(source);
    socket.reset();
  }
  void finish(Time now, std::optional<Parts> reply) {
    loop.disarm(timer);
    OnReply callback = std::move(on_reply);
    on_reply = {};
    if (callback) callback(now, std::move(reply));
  }
  void receive(Time now) {
    Parts parts;
    bool too_many = false;
    if (socket->receive(parts, too_many)) finish(now, std::move(parts));
  }
  void give_up(Time now) {
    receive(now);  // after a stall of ours the timer runs before the answer that came in time is looked at
    if (!on_reply) return;
    close();
    open();
    finish(now, std::nullopt);
  }
};

Requester::Requester(IpcContext& context, EventLoop& loop, std::string endpoint, Duration timeout)
    : state_(new State{context, loop, std::move(endpoint), timeout, {}, 0, 0, {}}) {
  state_->timer = loop.timer([this](Time now) { state_->give_up(now); });
  state_->open();
}

Requester::~Requester() {
  state_->loop.remove(state_->timer);
  state_->close();
}

bool Requester::busy() const { return static_cast<bool>(state_->on_reply); }

bool Requester::request(Time now, const Parts& parts, OnReply on_reply) {
  if (busy()) return false;
  state_->on_reply = std::move(on_reply);
  // A send that fails is treated as one that is never answered.
  state_->socket->send(parts);
  state_->loop.arm(state_->timer, now + state_->timeout);
  return true;
}

void Requester::cancel() {
  if (!busy()) return;
  state_->on_reply = {};
  state_->loop.disarm(state_->timer);
  state_->close();
  state_->open();
}

// ---- Responder

// A ROUTER that behaves as a REP does. libzmq's own REP loses the reply after a malformed message of a peer
// that has gone (router_t::rollback leaves _more_out set), so whoever writes rubbish into the file would
// silence it.
struct Responder::State {
  ZmqSocket socket;
  EventLoop& loop;
  Handler handler;
  EventLoop::Id source = 0;  // 0 while a reply is owed that was not deferred: nothing else is read then
  Parts envelope;            // of the request that is being answered: its way back
  std::map<Token, Parts> deferred;
  Token last_token = 0;

  void listen() {
    source = loop.on_message(socket.get(), [this](Time now) { receive(now); });
  }
  void receive(Time now) {
    for (int i = 0; i < kMessagesPerTurn && envelope.empty(); ++i) {
      Parts parts;
      bool too_many = false;
      if (!socket.receive(parts, too_many)) break;
      if (take_envelope(parts)) handle(now, parts, too_many);
    }
    if (envelope.empty() || source == 0) return;
    loop.remove(source);
    source = 0;
  }
  // Parts up to the first empty one. Without one it is no request.
  bool take_envelope(Parts& parts) {
    const auto delimiter =
        std::find_if(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); });
    if (delimiter == parts.end()) return false;
    envelope.assign(parts.begin(), delimiter + 1);
    parts.erase(parts.begin(), delimiter + 1);
    return true;
  }
  void handle(Time now, const Parts& parts, bool too_many) {
    std::optional<Parts> answer;
    if (too_many || parts.size() > kMaxMessageParts) {
      answer = error_reply("more than " + std::to_string(kMaxMessageParts) + " message parts");
    } else {
      try {
        answer = handler(now, parts);
      } catch (const std::exception& e) {
        answer = error_reply(e.what());
      }
    }
    if (answer) reply(*answer);
  }
  std::optional<Token> defer() {
    if (envelope.empty() || deferred.size() >= kMaxDeferred) return std::nullopt;
    deferred[++last_token] = std::exchange(envelope, {});
    return last_token;
  }
  void send(Parts way_back, const Parts& parts) {
    way_back.insert(way_back.end(), parts.begin(), parts.end());
    socket.send(way_back);  // to a peer that has gone: dropped
  }
  void reply(const Parts& parts) {
    if (envelope.empty()) return;
    send(std::exchange(envelope, {}), parts);
    if (source == 0) listen();
  }
  void reply(Token token, const Parts& parts) {
    if (auto owed = deferred.extract(token)) send(std::move(owed.mapped()), parts);
  }
};

Responder::Responder(IpcContext& context, EventLoop& loop, const std::string& endpoint, Handler handler)
    : state_(new State{ZmqSocket(context, ZMQ_ROUTER), loop, std::move(handler), 0, {}, {}, 0}) {
  state_->socket.bind(endpoint);
  state_->listen();
}

Responder::~Responder() { state_->loop.remove(state_->source); }
void Responder::reply(const Parts& parts) { state_->reply(parts); }
std::optional<Responder::Token> Responder::defer() { return state_->defer(); }
void Responder::reply(Token token, const Parts& parts) { state_->reply(token, parts); }

// ---- Publisher, Subscriber

struct Publisher::State {
  ZmqSocket socket;
};

Publisher::Publisher(IpcContext& context, const std::string& endpoint)
    : state_(new State{ZmqSocket(context, ZMQ_PUB)}) {
  state_->socket.connect(endpoint);
}
Publisher::~Publisher() = default;
void Publisher::publish(std::string_view message) { state_->socket.send({std::string(message)}); }

struct Subscriber::State {
  ZmqSocket socket;
  EventLoop& loop;
  Handler handler;
  EventLoop::Id source = 0;

  void receive(Time now) {
    Parts parts;
    bool too_many = false;
    for (int i = 0; i < kMessagesPerTurn && socket.receive(parts, too_many); ++i)
      if (parts.size() == 1) handler(now, parts[0]);
  }
};

Subscriber::Subscriber(IpcContext& context, EventLoop& loop, const std::string& endpoint, Handler handler)
    : state_(new State{ZmqSocket(context, ZMQ_SUB), loop, std::move(handler), 0}) {
  zmq_setsockopt(state_->socket.get(), ZMQ_SUBSCRIBE, "", 0);
  state_->socket.bind(endpoint);
  state_->source = loop.on_message(state_->socket.get(), [this](Time now) { state_->receive(now); });
}

Subscriber::~Subscriber() { state_->loop.remove(state_->source); }

// ---- payloads

Parts format_size_notice(const SizeNotice& notice) {
  return {std::to_string(notice.context_id), std::to_string(notice.size_bytes)};
}

std::optional<SizeNotice> parse_size_notice(const Parts& parts, std::string& error) {
  if (parts.size() != 2) {
    error = "expected [context id, size], got " + std::to_string(parts.size()) + " message parts";
    return std::nullopt;
  }
  SizeNotice notice;
  std::uint64_t* const values[] = {&notice.context_id, &notice.size_bytes};
  for (int i = 0; i < 2; ++i) {
    const std::string& text = parts[static_cast<std::size_t>(i)];
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), *values[i]);
    if (code != std::errc() || end != text.data() + text.size()) {
      error = std::string(i == 0 ? "context id" : "size") + " is not a plain decimal number";
      return std::nullopt;
    }
  }
  return notice;
}

Parts error_reply(std::string_view why) { return {"ERROR: " + std::string(why)}; }

}  // namespace turbo
