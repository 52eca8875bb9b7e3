#include "vehicle/quic_client/cloud_streams.h"

namespace turbo {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Event = CloudStreams::Event;

Bytes frame(FrameType type, std::uint16_t service, std::uint64_t context, std::size_t size) {
  Bytes out(kFrameHeaderBytes + size, 0x5a);
  encode({type, service, context, kNoBudget, static_cast<std::uint32_t>(size)},
         std::span<std::uint8_t, kFrameHeaderBytes>(out.data(), kFrameHeaderBytes));
  return out;
}

class CloudStreamsTest : public testing::Test {
 protected:
  std::vector<Event> feed(StreamId stream, const Bytes& bytes, bool end = false) {
    std::vector<Event> out;
    std::span<const std::uint8_t> data(bytes);
    do out.push_back(streams_.feed(stream, data, end));
    while (out.back() != Event::kNone && out.back() != Event::kBreach);
    return out;
  }
  CloudStreams streams_{{5, 9}, 1'000};
};

TEST_F(CloudStreamsTest, SaysWhatTheCloudSaysOfWhichService) {
  Bytes all = frame(FrameType::kResponse, 9, 7, 100);
  const Bytes more = frame(FrameType::kDropped, 9, 8, 0);
  all.insert(all.end(), more.begin(), more.end());
  EXPECT_EQ(feed(4, Bytes(all.begin(), all.begin() + 50)), std::vector{Event::kNone});
  EXPECT_EQ(feed(0, frame(FrameType::kRefusal, 5, 0, 0)), (std::vector{Event::kRefusal, Event::kNone}));
  EXPECT_EQ(streams_.service(), 0u);
  EXPECT_EQ(feed(4, Bytes(all.begin() + 50, all.end())),
            (std::vector{Event::kResponse, Event::kDropped, Event::kNone}));
  EXPECT_EQ(streams_.service(), 1u);
  EXPECT_EQ(streams_.header().context_id, 8u);
}

TEST_F(CloudStreamsTest, WhatTheProtocolForbidsIsABreach) {
  const std::pair<StreamId, Bytes> cases[] = {
      {0, frame(FrameType::kResponse, 9, 7, 100)}, {0, frame(FrameType::kResponse, 5, 7, 1'001)},
      {0, frame(FrameType::kRequest, 5, 7, 10)},   {0, frame(FrameType::kHello, 5, 0, 0)},
      {0, frame(FrameType::kDropped, 5, 7, 1)},    {8, frame(FrameType::kResponse, 5, 7, 100)},
      {2, frame(FrameType::kResponse, 5, 7, 100)}, {-4, frame(FrameType::kResponse, 5, 7, 100)}};
  for (const auto& [stream, bytes] : cases) {
    streams_.restart();
    EXPECT_EQ(feed(stream, bytes), std::vector{Event::kBreach}) << stream;
    EXPECT_NE(streams_.breach(), "");
  }
  streams_.restart();
  EXPECT_EQ(feed(0, {}, true), std::vector{Event::kBreach})
      << "a service's stream lives as long as its connection";
}

TEST_F(CloudStreamsTest, ANewConnectionBeginsAtAFramesBeginning) {
  feed(0, Bytes(10, 'T'));
  streams_.restart();
  EXPECT_EQ(feed(0, frame(FrameType::kResponse, 5, 7, 1'000)), (std::vector{Event::kResponse, Event::kNone}));
}

}  // namespace
}  // namespace turbo
