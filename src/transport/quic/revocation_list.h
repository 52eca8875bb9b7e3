#pragma once
// The certificates that the fleet's authority declared void: a PEM file (CRL, RFC 5280) that is read again
// when it changes. Its signature is checked, its dates are not: an old list is better than none. Private to
// this folder.

#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/time.h"

namespace turbo {

std::string hexadecimal(std::span<const std::uint8_t> bytes);

class RevocationList {
 public:
  RevocationList() = default;
  // An empty name, or a file that is not there (yet): nothing is revoked. Throws std::runtime_error for one
  // that cannot be read or is not signed by an authority of `ca_file`.
  RevocationList(std::string file, std::string ca_file);

  bool contains(const std::string& serial) const { return serials_.contains(serial); }
  // Looks at the file, once a second at most. True: there is another list now. What cannot be read changes
  // nothing, and is told in trouble() once.
  bool refresh(Time now);
  // Why the file could not be read at the last refresh; taken.
  std::string take_trouble() { return std::exchange(trouble_, {}); }

 private:
  struct Version {
    timespec changed{};
    std::int64_t bytes = 0;
    std::uint64_t inode = 0;
    bool operator==(const Version& other) const {
      return changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec &&
             bytes == other.bytes && inode == other.inode;
    }
  };
  std::optional<Version> version() const;
  void read();

  std::string file_, ca_file_, trouble_;
  std::optional<Version> seen_;
  Time looked_at_{};
  std::unordered_set<std::string> serials_;
};

}  // namespace turbo
