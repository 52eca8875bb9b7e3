#include "lab/demo/http_get.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace turbo {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64u << 20;

int connect_to(const std::string& host, int port, Duration patience) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval wait{micros / 1'000'000, micros % 1'000'000};
  int fd = -1;
  for (const addrinfo* at = found; at && fd < 0; at = at->ai_next) {
    fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0) continue;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  return fd;
}

}  // namespace

std::optional<std::string> body_of(const std::string& answer) {
  const auto space = answer.find(' ');
  const auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || space == std::string::npos ||
      answer.compare(space + 1, 3, "200") != 0 || body == std::string::npos)
    return std::nullopt;
  return answer.substr(body + 4);
}

std::optional<std::string> http_get(const std::string& host, int port, const std::string& path,
                                    Duration patience) {
  const int fd = connect_to(host, port, patience);
  if (fd < 0) return std::nullopt;
  // 1.0: the answer comes in one piece and the connection closes after it.
  const std::string request = "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  std::string answer;
  bool whole = send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
  char block[1 << 14];
  while (whole) {
    const auto size = recv(fd, block, sizeof block, 0);
    if (size == 0) break;
    whole = size > 0 && answer.size() < kMaxAnswerBytes;
    if (whole) answer.append(block, static_cast<std::size_t>(size));
  }
  close(fd);
  return whole ? body_of(answer) : std::nullopt;
}

}  // namespace turbo
