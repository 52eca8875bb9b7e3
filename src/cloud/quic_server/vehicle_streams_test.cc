#include "cloud/quic_server/vehicle_streams.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Event = VehicleStreams::Event;

const Time kNow = Time{} + 1h;
constexpr StreamId kFirst = 2, kSecond = 6, kThird = 10;  // one-way
constexpr StreamId kService = 0, kOtherService = 4;

Bytes frame(FrameType type, std::uint16_t service, std::uint64_t context, std::size_t size,
            std::optional<std::uint32_t> announced = {}) {
  Bytes out(kFrameHeaderBytes + size, 0x5a);
  encode({type, service, context, kNoBudget, announced.value_or(static_cast<std::uint32_t>(size))},
         std::span<std::uint8_t, kFrameHeaderBytes>(out.data(), kFrameHeaderBytes));
  return out;
}

class VehicleStreamsTest : public testing::Test {
 protected:
  // Everything that comes of these bytes; a breach is the last.
  std::vector<Event> feed(StreamId stream, const Bytes& bytes, bool end = false, Time now = kNow) {
    std::vector<Event> out;
    std::span<const std::uint8_t> data(bytes);
    for (;;) {
      const Event event = streams_.feed(stream, data, end, now);
      if (event == Event::kNone) return out;
      out.push_back(event);
      if (event == Event::kBreach) return out;
      if (event == Event::kRequest) requests_.emplace_back(streams_.header().context_id, streams_.payload());
    }
  }
  void expect_breach(StreamId stream, const Bytes& bytes, bool end, const std::string& why) {
    const auto events = feed(stream, bytes, end);
    ASSERT_FALSE(events.empty()) << why;
    EXPECT_EQ(events.back(), Event::kBreach) << why;
    EXPECT_THAT(streams_.breach(), testing::HasSubstr(why));
  }

  VehicleStreams streams_{{.max_message_bytes = 10'000,
                           .max_junk_bytes = 5'000,
                           .max_half_received_bytes = 15'000,
                           .streams_per_s = 100,
                           .junk_bytes_per_s = 20'000}};
  std::vector<std::pair<std::uint64_t, Bytes>> requests_;
};

TEST_F(VehicleStreamsTest, RequestsOfManyStreamsComeTogetherWhateverTheirPieces) {
  const Bytes one = frame(FrameType::kRequest, 1, 11, 3'000), two = frame(FrameType::kRequest, 2, 22, 5'000);
  for (std::size_t at = 0; at < two.size(); at += 100) {
    const auto piece = [at](const Bytes& all) {
      return at >= all.size() ? Bytes()
                              : Bytes(all.begin() + static_cast<long>(at),
                                      all.begin() + static_cast<long>(std::min(at + 100, all.size())));
    };
    feed(kFirst, piece(one));
    feed(kSecond, piece(two), at + 100 >= two.size());
  }
  EXPECT_TRUE(feed(kFirst, {}, true).empty());
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0].first, 11u);
  EXPECT_EQ(requests_[0].second.size(), 3'000u);
  EXPECT_EQ(requests_[1].second, Bytes(two.begin() + kFrameHeaderBytes, two.end()));
  EXPECT_EQ(streams_.half_received_bytes(), 0u);
}

TEST_F(VehicleStreamsTest, AServicesStreamIsNamedByItsHello) {
  EXPECT_FALSE(streams_.stream_of(7));
  EXPECT_EQ(feed(kOtherService, frame(FrameType::kHello, 7, 0, 0)), std::vector{Event::kHello});
  EXPECT_EQ(streams_.stream_of(7), kOtherService);
  expect_breach(kService, frame(FrameType::kHello, 7, 0, 0), false, "has a stream already");
}

TEST_F(VehicleStreamsTest, WhatTheProtocolForbidsIsABreach) {
  struct Case {
    const char* why;
    StreamId stream;
    Bytes bytes;
    bool end;
  };
  Bytes more = frame(FrameType::kRequest, 1, 1, 10);
  more.push_back(0);
  Bytes junk_and_more = frame(FrameType::kJunk, kJunkServiceId, 0, 10);
  junk_and_more.push_back(0);
  for (const Case& c : {
           Case{"not expected here", kService, frame(FrameType::kRequest, 1, 1, 10), false},
           Case{"not expected here", kService, frame(FrameType::kJunk, kJunkServiceId, 0, 10), false},
           Case{"not expected here", kFirst, frame(FrameType::kHello, 1, 0, 0), true},
           Case{"not expected here", kFirst, frame(FrameType::kResponse, 1, 0, 10), true},
           Case{"ended", kService, {}, true},
           Case{describe(FrameError::kTooLong), kFirst, frame(FrameType::kRequest, 1, 1, 0, 10'001), false},
           Case{describe(FrameError::kTooLong), kFirst, frame(FrameType::kRequest, 1, 1, 0, 0xffffffff),
                false},
           Case{describe(FrameError::kTooLong), kFirst, frame(FrameType::kJunk, kJunkServiceId, 1, 0, 5'001),
                false},
           Case{describe(FrameError::kTooMany), kFirst, more, true},
           Case{describe(FrameError::kTooMany), kFirst, junk_and_more, true},
           Case{describe(FrameError::kCutShort), kFirst, frame(FrameType::kRequest, 1, 1, 10, 11), true},
           Case{describe(FrameError::kCutShort), kFirst, {}, true},
           Case{"wrong magic", kFirst, Bytes(24, 0x41), false},
       }) {
    streams_ = VehicleStreams(
        {.max_message_bytes = 10'000, .max_junk_bytes = 5'000, .max_half_received_bytes = 15'000});
    expect_breach(c.stream, c.bytes, c.end, c.why);
  }
}

TEST_F(VehicleStreamsTest, MoreHalfReceivedThanThereIsRoomForIsSkippedAlone) {
  feed(kFirst, frame(FrameType::kRequest, 1, 1, 9'000, 9'001));
  EXPECT_EQ(feed(kSecond, frame(FrameType::kRequest, 1, 2, 9'000, 9'001)), std::vector{Event::kNoRoom});
  EXPECT_EQ(streams_.header().context_id, 2u);
  EXPECT_EQ(streams_.half_received_bytes(), 9'000u);
  EXPECT_TRUE(feed(kSecond, Bytes(1), true).empty()) << "its rest is skipped";
  EXPECT_EQ(feed(kFirst, Bytes(1), true), std::vector{Event::kRequest});
  EXPECT_EQ(streams_.half_received_bytes(), 0u);
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].first, 1u);
}

TEST_F(VehicleStreamsTest, AResetGivesTheRoomBack) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(feed(kFirst + 4 * i, frame(FrameType::kRequest, 1, 1, 9'000, 9'001)).empty());
    streams_.on_reset(kFirst + 4 * i);
    streams_.on_reset(kFirst + 4 * i);
    EXPECT_EQ(streams_.half_received_bytes(), 0u);
  }
}

TEST_F(VehicleStreamsTest, StreamsAndJunkWithoutEndAreABreach) {
  StreamId next = 2;
  const auto one_more = [&](Time now) {
    return feed(std::exchange(next, next + 4), frame(FrameType::kRequest, 1, 1, 0), true, now).back();
  };
  for (int i = 0; i < 100; ++i) ASSERT_EQ(one_more(kNow), Event::kRequest);
  EXPECT_EQ(one_more(kNow), Event::kBreach);
  EXPECT_EQ(one_more(kNow + 15ms), Event::kRequest);
  EXPECT_EQ(one_more(kNow + 15ms), Event::kBreach);

  const Time later = kNow + 10s;
  for (int i = 0; i < 4; ++i, next += 4)
    EXPECT_TRUE(feed(next, frame(FrameType::kJunk, kJunkServiceId, 0, 4'900), true, later).empty());
  EXPECT_EQ(feed(next, frame(FrameType::kJunk, kJunkServiceId, 0, 4'900), true, later),
            std::vector{Event::kBreach});
  EXPECT_THAT(streams_.breach(), testing::HasSubstr("junk"));
}

}  // namespace
}  // namespace turbo
