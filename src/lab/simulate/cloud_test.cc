#include "lab/simulate/cloud.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/simulate/test_scenarios.h"

namespace turbo::simulate {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr Time kStart = Time(std::chrono::hours(1));

Scenario scenario() {
  Scenario scenario = cameras_over(100, 40, 10'000, 2);
  scenario.server.service_ms = 100;
  return scenario;
}

// A vehicle that sends requests with budgets of the test's choice: 2 KB, there after 20 ms.
class Requests : SendOwner, ReceiveOwner {
 public:
  void request(std::size_t service, Duration budget) {
    const StreamId stream = vehicle_.send().open_stream(2'000);
    wire_.up.add(stream, {.frame = frames_.size(), .service = service, .budget = budget});
    frames_.emplace_back();
    streams_.push_back(stream);
  }
  void run_for(Duration time) {
    const Time end = now_ + time;
    for (vehicle_.write(now_);;) {
      const Time next = std::min(
          {up_.next_departure(), down_.next_departure(), vehicle_.next_deadline(), cloud_.next_deadline()});
      if (next > end) break;
      now_ = next;
      std::uint32_t connection = 0;
      cloud_.on_packets(now_, up_);
      if (const auto packet = down_.pop(now_)) vehicle_.on_packet(now_, *packet, connection);
      cloud_.on_timer(now_);
      vehicle_.on_timer(now_);
      vehicle_.write(now_);
    }
    now_ = end;
  }
  std::vector<std::pair<std::size_t, bool>> answers;  // frame, dropped

 private:
  std::optional<Turn> next_turn(Time) override {
    for (const StreamId stream : streams_)
      if (const std::int64_t unsent = vehicle_.send().unsent_bytes(stream); unsent > 0)
        return Turn{stream, unsent};
    return std::nullopt;
  }
  void on_stream_complete(Time, StreamId stream) override {
    answers.emplace_back(wire_.down.of(stream).frame, wire_.down.of(stream).dropped);
  }

  Scenario scenario_ = scenario();
  Time now_ = kStart;
  PacketPool pool_;
  LinkPair links_ = make_link_pair(scenario_.link, kStart);
  Direction up_{std::move(links_.up), pool_}, down_{std::move(links_.down), pool_};
  Wire wire_;
  std::vector<FrameRecord> frames_;
  std::vector<StreamId> streams_;
  SendSide::Settings quic_{.handshake_rtt = milliseconds(40)};
  End vehicle_{quic_, kStart, *this, *this, pool_, up_};
  Cloud cloud_{scenario_, quic_, kStart, pool_, down_, wire_, frames_};
};

TEST(Cloud, RunsOneRequestAServiceWhileTheFreshestWaits) {
  Requests vehicle;
  for (int i = 0; i < 3; ++i) vehicle.request(0, milliseconds(500));
  vehicle.request(1, milliseconds(500));
  vehicle.run_for(milliseconds(80));
  EXPECT_TRUE(vehicle.answers.empty());
  vehicle.run_for(milliseconds(90));
  EXPECT_THAT(vehicle.answers, ElementsAre(Pair(0, false), Pair(3, false)));
  vehicle.run_for(milliseconds(110));
  ASSERT_EQ(vehicle.answers.size(), 3u) << "of 1 nothing is heard: a fresher one came while it waited";
  EXPECT_EQ(vehicle.answers[2], std::pair(std::size_t{2}, false));
}

TEST(Cloud, DropsARequestWhoseBudgetIsGoneBeforeItsTurn) {
  Requests vehicle;
  vehicle.request(0, milliseconds(500));
  vehicle.request(0, milliseconds(120));  // its turn comes after 100 ms, and 40 are the way
  vehicle.run_for(milliseconds(400));
  EXPECT_THAT(vehicle.answers, ElementsAre(Pair(0, false), Pair(1, true)));
}

TEST(Cloud, ARequestWithoutADeadlineIsNeverTooLate) {
  Requests vehicle;
  vehicle.request(0, Duration::max());
  vehicle.request(0, Duration::max());
  vehicle.run_for(milliseconds(100));
  EXPECT_THAT(vehicle.answers, IsEmpty());
  vehicle.run_for(milliseconds(300));
  EXPECT_THAT(vehicle.answers, ElementsAre(Pair(0, false), Pair(1, false)));
}

}  // namespace
}  // namespace turbo::simulate
