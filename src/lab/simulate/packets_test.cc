// The simulated QUIC halves, packet by packet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "lab/link/codel.h"
#include "lab/simulate/end.h"

namespace turbo::simulate {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kStart = Time(std::chrono::hours(1));
Time at_ms(double ms) { return kStart + from_milliseconds(ms); }

Packet packet_of(std::int64_t number, std::vector<StreamPart> parts = {}) {
  Packet packet;
  packet.number = number;
  packet.bytes = 1'444;
  packet.ack_eliciting = true;
  for (const StreamPart& part : parts) packet.parts[packet.part_count++] = part;
  return packet;
}

struct Receiver : ReceiveOwner {
  void on_stream_begun(Time, StreamId stream) override { begun.push_back(stream); }
  void on_stream_complete(Time, StreamId stream) override { complete.push_back(stream); }
  void on_stream_reset(Time, StreamId stream) override { reset.push_back(stream); }
  std::vector<StreamId> begun, complete, reset;
  ReceiveSide side{milliseconds(25), *this};
};

TEST(ReceiveSide, AcknowledgesEverySecondPacketAndAGapAtOnce) {
  Receiver receiver;
  receiver.side.on_packet(at_ms(0), packet_of(0));
  EXPECT_FALSE(receiver.side.ack_due(at_ms(24)));
  EXPECT_EQ(receiver.side.next_deadline(), at_ms(25));
  receiver.side.on_packet(at_ms(1), packet_of(1));
  EXPECT_TRUE(receiver.side.ack_due(at_ms(1)));
  Packet ack;
  receiver.side.write_ack(at_ms(1), ack);
  receiver.side.on_ack_sent();
  ASSERT_EQ(ack.range_count, 1);
  EXPECT_EQ(ack.ranges[0].first, 0);
  EXPECT_EQ(ack.ranges[0].last, 1);
  receiver.side.write_ack(at_ms(2), ack);
  EXPECT_EQ(ack.range_count, 0);  // nothing new
  receiver.side.on_packet(at_ms(3), packet_of(3));
  EXPECT_TRUE(receiver.side.ack_due(at_ms(3)));
  receiver.side.write_ack(at_ms(3), ack);
  ASSERT_EQ(ack.range_count, 2);
  EXPECT_EQ(ack.ranges[0].first, 3);
  EXPECT_EQ(ack.ranges[1].last, 1);
}

TEST(ReceiveSide, PutsStreamsTogetherInWhateverOrderTheyCome) {
  Receiver receiver;
  receiver.side.on_packet(at_ms(0), packet_of(0, {{1, 200, 100, true, false}}));
  EXPECT_THAT(receiver.begun, IsEmpty());
  receiver.side.on_packet(at_ms(1), packet_of(1, {{1, 0, 100, false, false}, {2, 0, 50, true, false}}));
  EXPECT_THAT(receiver.begun, ElementsAre(1, 2));
  EXPECT_THAT(receiver.complete, ElementsAre(2));
  receiver.side.on_packet(at_ms(2), packet_of(2, {{1, 50, 200, false, false}}));  // overlaps both
  EXPECT_THAT(receiver.complete, ElementsAre(2, 1));
  receiver.side.on_packet(at_ms(3), packet_of(3, {{1, 0, 300, true, false}}));  // again
  EXPECT_THAT(receiver.complete, ElementsAre(2, 1));
}

TEST(ReceiveSide, AStreamThatWasResetStaysSo) {
  Receiver receiver;
  receiver.side.on_packet(at_ms(0), packet_of(0, {{7, 0, 100, false, false}}));
  receiver.side.on_packet(at_ms(1), packet_of(1, {{7, 0, 0, false, true}}));
  receiver.side.on_packet(at_ms(2), packet_of(2, {{7, 100, 100, true, false}}));
  EXPECT_THAT(receiver.reset, ElementsAre(7));
  EXPECT_THAT(receiver.complete, IsEmpty());
}

// Two ends over a link whose losses are chosen by packet.
class Pair : public SendOwner, public ReceiveOwner {
 public:
  StreamId send_stream(std::int64_t bytes) {
    streams_.push_back(sender_.open_stream(bytes));
    return streams_.back();
  }
  void reset(StreamId stream) {
    sender_.reset_stream(stream);
    std::erase(streams_, stream);
  }
  // Packets for which loses(number) holds do not arrive. One way: 20 ms.
  void run_until(
      Time end, const std::function<bool(std::int64_t)>& loses = [](auto) { return false; }) {
    write(now_, loses);
    for (;;) {
      Time next = std::min(sender_.next_deadline(), receiver_.next_deadline());
      if (!travelling_.empty()) next = std::min(next, travelling_.begin()->first);
      if (next > end) break;
      now_ = next;
      if (!travelling_.empty() && travelling_.begin()->first <= now_) {
        auto [to_receiver, packet] = travelling_.begin()->second;
        travelling_.erase(travelling_.begin());
        if (to_receiver)
          receiver_.on_packet(now_, packet);
        else
          sender_.on_ack(now_, packet);
      }
      sender_.on_timer(now_);
      write(now_, loses);
    }
    now_ = end;
  }
  std::optional<Turn> next_turn(Time) override {
    for (const StreamId stream : streams_)
      if (sender_.unsent_bytes(stream) > 0) return Turn{stream, 1'000'000};
    return std::nullopt;
  }
  void on_packets_sent(Time, std::int64_t bytes) override { sent += bytes; }
  void on_packets_acked(Time, std::int64_t bytes, Duration) override { acked += bytes; }
  void on_packets_lost(Time, std::int64_t bytes) override { lost += bytes; }
  void on_stream_complete(Time now, StreamId stream) override { complete[stream] = now; }
  void on_stream_reset(Time, StreamId stream) override { resets.push_back(stream); }

  std::int64_t in_flight() const { return sender_.in_flight(); }
  Duration smoothed_rtt() const { return sender_.smoothed_rtt(); }
  std::int64_t sent = 0, acked = 0, lost = 0;
  std::map<StreamId, Time> complete;
  std::vector<StreamId> resets;

 private:
  void write(Time now, const std::function<bool(std::int64_t)>& loses) {
    sender_.begin_burst();
    Packet packet;
    while (sender_.fill(now, packet, false))
      if (!loses(packet.number)) travelling_.insert({now + milliseconds(20), {true, packet}});
    sender_.end_burst(now);
    if (!receiver_.ack_due(now)) return;
    Packet ack;
    receiver_.write_ack(now, ack);
    receiver_.on_ack_sent();
    if (ack.range_count > 0) travelling_.insert({now + milliseconds(20), {false, ack}});
  }

  Time now_ = kStart;
  std::vector<StreamId> streams_;
  SendSide sender_{{.handshake_rtt = milliseconds(40)}, kStart, *this};
  ReceiveSide receiver_{milliseconds(25), *this};
  std::multimap<Time, std::pair<bool, Packet>> travelling_;
};

TEST(SendSide, AStreamArrivesAndNothingStaysInFlight) {
  Pair pair;
  const StreamId stream = pair.send_stream(100'000);
  pair.run_until(at_ms(2'000));
  EXPECT_TRUE(pair.complete.contains(stream));
  EXPECT_EQ(pair.in_flight(), 0);
  EXPECT_EQ(pair.sent, pair.acked);
  EXPECT_NEAR(turbo::milliseconds(pair.smoothed_rtt()), 40, 26);
}

TEST(SendSide, WhatIsLostIsSentAgainByPacketNumberAndByTimeout) {
  Pair middle;
  const StreamId first = middle.send_stream(10'000);
  middle.run_until(at_ms(1'000), [](std::int64_t number) { return number == 2; });
  // Found lost by the acknowledgement of later packets after one RTT, here again half one later.
  EXPECT_LT(middle.complete.at(first), at_ms(100));
  EXPECT_EQ(middle.lost, SendSide::Settings().packet_bytes);
  EXPECT_EQ(middle.sent, middle.acked + middle.lost);

  Pair tail;
  const StreamId second = tail.send_stream(10'000);
  tail.run_until(at_ms(1'000),
                 [](std::int64_t number) { return number == 7; });  // the last: nothing after it
  EXPECT_GT(tail.complete.at(second), at_ms(100));
  EXPECT_LT(tail.complete.at(second), at_ms(300));
  EXPECT_EQ(tail.in_flight(), 0);
}

TEST(SendSide, WhatWasResetIsNotSentAgainAndTheResetArrives) {
  Pair pair;
  const StreamId stale = pair.send_stream(10'000'000);
  pair.run_until(at_ms(10));
  pair.reset(stale);
  const StreamId fresh = pair.send_stream(10'000);
  pair.run_until(at_ms(2'000), [](std::int64_t number) { return number % 5 == 0; });
  EXPECT_THAT(pair.resets, ElementsAre(stale));
  EXPECT_TRUE(pair.complete.contains(fresh));
  EXPECT_FALSE(pair.complete.contains(stale));
  EXPECT_EQ(pair.in_flight(), 0);
  EXPECT_LT(pair.sent, 200'000);
}

TEST(Direction, GivesBackWhatTheQueuesDisciplineDrops) {
  PacketPool pool;
  LinkSettings settings;
  settings.delay = milliseconds(10);
  Direction direction(LinkModel(settings, constant_capacity(1e6), std::make_unique<CoDel>(CoDel::Settings{})),
                      pool);
  std::vector<std::int64_t> out;
  Time now = kStart;
  for (std::int64_t number = 0; number < 400; ++number, now += milliseconds(6)) {  // twice the capacity
    const PacketPool::Index index = pool.take();
    pool[index] = packet_of(number);
    direction.push(now, index);
    while (const auto packet = direction.pop(now)) {
      out.push_back(pool[*packet].number);
      pool.give_back(*packet);
    }
  }
  EXPECT_TRUE(std::is_sorted(out.begin(), out.end()));
  EXPECT_GT(direction.model().counters().packets_dropped_at_head, 10u);
  while (direction.next_departure() != Time::max()) {
    now = std::max(now, direction.next_departure());
    while (const auto packet = direction.pop(now)) pool.give_back(*packet);
  }
  EXPECT_LE(pool.in_use(), 1u);  // the very last may have been dropped: nothing came after it to tell
}

}  // namespace
}  // namespace turbo::simulate
