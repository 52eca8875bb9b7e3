#include "inference/image_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "inference/test_pictures.h"

namespace turbo {
namespace {

using test::make_picture;
using test::mean_difference;
using testing::HasSubstr;
using testing::IsEmpty;
using Bytes = std::vector<std::uint8_t>;

Bytes encoded(ImageCodec& codec, ImageView image, ImageForm form, int quality = 75) {
  Bytes out(ImageCodec::max_encoded_bytes(form, image.height, image.width));
  const auto done = codec.encode(image, form, quality, out);
  EXPECT_THAT(done.error, IsEmpty());
  out.resize(done.size_bytes);
  return out;
}

// A decode of bytes that may be anything: an image of the announced size or one line of error.
void expect_sane(ImageCodec& codec, std::span<const std::uint8_t> data, ImageForm form, ImageSize size) {
  const auto outcome = codec.decode(data, form, size);
  EXPECT_NE(outcome.error.empty(), outcome.image.empty());
  EXPECT_EQ(outcome.error.find('\n'), std::string::npos);
  if (!outcome.image.empty()) {
    EXPECT_EQ(outcome.image.height, size.height);
  }
}

TEST(ImageCodec, JpegComesBackAlike) {
  ImageCodec codec;
  for (const auto& [height, width] : {std::pair{1, 1}, {7, 13}, {64, 48}, {270, 481}}) {
    const auto picture = make_picture(height, width);
    for (const int quality : {50, 75, 90, 95}) {
      const auto data = encoded(codec, picture.view(), ImageForm::kJpeg, quality);
      const auto outcome = codec.decode(data, ImageForm::kJpeg, {height, width});
      ASSERT_THAT(outcome.error, IsEmpty());
      EXPECT_LT(mean_difference(picture.view(), outcome.image), 8.0)
          << height << " x " << width << " " << quality;
    }
  }
}

TEST(ImageCodec, LowerQualityIsSmaller) {
  ImageCodec codec;
  const auto picture = make_picture(270, 480);
  std::size_t last = 0;
  for (const int quality : {50, 75, 90, 95}) {
    const auto size = encoded(codec, picture.view(), ImageForm::kJpeg, quality).size();
    EXPECT_GT(size, last);
    last = size;
  }
}

TEST(ImageCodec, PngAndRawComeBackExactly) {
  ImageCodec codec;
  for (const auto form : {ImageForm::kPng, ImageForm::kRawBgr})
    for (const auto& [height, width] : {std::pair{1, 1}, {33, 17}, {100, 301}}) {
      const auto picture = make_picture(height, width);
      const auto data = encoded(codec, picture.view(), form);
      const auto outcome = codec.decode(data, form, {height, width});
      ASSERT_THAT(outcome.error, IsEmpty());
      EXPECT_EQ(mean_difference(picture.view(), outcome.image), 0.0);
    }
}

TEST(ImageCodec, RawPixelsAreNotCopied) {
  ImageCodec codec;
  const auto picture = make_picture(4, 6);
  EXPECT_EQ(codec.decode(picture.bytes, ImageForm::kRawBgr, {4, 6}).image.pixels, picture.bytes.data());
}

TEST(ImageCodec, RowsMayBeFurtherApartThanTheyAreLong) {
  ImageCodec codec;
  const auto whole = make_picture(40, 60);
  const ImageView part{whole.bytes.data() + 30, 40, 20, 180};
  for (const auto form : {ImageForm::kRawBgr, ImageForm::kPng}) {
    const auto data = encoded(codec, part, form);
    const auto outcome = codec.decode(data, form, {40, 20});
    ASSERT_THAT(outcome.error, IsEmpty());
    EXPECT_EQ(mean_difference(part, outcome.image), 0.0);
  }
}

TEST(ImageCodec, JpegShrinksWhileDecodedOnlyAsFarAsAllowed) {
  ImageCodec codec;
  const auto picture = make_picture(108, 193);
  const auto data = encoded(codec, picture.view(), ImageForm::kJpeg);
  const auto size_for = [&](ImageSize least) {
    const auto image = codec.decode(data, ImageForm::kJpeg, {108, 193}, least).image;
    return std::pair{image.height, image.width};
  };
  EXPECT_EQ(size_for({}), (std::pair{108, 193}));
  EXPECT_EQ(size_for({55, 97}), (std::pair{108, 193}));
  EXPECT_EQ(size_for({54, 97}), (std::pair{54, 97}));
  EXPECT_EQ(size_for({20, 49}), (std::pair{27, 49}));
  EXPECT_EQ(size_for({1, 1}), (std::pair{14, 25}));
}

TEST(ImageCodec, RoomTooSmallIsAnError) {
  ImageCodec codec;
  const auto picture = make_picture(64, 64);
  Bytes little(100);
  for (const auto form : {ImageForm::kRawBgr, ImageForm::kJpeg, ImageForm::kPng})
    EXPECT_NE(codec.encode(picture.view(), form, 75, little).error, "") << static_cast<int>(form);
  EXPECT_NE(codec.encode({}, ImageForm::kJpeg, 75, little).error, "");
}

TEST(ImageCodec, AnotherSizeThanAnnouncedIsRefused) {
  ImageCodec codec;
  const auto picture = make_picture(40, 60);
  for (const auto form : {ImageForm::kRawBgr, ImageForm::kJpeg, ImageForm::kPng}) {
    const auto data = encoded(codec, picture.view(), form);
    for (const ImageSize wrong : {ImageSize{60, 41}, {41, 60}, {40, 59}, {1, 1}, {4000, 6000}})
      EXPECT_NE(codec.decode(data, form, wrong).error, "");
    for (const ImageSize impossible : {ImageSize{0, 60}, {40, -1}, {70000, 1}, {-40, -60}})
      EXPECT_THAT(codec.decode(data, form, impossible).error, HasSubstr("limit"));
  }
  const auto data = encoded(codec, picture.view(), ImageForm::kPng);
  EXPECT_EQ(codec.decode(data, ImageForm::kPng, {41, 60}).error,
            "PNG: the image is 40 x 60, announced as 41 x 60");
}

TEST(ImageCodec, TheLimitOfPixelsHolds) {
  ImageCodec codec(1000);
  ImageCodec other;
  const auto picture = make_picture(40, 60);
  const auto data = encoded(other, picture.view(), ImageForm::kPng);
  EXPECT_EQ(codec.decode(data, ImageForm::kPng, {40, 60}).error,
            "an image of 40 x 60 is beyond the limit of 1000 pixels");
}

TEST(ImageCodec, EveryTruncationIsAnError) {
  ImageCodec codec;
  const auto picture = make_picture(48, 64);
  for (const auto form : {ImageForm::kRawBgr, ImageForm::kJpeg, ImageForm::kPng}) {
    const auto data = encoded(codec, picture.view(), form);
    // The last chunk of a PNG (12 bytes) and the last marker of a JPEG (2) carry no pixel.
    const std::size_t needed = data.size() - (form == ImageForm::kRawBgr ? 0
                                              : form == ImageForm::kPng  ? 12
                                                                         : 2);
    for (std::size_t size = 0; size < needed; size += 1 + size / 40) {
      const Bytes part(data.begin(),
                       data.begin() + static_cast<std::ptrdiff_t>(size));  // so that ASan sees its end
      EXPECT_NE(codec.decode(part, form, {48, 64}).error, "") << static_cast<int>(form) << " " << size;
    }
  }
}

TEST(ImageCodec, DamageNeverHurts) {
  ImageCodec codec;
  const auto picture = make_picture(48, 64);
  std::minstd_rand random(7);
  for (const auto form : {ImageForm::kJpeg, ImageForm::kPng}) {
    const auto data = encoded(codec, picture.view(), form);
    for (int round = 0; round < 400; ++round) {
      auto damaged = data;
      for (int hit = 0; hit <= round % 4; ++hit)
        damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
      expect_sane(codec, damaged, form, {48, 64});
    }
  }
}

TEST(ImageCodec, NoiseAndTheWrongFormAreErrors) {
  ImageCodec codec;
  const auto picture = make_picture(48, 64);
  std::minstd_rand random(11);
  Bytes noise(5000);
  for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
  const auto jpeg = encoded(codec, picture.view(), ImageForm::kJpeg);
  const auto png = encoded(codec, picture.view(), ImageForm::kPng);
  for (const auto form : {ImageForm::kJpeg, ImageForm::kPng})
    for (const auto& data : {noise, Bytes{}, Bytes(1), Bytes(100), form == ImageForm::kJpeg ? png : jpeg})
      EXPECT_NE(codec.decode(data, form, {48, 64}).error, "");
}

TEST(ImageCodec, ALyingPngHeaderIsSeenBeforePixelsAreDecoded) {
  ImageCodec codec;
  const auto picture = make_picture(48, 64);
  auto data = encoded(codec, picture.view(), ImageForm::kPng);
  data[16] = 0x40;  // a width of a billion
  EXPECT_THAT(codec.decode(data, ImageForm::kPng, {48, 64}).error, HasSubstr("announced as 48 x 64"));
  data[16] = 0;
  data[19] = 65;  // one more than there is: the checksum does not fit
  EXPECT_NE(codec.decode(data, ImageForm::kPng, {48, 65}).error, "");
}

TEST(ImageCodec, IsUsableAgainAfterErrors) {
  ImageCodec codec;
  const auto picture = make_picture(48, 64);
  const auto jpeg = encoded(codec, picture.view(), ImageForm::kJpeg);
  const auto png = encoded(codec, picture.view(), ImageForm::kPng);
  for (int round = 0; round < 3; ++round) {
    EXPECT_NE(codec.decode({jpeg.data(), jpeg.size() / 2}, ImageForm::kJpeg, {48, 64}).error, "");
    EXPECT_EQ(codec.decode(jpeg, ImageForm::kJpeg, {48, 64}).error, "");
    EXPECT_NE(codec.decode({png.data(), png.size() / 2}, ImageForm::kPng, {48, 64}).error, "");
    EXPECT_EQ(codec.decode(png, ImageForm::kPng, {48, 64}).error, "");
  }
}

}  // namespace
}  // namespace turbo
