#pragma once
// POSIX shared-memory regions. A creator owns its region while it lives (flock on the object) and removes it
// when it ends; a dead owner's region is replaced by a new object, so that whoever still reads the old one
// keeps what it sees.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "transport/shm/region_file.h"

namespace turbo {

class Region {  // the creator's
 public:
  // Throws runtime_error: a live owner (with its pid), or what the system refused.
  Region(const std::string& name, std::size_t size_bytes);
  ~Region();
  Region(const Region&) = delete;

  std::span<std::uint8_t> bytes() { return {data_, size_}; }
  RegionFile file() const { return RegionFile(fd_); }
  // Makes sure that the first n bytes have memory behind them (a write into a full /dev/shm would be SIGBUS).
  // False: there is none, or n is more than the region. Cheap when n is no more than ever before.
  bool reserve(std::size_t n);

 private:
  void remove();

  std::string name_;
  int fd_ = -1;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t reserved_ = 0;
};

class AttachedRegion {  // a peer's
 public:
  explicit AttachedRegion(std::string name);
  ~AttachedRegion();
  AttachedRegion(const AttachedRegion&) = delete;

  // Attaches, or attaches anew if the creator has made another object of this name since, or this one is of
  // another size now. Call before each use; costs one stat() when nothing changed.
  // False: there is no such region now (the bytes of the old one stay readable).
  bool refresh();
  std::span<std::uint8_t> bytes() { return {data_, size_}; }  // empty before the first refresh()
  RegionFile file() const { return RegionFile(fd_); }         // for copies: safe from a peer that shrinks it

 private:
  void detach();

  std::string name_;
  int fd_ = -1;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace turbo
