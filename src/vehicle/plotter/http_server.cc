#include "vehicle/plotter/http_server.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <thread>
#include <vector>

namespace turbo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxHeaderBytes = 8 * 1024;
constexpr auto kPeerTimeout = std::chrono::seconds(15);
constexpr auto kRetryPeriod = std::chrono::seconds(3);

using Response = http::response<http::string_body>;

// One connection: reads a request, answers it, and again. Lives as long as an operation of its is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const HttpServer::Handler& handler, std::atomic<int>& connections)
      : stream_(std::move(socket)),
        buffer_(2 * kMaxHeaderBytes),
        handler_(handler),
        connections_(connections) {
    ++connections_;
  }
  ~Session() { --connections_; }

  void read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(0);
    stream_.expires_after(kPeerTimeout);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error == http::error::end_of_stream) return self->close();
      if (error == http::error::body_limit || error == http::error::unexpected_body)
        return self->write(plain(413, "no body is expected"), false);
      if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return self->write(plain(431, "the header is too long"), false);
      if (error) return;
      self->answer();
    });
  }

 private:
  static HttpAnswer plain(int status, std::string text) {
    return {status, "text/plain; charset=utf-8", text + "\n"};
  }

  void answer() {
    const auto& request = parser_->get();
    if (request.method() != http::verb::get && request.method() != http::verb::head)
      return write(plain(405, "GET only"), false);
    const std::string_view target(request.target().data(), request.target().size());
    const auto mark = target.find('?');
    HttpAnswer got;
    try {
      got = handler_(target.substr(0, mark), mark == std::string_view::npos ? "" : target.substr(mark + 1));
    } catch (const std::exception&) {
      got = plain(500, "this could not be answered");
    }
    write(std::move(got), request.keep_alive(), request.method() == http::verb::head);
  }

  void write(HttpAnswer got, bool keep_alive, bool head_only = false) {
    response_ = Response(static_cast<http::status>(got.status), 11);
    response_.set(http::field::content_type, got.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
        "img-src data:; frame-ancestors 'none'");
    response_.keep_alive(keep_alive);
    response_.content_length(got.body.size());
    if (!head_only) response_.body() = std::move(got.body);
    stream_.expires_after(kPeerTimeout);
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      self->response_.body() = {};  // a waiting connection holds no memory
      if (!self->response_.keep_alive()) return self->close();
      self->read();
    });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  const HttpServer::Handler& handler_;
  std::atomic<int>& connections_;
};

}  // namespace

struct HttpServer::State {
  std::string host;
  int wanted_port;
  Handler handler;
  Report report;
  std::atomic<int> connections{0};
  std::atomic<int> port{0};
  asio::io_context io{1};
  asio::steady_timer retry{io};
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
  bool said = false;
  std::thread thread;

  void listen() {
    error_code error;
    tcp::resolver resolver(io);
    for (const auto& address :
         resolver.resolve(host, std::to_string(wanted_port), tcp::resolver::passive, error)) {
      auto acceptor = std::make_unique<tcp::acceptor>(io);
      acceptor->open(address.endpoint().protocol(), error);
      if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
      // Both families have a socket of their own here, whatever the system's default is.
      if (!error && address.endpoint().protocol() == tcp::v6())
        acceptor->set_option(asio::ip::v6_only(true), error);
      if (!error) acceptor->bind(address.endpoint(), error);
      if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
      if (!error) acceptors.push_back(std::move(acceptor));
    }
    if (acceptors.empty()) {
      if (!std::exchange(said, true))
        report("serving http://" + host + ":" + std::to_string(wanted_port) + ": " + error.message() +
               "; stop what has that port, or set main_plotter_config: port; trying again");
      retry.expires_after(kRetryPeriod);
      retry.async_wait([this](error_code stopped) {
        if (!stopped) listen();
      });
      return;
    }
    port = acceptors.front()->local_endpoint(error).port();
    report("http://" + host + ":" + std::to_string(port) + " shows what goes on");
    for (auto& acceptor : acceptors) accept(*acceptor);
  }

  void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later(acceptor);
      if (connections < kMaxConnections)
        std::make_shared<Session>(std::move(socket), handler, connections)->read();
      accept(acceptor);
    });
  }

  // Out of descriptors, say: accepting again at once would spin.
  void accept_later(tcp::acceptor& acceptor) {
    auto pause = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(200));
    pause->async_wait([this, &acceptor, pause](error_code stopped) {
      if (!stopped) accept(acceptor);
    });
  }

  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (const std::exception& e) {
        report(std::string("serving a page: ") + e.what());
      }
    }
  }
};

HttpServer::HttpServer(std::string host, int port, Handler handler, Report report) : state_(new State) {
  state_->host = std::move(host);
  state_->wanted_port = port;
  state_->handler = std::move(handler);
  state_->report = std::move(report);
  asio::post(state_->io, [this] { state_->listen(); });
  state_->thread = std::thread([this] { state_->run(); });
}

HttpServer::~HttpServer() {
  state_->io.stop();
  state_->thread.join();
}

int HttpServer::port() const { return state_->port; }

}  // namespace turbo
