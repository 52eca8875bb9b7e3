#include "transport/ipc/zmq_socket.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace turbo {

namespace {
constexpr std::string_view kIpc = "ipc://";
constexpr std::size_t kEnvelopeParts = 8;  // a REQ's has two; each proxy on the way adds one

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + zmq_strerror(zmq_errno()));
}

void check_ipc_length(const std::string& endpoint) {
  if (endpoint.starts_with(kIpc) && endpoint.size() - kIpc.size() >= sizeof(sockaddr_un::sun_path))
    throw std::runtime_error("socket path " + endpoint.substr(kIpc.size()) + " is longer than " +
                             std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                             " characters: choose a shorter zmq_dir");
}

IpcContext::State::SocketFile look_at(const std::string& path) {
  struct stat named {};
  if (::lstat(path.c_str(), &named) != 0) return {path};
  return {path, named.st_dev, named.st_ino};
}
}  // namespace

IpcContext::IpcContext() : state_(std::make_unique<State>()) {
  state_->zmq = zmq_ctx_new();
  if (state_->zmq == nullptr) fail("starting ZeroMQ");
  zmq_ctx_set(state_->zmq, ZMQ_BLOCKY, 0);
}

IpcContext::~IpcContext() {
  zmq_ctx_term(state_->zmq);
  for (const auto& file : state_->files)
    if (const auto named = look_at(file.path); named.device == file.device && named.inode == file.inode)
      ::unlink(file.path.c_str());  // not one that somebody else has put there since
  state_->locks.clear();
}

ZmqSocket::ZmqSocket(IpcContext& context, int type)
    : context_(context), socket_(zmq_socket(context.state().zmq, type)) {
  if (socket_ == nullptr) fail("opening a ZeroMQ socket");
  set(ZMQ_LINGER, 0);
  set(ZMQ_SNDHWM, 100);
  set(ZMQ_RCVHWM, 100);
  const std::int64_t limit = kMaxMessageBytes;
  zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &limit, sizeof limit);
  set(ZMQ_RECONNECT_IVL, 20);
  set(ZMQ_RECONNECT_IVL_MAX, 200);
}

ZmqSocket::~ZmqSocket() { zmq_close(socket_); }

void ZmqSocket::set(int option, int value) { zmq_setsockopt(socket_, option, &value, sizeof value); }

void ZmqSocket::bind(const std::string& endpoint) {
  check_ipc_length(endpoint);
  if (endpoint.starts_with(kIpc)) {
    const std::filesystem::path path(endpoint.substr(kIpc.size()));
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    context_.state().locks.emplace_back(path.string() + ".lock", "socket " + path.filename().string());
  }
  if (zmq_bind(socket_, endpoint.c_str()) != 0) fail("binding " + endpoint);
  if (endpoint.starts_with(kIpc)) context_.state().files.push_back(look_at(endpoint.substr(kIpc.size())));
}

void ZmqSocket::connect(const std::string& endpoint) {
  check_ipc_length(endpoint);
  if (zmq_connect(socket_, endpoint.c_str()) != 0) fail("connecting " + endpoint);
}

bool ZmqSocket::send(const Parts& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
    if (zmq_send(socket_, parts[i].data(), parts[i].size(), flags) < 0) return false;
  }
  return !parts.empty();
}

bool ZmqSocket::receive(Parts& parts, bool& too_many) {
  parts.clear();
  too_many = false;
  for (bool more = true; more;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket_, ZMQ_DONTWAIT) < 0) {
      zmq_msg_close(&message);
      return false;
    }
    if (parts.size() < kMaxMessageParts + kEnvelopeParts)
      parts.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    else
      too_many = true;
    more = zmq_msg_more(&message) != 0;
    zmq_msg_close(&message);
  }
  return true;
}

}  // namespace turbo
