#pragma once
// A small HTTP/1.1 server for GET, in a thread of its own: whatever a browser does, or does slowly, nobody
// else waits. At most kMaxConnections; headers of at most 8 KiB, no bodies; a peer that is slower than 15 s
// is dropped.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace turbo {

struct HttpAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
};

class HttpServer {
 public:
  static constexpr int kMaxConnections = 32;

  // Called in the server's thread. query: what follows the '?'.
  using Handler = std::function<HttpAnswer(std::string_view path, std::string_view query)>;
  // Called in the server's thread with one line of what goes on, to log.
  using Report = std::function<void(const std::string& text)>;

  // Listens on every address of host (localhost has two). While none can be had (another program has the
  // port), it says so and tries again every few seconds.
  HttpServer(std::string host, int port, Handler handler, Report report);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;

  int port() const;  // that it listens on; 0: not yet

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
