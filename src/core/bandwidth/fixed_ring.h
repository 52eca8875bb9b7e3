#pragma once
// A double-ended queue in memory taken once: the bookkeeping of what is in flight must not allocate by the
// packet.

#include <cstddef>
#include <vector>

namespace turbo {

template <class T>
class FixedRing {
 public:
  explicit FixedRing(std::size_t capacity) : items_(capacity) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == items_.size(); }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  // Only when not full, or not empty.
  void push_back(const T& item) { items_[place(size_++)] = item; }
  void pop_front() {
    first_ = place(1);
    --size_;
  }
  void pop_back() { --size_; }
  T& operator[](std::size_t i) { return items_[place(i)]; }
  const T& operator[](std::size_t i) const { return items_[place(i)]; }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size_ - 1]; }

 private:
  std::size_t place(std::size_t i) const { return (first_ + i) % items_.size(); }
  std::vector<T> items_;
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace turbo
