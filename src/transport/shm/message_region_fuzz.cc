// A region with anything in it, read as a message of any size. See src/lab/fuzz/run.
// Sources: transport/shm/message_region.cc transport/shm/region_file.cc

#include "transport/shm/message_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  std::uint64_t claimed = 0;
  std::memcpy(&claimed, data, sizeof claimed);
  if (data[0] & 1) claimed %= 2 * size;
  static const int fd = ::memfd_create("region", MFD_CLOEXEC);
  const std::vector<std::uint8_t> bytes(data + 8, data + size);
  const turbo::RegionFile region(fd);
  if (::ftruncate(fd, static_cast<off_t>(bytes.size())) != 0 || !region.write(0, bytes)) std::abort();
  std::vector<std::uint8_t> message;
  std::string error;
  if (!turbo::copy_message(region, claimed, message, error)) {
    if (error.empty()) std::abort();
    message = bytes;  // a message may also come from elsewhere
  }
  const turbo::MessageView view = turbo::split_message(message);
  if (view.header.size() + view.payload.size() > message.size()) std::abort();
  turbo::write_message(region, message);
  return 0;
}
