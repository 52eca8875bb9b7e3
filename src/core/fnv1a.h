#pragma once
// FNV-1a of 64 bits: the same number for the same bytes on every machine and in every build, which std::hash
// does not promise. It tells apart what differs by chance, not what somebody made to look alike. Pure.

#include <cstdint>
#include <string_view>

namespace turbo {

constexpr std::uint64_t fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace turbo
