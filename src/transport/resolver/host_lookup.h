#pragma once
// Host name to addresses without waiting. A name server may take many seconds: names are looked up in a
// thread of their own, which is left behind if its owner goes first; plain addresses need none.

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turbo {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

class HostLookup {
 public:
  struct Result {
    std::vector<Address> addresses;  // without a port
    std::string error;               // why there are none
  };
  // Waits for as long as it takes; called in the thread.
  using Wait = std::function<Result(const std::string& host)>;

  // `wait` stands for the system's own look-up in tests. Throws std::runtime_error.
  explicit HostLookup(Wait wait = {});

  // Nothing happens while an earlier one is under way. The result of a plain address is there at once.
  void start(const std::string& host);
  bool busy() const { return busy_; }
  int fd() const;  // readable once a thread has finished
  // The result, once; nothing while there is none.
  std::optional<Result> take();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::optional<Result> ready_;
  bool busy_ = false;
};

}  // namespace turbo
