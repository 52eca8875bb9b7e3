#include "inference/jpeg.h"

#include <turbojpeg.h>

#include <stdexcept>

namespace turbo {

Jpeg::Jpeg() : compressor_(tjInitCompress()), decompressor_(tjInitDecompress()) {
  if (!compressor_ || !decompressor_) {
    if (compressor_) tjDestroy(compressor_);
    if (decompressor_) tjDestroy(decompressor_);
    throw std::runtime_error(std::string("starting libjpeg-turbo: ") + tjGetErrorStr2(nullptr));
  }
}

Jpeg::~Jpeg() {
  tjDestroy(compressor_);
  tjDestroy(decompressor_);
}

std::size_t Jpeg::max_bytes(int height, int width) { return tjBufSize(width, height, TJSAMP_420); }

std::size_t Jpeg::encode(ImageView image, int quality, std::span<std::uint8_t> out, std::string& error) {
  unsigned char* target = out.data();
  unsigned long size_bytes = out.size();
  const int flags = TJFLAG_NOREALLOC | (quality < 90 ? TJFLAG_FASTDCT : TJFLAG_ACCURATEDCT);
  if (tjCompress2(compressor_, image.pixels, image.width, static_cast<int>(image.stride_bytes), image.height,
                  TJPF_BGR, &target, &size_bytes, TJSAMP_420, quality, flags) != 0) {
    error = std::string("JPEG: ") + tjGetErrorStr2(compressor_);
    return 0;
  }
  return size_bytes;
}

// After an error the library may take the next image for its tables only: a new handle forgets.
std::string Jpeg::decoding_failed() {
  std::string error = std::string("JPEG: ") + tjGetErrorStr2(decompressor_);
  if (const auto fresh = tjInitDecompress()) {
    tjDestroy(decompressor_);
    decompressor_ = fresh;
  }
  return error;
}

bool Jpeg::read_size(std::span<const std::uint8_t> data, int& height, int& width, std::string& error) {
  int subsampling = 0;
  int colour_space = 0;
  if (tjDecompressHeader3(decompressor_, data.data(), data.size(), &width, &height, &subsampling,
                          &colour_space) != 0) {
    error = decoding_failed();
    return false;
  }
  return true;
}

bool Jpeg::decode(std::span<const std::uint8_t> data, MutableImageView out, std::string& error) {
  // A progressive image of a few hundred bytes can ask for minutes of work by its number of scans: limited.
  const int flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_FASTDCT;
  if (tjDecompress2(decompressor_, data.data(), data.size(), out.pixels, out.width,
                    static_cast<int>(out.stride_bytes), out.height, TJPF_BGR, flags) != 0) {
    error = decoding_failed();
    return false;
  }
  return true;
}

}  // namespace turbo
