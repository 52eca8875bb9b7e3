#pragma once
// One message in a region: a size-prefixed FlatBuffer at offset 0, its payload at the next multiple of
// 64 bytes.
//
// The protocol between a writer and a reader (the ZeroMQ socket beside the region carries
// [context id, size]):
//  1. The writer writes 0 into the first four bytes: whatever was there is no message any more.
//  2. It writes the payload where it will lie (an encoder may write it there itself), then the header's
//     bytes.
//  3. It writes the header's size prefix, last (release), and sends [context id, size].
//  4. The reader copies `size` bytes out, prefix first (acquire).
//  5. It reads the prefix and the header again: if they differ from its copy, the writer gave up waiting
//     and began another message meanwhile; the copy is discarded.
//  6. It verifies the FlatBuffer, compares its context id with the socket's, and sends ACK.
//  7. The writer starts over at 1 after the ACK, or after its time-out.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "transport/shm/region_file.h"

namespace turbo {

// Where the payload begins after a size-prefixed header of so many bytes.
std::size_t payload_offset(std::size_t header_bytes);

// Step 1.
void begin_message(std::span<std::uint8_t> region);
// Steps 2 and 3, after the payload was written at payload_offset(header.size()). Returns the message's whole
// size, 0 if the region is too small. header: a size-prefixed FlatBuffer.
std::size_t publish_message(std::span<std::uint8_t> region, std::span<const std::uint8_t> header,
                            std::size_t payload_bytes);
// Steps 1 to 3 for a message that lies complete elsewhere (header, padding and payload, as copy_message
// gave it).
bool write_message(const RegionFile& region, std::span<const std::uint8_t> message);

// Steps 4 and 5: into `message` (resized). False with the reason in error.
bool copy_message(const RegionFile& region, std::uint64_t size, std::vector<std::uint8_t>& message,
                  std::string& error);

// The two parts of a copied message. Empty header: malformed.
struct MessageView {
  std::span<const std::uint8_t> header;  // size-prefixed FlatBuffer
  std::span<const std::uint8_t> payload;
};
MessageView split_message(std::span<const std::uint8_t> message);

}  // namespace turbo
