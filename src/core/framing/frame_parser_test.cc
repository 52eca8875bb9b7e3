#include "core/framing/frame_parser.h"

#include <gtest/gtest.h>

#include <random>

namespace turbo {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr FrameLimits kLimits{frame_types({FrameType::kHello, FrameType::kRequest, FrameType::kJunk}),
                              100'000, 1'000};

void append(Bytes& out, FrameHeader header, const Bytes& payload) {
  header.length_bytes = static_cast<std::uint32_t>(payload.size());
  std::array<std::uint8_t, kFrameHeaderBytes> raw;
  encode(header, raw);
  out.insert(out.end(), raw.begin(), raw.end());
  out.insert(out.end(), payload.begin(), payload.end());
}

Bytes one(FrameHeader header, const Bytes& payload = {}) {
  Bytes out;
  append(out, header, payload);
  return out;
}

FrameError error_of(FrameParser& parser, const Bytes& bytes) {
  std::span<const std::uint8_t> data(bytes);
  while (!data.empty()) {
    const auto step = parser.feed(data);
    if (step == FrameParser::Step::kError) return parser.error();
  }
  return FrameError::kNone;
}

TEST(Frame, HeaderSurvivesARoundTripInLittleEndian) {
  const FrameHeader header{FrameType::kResponse, 0x0102, 0x0102030405060708, 123'456, 50'000'000};
  std::array<std::uint8_t, kFrameHeaderBytes> raw;
  encode(header, raw);
  EXPECT_EQ(raw[6], 0x02);
  EXPECT_EQ(raw[8], 0x08);
  FrameHeader back;
  ASSERT_EQ(decode(raw, back), FrameError::kNone);
  EXPECT_EQ(back, header);
}

TEST(FrameParser, CutsFramesOutOfAnyChunks) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Bytes wire = one({FrameType::kHello, 7, 0, kNoBudget, 0});
    std::vector<Bytes> sent;
    for (int i = 0; i < 20; ++i) {
      Bytes payload(random() % 3'000);
      for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
      if (random() % 4 == 0) append(wire, {FrameType::kJunk, 7, 0, 0, 0}, Bytes(random() % 1'000, 9));
      append(wire, {FrameType::kRequest, 7, static_cast<std::uint64_t>(i), 1000, 0}, payload);
      sent.push_back(std::move(payload));
    }
    FrameParser parser(kLimits, std::nullopt);
    std::size_t frames = 0;
    for (std::size_t at = 0; at < wire.size();) {
      const std::size_t chunk = std::min<std::size_t>(1 + random() % 1'500, wire.size() - at);
      std::span<const std::uint8_t> data(&wire[at], chunk);
      at += chunk;
      while (!data.empty()) {
        const auto step = parser.feed(data);
        ASSERT_NE(step, FrameParser::Step::kError) << describe(parser.error());
        if (step != FrameParser::Step::kFrame || parser.header().type != FrameType::kRequest) continue;
        ASSERT_EQ(parser.header().context_id, frames);
        ASSERT_EQ(parser.payload(), sent[frames]);
        ++frames;
      }
    }
    EXPECT_EQ(frames, sent.size());
  }
}

TEST(FrameParser, AFrameWithoutPayloadIsGivenAtTheEndOfItsHeader) {
  FrameParser parser(kLimits, std::uint16_t{3});
  const Bytes wire = one({FrameType::kRequest, 3, 42, kNoBudget, 0});
  std::span<const std::uint8_t> data(wire);
  EXPECT_EQ(parser.feed(data), FrameParser::Step::kFrame);
  EXPECT_EQ(parser.header().context_id, 42u);
  EXPECT_TRUE(data.empty());
}

TEST(FrameParser, ReusesTheBufferThatIsSwappedIn) {
  FrameParser parser(kLimits, std::uint16_t{3});
  Bytes wire;
  append(wire, {FrameType::kRequest, 3, 1, 0, 0}, Bytes(50'000, 1));
  append(wire, {FrameType::kRequest, 3, 2, 0, 0}, Bytes(50'000, 2));
  Bytes mine;
  mine.reserve(60'000);
  const auto* storage = mine.data();
  std::span<const std::uint8_t> data(wire);
  ASSERT_EQ(parser.feed(data), FrameParser::Step::kFrame);
  std::swap(mine, parser.payload());
  EXPECT_EQ(mine, Bytes(50'000, 1));
  ASSERT_EQ(parser.feed(data), FrameParser::Step::kFrame);
  EXPECT_EQ(parser.payload(), Bytes(50'000, 2));
  EXPECT_EQ(parser.payload().data(), storage);
}

TEST(FrameParser, DoesNotAllocateAheadOfTheData) {
  FrameParser parser(frame_stream(50'000'000, 0), std::uint16_t{1});
  Bytes wire = one({FrameType::kRequest, 1, 0, 0, 0});
  FrameHeader header{FrameType::kRequest, 1, 0, 0, 50'000'000};
  encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(wire));
  wire.resize(wire.size() + 1);
  EXPECT_EQ(error_of(parser, wire), FrameError::kNone);
  EXPECT_LE(parser.payload().capacity(), std::size_t{1} << 20);
}

TEST(FrameParser, RefusesWithAReason) {
  struct Case {
    const char* what;
    Bytes wire;
    std::optional<std::uint16_t> service;
    FrameError expected;
  };
  Bytes bad_magic = one({FrameType::kHello, 1, 0, 0, 0});
  bad_magic[1] = 'x';
  Bytes bad_version = one({FrameType::kHello, 1, 0, 0, 0});
  bad_version[3] = 1;
  Bytes bad_type = one({FrameType::kHello, 1, 0, 0, 0});
  bad_type[4] = 7;
  Bytes zero_type = bad_type;
  zero_type[4] = 0;
  Bytes reserved = one({FrameType::kHello, 1, 0, 0, 0});
  reserved[5] = 1;
  Bytes twice = one({FrameType::kHello, 1, 0, 0, 0});
  append(twice, {FrameType::kHello, 1, 0, 0, 0}, {});
  const Case cases[] = {
      {"magic", bad_magic, std::nullopt, FrameError::kBadMagic},
      {"version", bad_version, std::nullopt, FrameError::kBadVersion},
      {"type", bad_type, std::nullopt, FrameError::kBadType},
      {"type 0", zero_type, std::nullopt, FrameError::kBadType},
      {"reserved", reserved, std::nullopt, FrameError::kBadReserved},
      {"second hello", twice, std::nullopt, FrameError::kUnexpected},
      {"hello with payload", one({FrameType::kHello, 1, 0, 0, 0}, {1}), std::nullopt, FrameError::kTooLong},
      {"other service", one({FrameType::kRequest, 2, 0, 0, 0}), 1, FrameError::kOtherService},
      {"response", one({FrameType::kResponse, 1, 0, 0, 0}), 1, FrameError::kUnexpected},
      {"refusal", one({FrameType::kRefusal, 1, 0, 0, 0}), 1, FrameError::kUnexpected},
      {"long", one({FrameType::kRequest, 1, 0, 0, 0}, Bytes(100'001)), 1, FrameError::kTooLong},
      {"long junk", one({FrameType::kJunk, 1, 0, 0, 0}, Bytes(1'001)), 1, FrameError::kTooLong},
  };
  for (const Case& c : cases) {
    FrameParser parser(kLimits, c.service);
    EXPECT_EQ(error_of(parser, c.wire), c.expected) << c.what;
    std::span<const std::uint8_t> more(c.wire);
    EXPECT_EQ(parser.feed(more), FrameParser::Step::kError) << c.what << ": goes on after an error";
    EXPECT_STRNE(describe(parser.error()), "unknown error");
  }
}

TEST(FrameParser, WhoTakesResponsesTakesARefusal) {
  FrameParser parser(service_stream_at_vehicle(1'000), std::uint16_t{3});
  const Bytes wire = one({FrameType::kRefusal, 3, 0, kNoBudget, 0});
  std::span<const std::uint8_t> data(wire);
  ASSERT_EQ(parser.feed(data), FrameParser::Step::kFrame);
  EXPECT_EQ(parser.header().type, FrameType::kRefusal);
  EXPECT_EQ(error_of(parser, one({FrameType::kRefusal, 3, 0, kNoBudget, 0}, {1})), FrameError::kTooLong);
}

TEST(FrameParser, AFramesStreamCarriesOneFrameAndEndsWithIt) {
  const Bytes frame = one({FrameType::kRequest, 3, 9, 1'000, 0}, Bytes(500, 7));
  for (std::size_t cut = 0; cut <= frame.size(); ++cut) {
    FrameParser parser(frame_stream(1'000, 0), std::nullopt);
    ASSERT_EQ(error_of(parser, Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut))),
              FrameError::kNone);
    ASSERT_EQ(parser.finish(), cut == frame.size() ? FrameError::kNone : FrameError::kCutShort) << cut;
  }
  FrameParser parser(frame_stream(1'000, 0), std::nullopt);
  Bytes more = frame;
  more.push_back(0);
  EXPECT_EQ(error_of(parser, more), FrameError::kTooMany);
  FrameParser hello(frame_stream(1'000, 0), std::nullopt);
  EXPECT_EQ(error_of(hello, one({FrameType::kHello, 3, 0, 0, 0})), FrameError::kUnexpected);
}

TEST(FrameParser, AServicesStreamMayEndBetweenFramesOnly) {
  FrameParser parser(service_stream_at_vehicle(1'000), std::uint16_t{3});
  EXPECT_EQ(parser.finish(), FrameError::kNone);
  EXPECT_EQ(error_of(parser, one({FrameType::kDropped, 3, 9, 0, 0})), FrameError::kNone);
  EXPECT_EQ(parser.finish(), FrameError::kNone);
  EXPECT_EQ(error_of(parser, Bytes(10, 'T')), FrameError::kNone);
  EXPECT_EQ(parser.finish(), FrameError::kCutShort);
}

TEST(FrameParser, SurvivesGarbage) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    std::mt19937 random(seed);
    Bytes wire = one({FrameType::kHello, 1, 0, 0, 0});
    append(wire, {FrameType::kRequest, 1, 5, 0, 0}, Bytes(200, 3));
    for (int i = 0; i < 4; ++i) wire[random() % wire.size()] = static_cast<std::uint8_t>(random());
    FrameParser parser(kLimits, std::nullopt);
    error_of(parser, wire);
    EXPECT_LE(parser.payload().size(), wire.size());
  }
}

}  // namespace
}  // namespace turbo
