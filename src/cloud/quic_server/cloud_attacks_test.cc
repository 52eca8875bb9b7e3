// What hostile and broken peers do to the cloud's end, and what a good vehicle notices of it: nothing.
#include <random>
#include <set>

#include "cloud/quic_server/cloud_end_fixture_test.h"
#include "transport/quic/endpoints_fixture_test.h"

namespace turbo::cloud_test {
namespace {

class CloudAttacksTest : public CloudEndTest {
 protected:
  CloudAttacksTest() {
    start_model_server();
    answer_all(0);
    connected();
  }
  // The good vehicle asks, one request after the other, and gets every answer.
  void expect_undisturbed(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      const std::size_t before = vehicle_->answered.size();
      ++asked_;
      vehicle_->ask(asked_, request(asked_, 20'000), 60'000'000);
      run_until([&] { return vehicle_->answered.size() > before; });
      if (HasFatalFailure()) return;
      EXPECT_EQ(vehicle_->answered.back(), asked_);
    }
    EXPECT_TRUE(vehicle_->lost.empty());
    EXPECT_TRUE(vehicle_->dropped.empty());
  }
  // A request's header and the beginning of its payload.
  static void begin_request(Vehicle& hostile, StreamId stream, std::uint32_t announced, std::size_t size) {
    auto bytes = std::make_shared<Bytes>(kFrameHeaderBytes + size);
    encode({FrameType::kRequest, 1, 1, kNoBudget, announced},
           std::span<std::uint8_t, kFrameHeaderBytes>(bytes->data(), kFrameHeaderBytes));
    hostile.quic->send(stream, bytes);
  }

  std::uint64_t asked_ = 0;
};

// Truncated, damaged, repeated, reordered and invented: what is not the peer's is not read, what is lost is
// sent again.
TEST_F(CloudAttacksTest, DatagramsMangledOnTheWay) {
  std::mt19937 random(20);
  quic_test::Relay relay(end_->port());
  Bytes held;
  relay.damage = [&](Bytes& packet) {
    switch (random() % 16) {
      case 0:
        return packet.resize(1 + random() % packet.size());
      case 1:
        packet[random() % packet.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        return;
      case 2:
        return relay.to_server(packet);
      case 3:
        if (held.empty()) held = packet;
        return std::swap(held, packet);
      case 4: {
        Bytes invented(1 + random() % 1400);
        for (auto& byte : invented) byte = static_cast<std::uint8_t>(random());
        return relay.to_server(invented);
      }
      default:
        return;
    }
  };
  std::vector<EventLoop::Id> sources;
  for (const auto& part : relay.parts())
    sources.push_back(loop().on_readable(part.fd(), [part](Time) { part.on_readable(); }));
  const auto afflicted = join(relay.port());
  connected(*afflicted);
  const std::size_t attempts = afflicted->lost.size();
  for (std::uint64_t context = 1; context <= 30; ++context) {
    afflicted->ask(context, request(context, 20'000));
    expect_undisturbed(1);
    run_until([&] { return !afflicted->answered.empty() && afflicted->answered.back() == context; });
  }
  EXPECT_EQ(afflicted->lost.size(), attempts) << "not even its own connection ends";
  for (const auto source : sources) loop().remove(source);
}

TEST_F(CloudAttacksTest, AVehicleThatAsksWithoutEndTakesTurnsWithTheOthers) {
  const auto hostile = join();
  connected(*hostile);
  std::uint64_t context = 0;
  const Buffer message = request(1, 1'000);
  ASSERT_TRUE(rename_request(std::span(*message).first(split_message(*message).header.size()), 5));
  const auto flood = loop().every(1ms, [&](Time) {
    for (int i = 0; i < 20; ++i, ++context)
      if (const auto stream = hostile->quic->open_stream())
        hostile->frame(*stream, {FrameType::kRequest, 1, 5, kNoBudget, 0}, message, true);
    hostile->write();
  });
  expect_undisturbed(50);
  loop().remove(flood);
  EXPECT_GT(context, 100u);
  EXPECT_GT(hostile->answered.size(), 10u) << "it has its turns, too";
}

TEST_F(CloudAttacksTest, StreamsThatNeverEnd) {
  const auto hostile = join();
  connected(*hostile);
  std::size_t opened = 0;
  while (const auto stream = hostile->quic->open_stream()) {
    begin_request(*hostile, *stream, 900'000, ++opened % 2 ? 0 : 100);
    ASSERT_LE(opened, 1'000u);
  }
  EXPECT_EQ(opened, QuicSettings().max_streams) << "and no more until one of them ends";
  hostile->write();
  expect_undisturbed(5);
  EXPECT_FALSE(hostile->quic->open_stream());
  EXPECT_TRUE(hostile->lost.empty());
}

// All of them together are more than what may be half received: the last are skipped, and their vehicle is
// told.
TEST_F(CloudAttacksTest, MoreHalfReceivedThanThereIsRoomFor) {
  const auto hostile = join();
  connected(*hostile);
  while (const auto stream = hostile->quic->open_stream()) begin_request(*hostile, *stream, 999'000, 900'000);
  hostile->write();
  run_until([&] { return hostile->dropped.size() >= 40; });  // of 64 x 0.9 MB there is room for 17 MB
  expect_undisturbed(5);
  EXPECT_LE(hostile->dropped.size(), 46u);
  EXPECT_TRUE(hostile->lost.empty());
}

TEST_F(CloudAttacksTest, ALengthBeyondAllBoundsEndsItsConnection) {
  for (const std::uint32_t length : {1'000'001u, 0xffffffffu}) {
    const auto hostile = join();
    connected(*hostile);
    begin_request(*hostile, hostile->quic->open_stream().value(), length, 100);
    hostile->write();
    run_until([&] { return !hostile->lost.empty(); });
    EXPECT_THAT(hostile->lost[0], testing::HasSubstr(describe(FrameError::kTooLong)));
    expect_undisturbed(1);
  }
}

TEST_F(CloudAttacksTest, ARequestInAnotherServicesName) {
  const auto hostile = join();
  connected(*hostile);
  const std::size_t before = requests_.size();
  const auto send = [&](std::uint16_t named, int meant) {
    hostile->frame(hostile->quic->open_stream().value(), {FrameType::kRequest, named, 1, kNoBudget, 0},
                   request(1, 100, meant), true);
  };
  send(1, 2);       // the header is of one service, the message of another: dropped
  send(77, 77);     // of a service that is not served here: ignored
  send(0xffff, 1);  // of the junk service
  hostile->write();
  expect_undisturbed(3);
  hostile->ask(9, request(9, 100));
  run_until([&] { return !hostile->answered.empty(); });
  EXPECT_EQ(requests_.size(), before + 4) << "nothing of it reached the model server";
  EXPECT_EQ(hostile->answered, std::vector<std::uint64_t>{9});
  EXPECT_TRUE(hostile->lost.empty());
}

TEST_F(CloudAttacksTest, StreamsThatAreResetInTheMiddle) {
  const auto hostile = join();
  connected(*hostile);
  const std::size_t before = requests_.size();
  for (int i = 0; i < 100; ++i) {
    const StreamId stream = hostile->quic->open_stream().value();
    begin_request(*hostile, stream, 500'000, 200'000);
    hostile->write();
    hostile->quic->reset(stream);
    hostile->write();
    run_until([&] { return hostile->quic->unacknowledged_bytes(stream) == 0; });
  }
  expect_undisturbed(3);
  EXPECT_EQ(requests_.size(), before + 3);
  EXPECT_TRUE(hostile->lost.empty());
}

// Its answers pile up to a bound; those beyond it are not kept.
TEST_F(CloudAttacksTest, APeerThatNeverReads) {
  answer_all(0, 1'000);  // 24 kB each
  const auto hostile = join();
  connected(*hostile);
  for (std::uint64_t context = 1; context <= 5; ++context) {
    hostile->ask(context, request(context, 20'000));
    run_until([&] { return hostile->answered.size() == context; });
  }
  hostile->read_no_more();
  const std::size_t asked = 40;
  for (std::size_t i = 1; i <= asked; ++i) {
    const std::size_t before = requests_.size();
    hostile->ask(100 + i, request(100 + i, 10));
    run_until([&] { return requests_.size() > before; });
    expect_undisturbed(1);
  }
  hostile->read_on();
  hostile->ask(999, request(999, 10));
  run_until([&] { return hostile->answered.back() == 999; });
  EXPECT_GE(hostile->answered.size(), 5u + 8u);
  EXPECT_LE(hostile->answered.size(), 5u + 30u) << "those beyond 256 kB were dropped";
  EXPECT_TRUE(hostile->lost.empty());
}

TEST_F(CloudAttacksTest, ManyVehiclesWithTheSameContextIds) {
  std::vector<std::unique_ptr<Vehicle>> vehicles;
  for (int i = 0; i < 55; ++i) vehicles.push_back(join());
  for (const auto& vehicle : vehicles) connected(*vehicle);
  const std::size_t before = requests_.size();
  for (std::size_t i = 0; i < vehicles.size(); ++i) vehicles[i]->ask(7, request(7, 100 + i));
  for (const auto& vehicle : vehicles) run_until([&] { return !vehicle->answered.empty(); });
  std::set<std::size_t> sizes;
  for (std::size_t i = before; i < requests_.size(); ++i) sizes.insert(requests_[i].image_bytes());
  EXPECT_EQ(sizes.size(), vehicles.size()) << "each was looked at";
  for (const auto& vehicle : vehicles) {
    EXPECT_EQ(vehicle->answered, std::vector<std::uint64_t>{7});
    EXPECT_TRUE(vehicle->lost.empty());
  }
  expect_undisturbed(3);
}

}  // namespace
}  // namespace turbo::cloud_test
