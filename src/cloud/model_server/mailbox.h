#pragma once
// A place for one item between two threads. A newer item takes the place of one that still waits.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace turbo {

template <class Item>
class Mailbox {
 public:
  // Gives back what had to make room, so that its memory can be used again.
  std::optional<Item> put(Item item) {
    std::optional<Item> replaced;
    {
      const std::lock_guard lock(mutex_);
      replaced = std::exchange(item_, std::move(item));
    }
    arrived_.notify_one();
    return replaced;
  }

  std::optional<Item> try_take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(item_, std::nullopt);
  }

  // Waits. Nothing: closed.
  std::optional<Item> take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return item_ || closed_; });
    return closed_ ? std::nullopt : std::exchange(item_, std::nullopt);
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    arrived_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Item> item_;
  bool closed_ = false;
};

}  // namespace turbo
