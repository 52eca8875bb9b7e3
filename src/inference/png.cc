#include "inference/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace turbo::png {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

png_image new_image() {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  return image;
}

std::int64_t big_endian(std::span<const std::uint8_t> four) {
  return std::int64_t{four[0]} << 24 | std::int64_t{four[1]} << 16 | std::int64_t{four[2]} << 8 | four[3];
}

struct Writer {
  std::uint8_t* out;
  std::size_t room_bytes;
  std::size_t used_bytes;
  char why[80];
};

[[noreturn]] void on_error(png_structp png, png_const_charp why) {
  auto& writer = *static_cast<Writer*>(png_get_error_ptr(png));
  std::snprintf(writer.why, sizeof writer.why, "%s", why);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  auto& writer = *static_cast<Writer*>(png_get_io_ptr(png));
  if (count > writer.room_bytes - writer.used_bytes)
    png_error(png, "the image does not fit into the room offered");
  std::memcpy(writer.out + writer.used_bytes, bytes, count);
  writer.used_bytes += count;
}

// libpng leaves by longjmp() when it fails: nothing in here has a destructor.
bool write(ImageView view, Writer& writer) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  if (!info || setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &writer, on_bytes, nullptr);
  // Differences to the left neighbour, runs only: a third of the time of the usual search, and smaller on
  // frames.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_compression_level(png, 1);
  png_set_compression_strategy(png, 3);  // zlib's Z_RLE
  png_set_IHDR(png, info, static_cast<png_uint_32>(view.width), static_cast<png_uint_32>(view.height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_bgr(png);
  png_write_info(png, info);
  for (int y = 0; y < view.height; ++y)
    png_write_row(png, view.pixels + static_cast<std::size_t>(y) * view.stride_bytes);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return true;
}

}  // namespace

std::size_t max_bytes(int height, int width) {
  // deflate never grows data by more than 5 bytes a 16 KiB block; chunk headers are 12 bytes an 8 KiB of it.
  const std::size_t raw_bytes = static_cast<std::size_t>(height) * (static_cast<std::size_t>(width) * 3 + 1);
  return raw_bytes + raw_bytes / 256 + 4096;
}

std::size_t encode(ImageView view, std::span<std::uint8_t> out, std::string& error) {
  Writer writer{out.data(), out.size(), 0, {}};
  if (write(view, writer)) return writer.used_bytes;
  error = std::string("PNG: ") + writer.why;
  return 0;
}

bool read_size(std::span<const std::uint8_t> data, std::int64_t& height, std::int64_t& width,
               std::string& error) {
  if (data.size() < 33 || !std::equal(kSignature.begin(), kSignature.end(), data.begin()) ||
      std::memcmp(data.data() + 12, "IHDR", 4) != 0) {
    error = "PNG: not a PNG image";
    return false;
  }
  width = big_endian(data.subspan(16, 4));
  height = big_endian(data.subspan(20, 4));
  return true;
}

bool decode(std::span<const std::uint8_t> data, MutableImageView out, std::string& error) {
  png_image image = new_image();
  if (!png_image_begin_read_from_memory(&image, data.data(), data.size())) {
    error = std::string("PNG: ") + image.message;
    return false;
  }
  if (image.width != static_cast<png_uint_32>(out.width) ||
      image.height != static_cast<png_uint_32>(out.height)) {
    png_image_free(&image);
    error = "PNG: two sizes in one image";
    return false;
  }
  image.format = PNG_FORMAT_BGR;
  const png_color background{0, 0, 0};  // under transparent pixels
  if (!png_image_finish_read(&image, &background, out.pixels, static_cast<png_int_32>(out.stride_bytes),
                             nullptr)) {
    error = std::string("PNG: ") + image.message;
    return false;
  }
  return true;
}

}  // namespace turbo::png
