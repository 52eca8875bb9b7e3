#pragma once
// Inside transport/ipc only: libzmq behind RAII, multipart messages with limits.

#include <zmq.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "transport/ipc/sockets.h"
#include "transport/ownership/owner_lock.h"

namespace turbo {

struct IpcContext::State {
  // Destroyed last: an ipc file must be gone before its ownership is given up.
  std::vector<OwnerLock> locks;
  // Of the bound ipc sockets, and which file each was: libzmq 4.3 leaves them behind.
  struct SocketFile {
    std::string path;
    std::uint64_t device = 0, inode = 0;
  };
  std::vector<SocketFile> files;
  void* zmq = nullptr;
};

class ZmqSocket {
 public:
  ZmqSocket(IpcContext& context, int type);
  ~ZmqSocket();
  ZmqSocket(const ZmqSocket&) = delete;

  void* get() const { return socket_; }
  void set(int option, int value);
  void bind(const std::string& endpoint);  // takes ownership of an ipc endpoint first
  void connect(const std::string& endpoint);
  bool send(const Parts& parts);  // false: would block, or not in a state to send
  // One whole message. False: none waits. Parts far beyond kMaxMessageParts are read and dropped; too_many
  // then says so.
  bool receive(Parts& parts, bool& too_many);

 private:
  IpcContext& context_;
  void* socket_;
};

}  // namespace turbo
