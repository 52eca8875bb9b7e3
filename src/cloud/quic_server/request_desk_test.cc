#include "cloud/quic_server/request_desk.h"

#include <random>
#include <vector>

namespace turbo {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLife = 1'000'000;
Time at(int ms) { return Time{} + 1s + std::chrono::milliseconds(ms); }
RequestDesk::Request ask(ConnectionId vehicle, std::uint64_t context, Time deadline = Time::max()) {
  return {{vehicle, context}, nullptr, deadline};
}

// The vehicle and the context id of what is handed on; 0, 0: nothing.
std::pair<ConnectionId, std::uint64_t> hand_on(RequestDesk& desk, Time now) {
  const auto out = desk.next(now);
  if (!out) return {};
  return {out->request.asker.vehicle, out->request.asker.context_id};
}
using Who = std::pair<ConnectionId, std::uint64_t>;

TEST(RequestDesk, AnAnswerGoesToItsAskerThoughAllUseTheSameContextIds) {
  RequestDesk desk(kLife);
  desk.on_request(at(0), ask(1, 7));
  desk.on_request(at(0), ask(2, 7));
  const auto first = desk.next(at(0)), second = desk.next(at(0));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, 7u);
  EXPECT_EQ(second->id, RequestDesk::kOwnIds + kLife);
  EXPECT_FALSE(desk.on_answer(8));
  EXPECT_EQ(desk.on_answer(second->id)->vehicle, 2u);
  EXPECT_EQ(desk.on_answer(first->id)->vehicle, 1u) << "answers may come in any order";
  EXPECT_FALSE(desk.on_answer(first->id)) << "once";
}

TEST(RequestDesk, OfAVehicleTheFreshestWaits) {
  RequestDesk desk(kLife);
  for (std::uint64_t context = 1; context <= 2; ++context) {  // what the model server has
    desk.on_request(at(0), ask(9, context));
    ASSERT_TRUE(desk.next(at(0)));
  }
  EXPECT_FALSE(desk.on_request(at(1), ask(1, 10, at(100))));
  EXPECT_EQ(desk.on_request(at(2), ask(1, 12, at(300)))->context_id, 10u);
  EXPECT_EQ(desk.on_request(at(3), ask(1, 11, at(200)))->context_id, 11u) << "it was overtaken on the way";
  EXPECT_EQ(desk.counts().displaced, 2u);
  EXPECT_EQ(hand_on(desk, at(4)), Who());
  desk.on_answer(1);
  EXPECT_EQ(hand_on(desk, at(5)), Who(1, 12));
}

TEST(RequestDesk, AFloodingVehicleDisplacesItsOwnRequestsOnly) {
  RequestDesk desk(kLife);
  std::map<ConnectionId, int> answered;
  std::deque<std::uint64_t> model_server;  // the one it works on, and the one that waits there
  std::uint64_t context = 1;
  for (int ms = 0; ms < 10'000; ++ms) {
    for (int i = 0; i < 5; ++i) desk.on_request(at(ms), ask(1, ++context, at(ms + 1 + i)));  // 5000 a second
    if (ms % 100 == 0)
      for (const ConnectionId good : {2, 3}) desk.on_request(at(ms), ask(good, ++context, at(ms + 200)));
    while (const auto out = desk.next(at(ms))) {
      if (model_server.size() == 2) model_server.pop_back();
      model_server.push_back(out->id);
    }
    if (ms % 25 == 24 && !model_server.empty()) {  // 40 answers a second
      if (const auto asker = desk.on_answer(model_server.front())) ++answered[asker->vehicle];
      model_server.pop_front();
    }
  }
  EXPECT_GE(answered[2], 99);
  EXPECT_GE(answered[3], 99);
  EXPECT_NEAR(answered[1], 400 - 200, 3) << "what the others leave";
}

TEST(RequestDesk, VehiclesTakeTurnsWhenThereIsTooMuchForAll) {
  RequestDesk desk(kLife);
  std::map<ConnectionId, int> answered;
  std::deque<std::uint64_t> model_server;
  for (int ms = 0; ms < 20'000; ++ms) {
    for (ConnectionId vehicle = 1; vehicle <= 50; ++vehicle)
      if ((ms + static_cast<int>(vehicle)) % (vehicle % 2 ? 33 : 100) == 0)
        desk.on_request(at(ms), ask(vehicle, static_cast<std::uint64_t>(ms)));
    while (const auto out = desk.next(at(ms))) {
      if (model_server.size() == 2) model_server.pop_back();
      model_server.push_back(out->id);
    }
    if (ms % 20 == 19) {
      if (const auto asker = desk.on_answer(model_server.front())) ++answered[asker->vehicle];
      model_server.pop_front();
    }
  }
  ASSERT_EQ(answered.size(), 50u);
  for (const auto& [vehicle, count] : answered) EXPECT_NEAR(count, 1000 / 50, 1) << vehicle;
}

TEST(RequestDesk, WhatHasRunOutOfTimeIsToldAndNeverHandedOn) {
  RequestDesk desk(kLife);
  desk.on_request(at(0), ask(1, 10, at(100)));
  desk.on_request(at(0), ask(2, 20, at(300)));
  EXPECT_EQ(desk.next_deadline(), at(100));
  EXPECT_FALSE(desk.next_expired(at(99)));
  const auto expired = desk.next_expired(at(100));
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->vehicle, 1u);
  EXPECT_EQ(expired->context_id, 10u);
  EXPECT_FALSE(desk.next_expired(at(100)));
  EXPECT_EQ(hand_on(desk, at(400)), Who());
  EXPECT_TRUE(desk.next_expired(at(400)));
  EXPECT_EQ(desk.counts().expired, 2u);
}

TEST(RequestDesk, AModelServerThatDoesNotAnswerLosesThePlaces) {
  RequestDesk desk(kLife);
  desk.on_request(at(0), ask(1, 10));
  desk.on_request(at(0), ask(2, 20, at(200)));
  EXPECT_TRUE(desk.next(at(0)) && desk.next(at(0)));
  desk.on_request(at(10), ask(3, 30));
  desk.on_request(at(300), ask(4, 40));
  EXPECT_EQ(hand_on(desk, at(999)), Who()) << "it works on beyond a request's deadline";
  EXPECT_EQ(desk.next_deadline(), at(1000));
  EXPECT_FALSE(desk.next_expired(at(1000)));
  EXPECT_GT(desk.next_deadline(), at(1000)) << "nobody is woken again for what has been seen";
  EXPECT_EQ(hand_on(desk, at(1000)), Who(3, 30));
  EXPECT_EQ(hand_on(desk, at(1000)), Who(4, 40));
  EXPECT_EQ(desk.on_answer(10)->context_id, 10u) << "late, and still its asker's";
}

TEST(RequestDesk, AVehicleThatIsGoneIsForgotten) {
  RequestDesk desk(kLife);
  desk.on_request(at(0), ask(1, 10));
  ASSERT_TRUE(desk.next(at(0)));
  desk.on_request(at(0), ask(1, 11));
  desk.forget(1);
  EXPECT_FALSE(desk.on_answer(10));
  EXPECT_EQ(hand_on(desk, at(0)), Who());
  EXPECT_EQ(desk.next_deadline(), Time::max());
}

TEST(RequestDesk, WhatWasNotTakenIsForgottenAndItsPlaceFree) {
  RequestDesk desk(kLife);
  for (const ConnectionId vehicle : {1, 2, 3}) desk.on_request(at(0), ask(vehicle, 10));
  ASSERT_TRUE(desk.next(at(0)));
  const auto second = desk.next(at(0));
  ASSERT_TRUE(second);
  EXPECT_EQ(hand_on(desk, at(0)), Who());
  EXPECT_EQ(desk.on_failed(second->id)->vehicle, second->request.asker.vehicle);
  EXPECT_FALSE(desk.on_failed(second->id)) << "once";
  EXPECT_FALSE(desk.on_answer(second->id));
  EXPECT_EQ(hand_on(desk, at(0)), Who(3, 10));
}

// Whatever happens, nobody gets another's answer, and memory stays bounded.
TEST(RequestDesk, NobodyGetsAnothersAnswer) {
  std::mt19937 random(3);
  RequestDesk desk(kLife);
  std::map<std::uint64_t, RequestDesk::Asker> truth;
  std::vector<std::uint64_t> ids{0};
  for (int t = 0; t < 50'000; ++t) {
    const ConnectionId vehicle = 1 + random() % 20;
    switch (random() % 8) {
      case 0:
        desk.forget(vehicle);
        for (auto& [id, asker] : truth)
          if (asker.vehicle == vehicle) asker.vehicle = 0;
        break;
      case 1:
        desk.on_failed(ids[random() % ids.size()]);
        break;
      case 2:
      case 3: {
        const std::uint64_t id = ids[ids.size() - 1 - random() % std::min<std::size_t>(ids.size(), 300)];
        if (const auto asker = desk.on_answer(id)) {
          ASSERT_EQ(asker->vehicle, truth.at(id).vehicle);
          ASSERT_EQ(asker->context_id, truth.at(id).context_id);
        }
        break;
      }
      default:
        desk.on_request(at(t), ask(vehicle, random() % 5, at(t + static_cast<int>(random() % 50))));
    }
    while (desk.next_expired(at(t))) continue;
    while (const auto out = desk.next(at(t))) {
      truth[out->id] = out->request.asker;
      ids.push_back(out->id);
    }
  }
  EXPECT_GT(desk.counts().answered, 100u);
}

}  // namespace
}  // namespace turbo
