#include "core/freshness/frame_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace turbo {
namespace {

using std::chrono::milliseconds;
Time at(int ms) { return Time{} + milliseconds(ms); }
Detections seen(float score) { return {Detection{{0, 0, 1, 1}, score, 0}}; }

TEST(FrameLedger, CloudInTimeIsDeliveredAtOnce) {
  FrameLedger ledger;
  ASSERT_TRUE(ledger.on_frame(at(0), 7, at(200)));
  EXPECT_EQ(ledger.on_vehicle_result(at(60), 7, seen(0.3f)).arrival, Arrival::kAccepted);
  EXPECT_TRUE(ledger.take_due(at(60)).empty());
  EXPECT_EQ(ledger.next_deadline(), at(200));
  EXPECT_EQ(ledger.on_remote_result(at(120), 7, seen(0.9f)).arrival, Arrival::kAccepted);
  const auto due = ledger.take_due(at(120));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kRemote);
  EXPECT_EQ(due[0].latency, milliseconds(120));
  EXPECT_FALSE(due[0].late);
  EXPECT_FLOAT_EQ(due[0].detections[0].score, 0.9f);
  EXPECT_FALSE(ledger.next_deadline());
  EXPECT_EQ(ledger.on_vehicle_result(at(130), 7, seen(0.3f)).arrival, Arrival::kRedundant);
}

TEST(FrameLedger, VehicleAnswersAtTheDeadline) {
  FrameLedger ledger;
  ledger.on_frame(at(0), 7, at(200));
  ledger.on_vehicle_result(at(60), 7, seen(0.3f));
  EXPECT_TRUE(ledger.take_due(at(199)).empty());
  const auto due = ledger.take_due(at(200));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kVehicle);
  EXPECT_FALSE(due[0].late);
  const auto stale = ledger.on_remote_result(at(230), 7, seen(0.9f));
  EXPECT_EQ(stale.arrival, Arrival::kStale);
  EXPECT_EQ(stale.latency, milliseconds(230));
  EXPECT_TRUE(ledger.take_due(at(300)).empty());
}

TEST(FrameLedger, AFrameThatWasNotSentIsAnsweredAsSoonAsTheVehicleHasLooked) {
  FrameLedger ledger;
  ledger.on_frame(at(0), 7, at(200));
  ledger.on_not_offloaded(at(1), 7);
  EXPECT_TRUE(ledger.take_due(at(50)).empty());
  ledger.on_vehicle_result(at(60), 7, seen(0.3f));
  const auto due = ledger.take_due(at(60));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kVehicle);
  EXPECT_EQ(due[0].latency, milliseconds(60));
}

Detection spot(float x, float y, float score) { return {{x - 1, y - 1, x + 1, y + 1}, score, 0}; }

// The cloud sees the upper half of a frame of 100 x 100.
TEST(FrameLedger, OfARegionBothAnswersAreMerged) {
  const Box upper{0, 0, 100, 50};
  const Detections cloud{spot(10, 10, 0.9f)}, vehicle{spot(10, 10, 0.3f), spot(10, 90, 0.4f)};
  FrameLedger ledger(8, milliseconds(500), milliseconds(10));
  ledger.on_frame(at(0), 1, at(200), upper);
  ledger.on_vehicle_result(at(60), 1, vehicle);
  ledger.on_remote_result(at(120), 1, cloud);
  auto due = ledger.take_due(at(120));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kRemote);
  EXPECT_EQ(due[0].detections, (Detections{cloud[0], vehicle[1]}));

  // The cloud's came first: the vehicle's is waited for, but not beyond the deadline's guard.
  ledger.on_frame(at(0), 2, at(200), upper);
  ledger.on_remote_result(at(120), 2, cloud);
  EXPECT_TRUE(ledger.take_due(at(120)).empty());
  ledger.on_vehicle_result(at(130), 2, vehicle);
  due = ledger.take_due(at(130));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].detections.size(), 2u);
  ledger.on_frame(at(0), 3, at(200), upper);
  ledger.on_remote_result(at(120), 3, cloud);
  EXPECT_EQ(ledger.next_deadline(), at(190));
  due = ledger.take_due(at(190));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kRemote);
  EXPECT_EQ(due[0].detections, cloud);

  // A model that failed has nothing to add; an answer that came too late is none.
  ledger.on_frame(at(0), 4, at(200), upper);
  ledger.on_vehicle_failed(at(50), 4);
  ledger.on_remote_result(at(120), 4, cloud);
  EXPECT_EQ(ledger.take_due(at(120)).size(), 1u);
  ledger.on_frame(at(0), 5, at(200), upper);
  EXPECT_EQ(ledger.on_remote_result(at(210), 5, cloud).arrival, Arrival::kStale);
}

TEST(FrameLedger, TheGuardLeavesTimeToDeliver) {
  FrameLedger ledger(8, milliseconds(500), milliseconds(10));
  ledger.on_frame(at(0), 7, at(200));
  ledger.on_vehicle_result(at(60), 7, seen(0.3f));
  EXPECT_EQ(ledger.next_deadline(), at(190));
  EXPECT_TRUE(ledger.take_due(at(189)).empty());
  EXPECT_EQ(ledger.take_due(at(190)).size(), 1u);
}

TEST(FrameLedger, CloudExactlyAtTheDeadlineStillCounts) {
  FrameLedger ledger;
  ledger.on_frame(at(0), 7, at(200));
  EXPECT_EQ(ledger.on_remote_result(at(200), 7, {}).arrival, Arrival::kAccepted);
  EXPECT_EQ(ledger.take_due(at(200)).at(0).source, ResultSource::kRemote);
}

TEST(FrameLedger, LateVehicleIsDeliveredOnArrivalAndLateCloudIsNot) {
  FrameLedger ledger;
  ledger.on_frame(at(0), 7, at(200));
  EXPECT_TRUE(ledger.take_due(at(200)).empty());
  EXPECT_EQ(ledger.on_remote_result(at(210), 7, seen(0.9f)).arrival, Arrival::kStale);
  EXPECT_TRUE(ledger.take_due(at(210)).empty());
  ledger.on_vehicle_result(at(250), 7, seen(0.3f));
  const auto due = ledger.take_due(at(250));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].source, ResultSource::kVehicle);
  EXPECT_TRUE(due[0].late);
}

TEST(FrameLedger, WhileTheCloudIsOutTheVehiclesAnswerIsNotHeldBack) {
  FrameLedger ledger;
  ledger.on_frame(at(0), 1, at(200));
  ledger.on_vehicle_result(at(30), 1, seen(0.3f));
  EXPECT_TRUE(ledger.take_due(at(40)).empty());
  ledger.set_cloud_out(true);
  EXPECT_TRUE(ledger.take_due(at(50)).empty()) << "one that came before is held: its answer may still come";
  ledger.on_frame(at(60), 2, at(260));
  EXPECT_TRUE(ledger.take_due(at(60)).empty());
  ledger.on_vehicle_result(at(90), 2, seen(0.3f));
  EXPECT_EQ(ledger.take_due(at(90)).at(0).latency, milliseconds(30));
  ledger.on_frame(at(100), 3, at(300));  // the cloud's answer comes first, and counts
  EXPECT_EQ(ledger.on_remote_result(at(110), 3, seen(0.9f)).arrival, Arrival::kAccepted);
  ledger.set_cloud_out(false);
  ledger.on_frame(at(120), 4, at(320));
  ledger.on_vehicle_result(at(130), 4, seen(0.3f));
  EXPECT_EQ(ledger.take_due(at(140)).at(0).source, ResultSource::kRemote);
  EXPECT_TRUE(ledger.take_due(at(199)).empty());
  EXPECT_EQ(ledger.take_due(at(200)).at(0).context_id, 1u);
  EXPECT_TRUE(ledger.take_due(at(319)).empty());
}

TEST(FrameLedger, NothingIsAnAnswerToo) {
  FrameLedger ledger(8, milliseconds(500));
  ledger.on_frame(at(0), 1, at(200));
  ledger.on_vehicle_failed(at(50), 1);
  EXPECT_EQ(ledger.take_due(at(200)).at(0).source, ResultSource::kNone);
  ledger.on_frame(at(200), 2, at(400));
  EXPECT_TRUE(ledger.take_due(at(899)).empty());
  EXPECT_EQ(ledger.next_deadline(), at(900));
  EXPECT_TRUE(ledger.take_due(at(900)).at(0).late);
}

TEST(FrameLedger, UnknownAndRepeatedIdsDoNoHarm) {
  FrameLedger ledger;
  EXPECT_EQ(ledger.on_remote_result(at(0), 99, {}).arrival, Arrival::kUnknown);
  EXPECT_EQ(ledger.on_vehicle_result(at(0), 99, {}).arrival, Arrival::kUnknown);
  EXPECT_TRUE(ledger.on_frame(at(0), 1, at(100)));
  EXPECT_FALSE(ledger.on_frame(at(1), 1, at(100)));
  ledger.on_remote_result(at(2), 1, {});
  EXPECT_FALSE(ledger.on_frame(at(3), 1, at(100)));
}

// Whatever comes in whatever order, every frame gets exactly one delivery and the table stays bounded.
TEST(FrameLedger, ExactlyOneDeliveryEach) {
  std::mt19937 random(11);
  FrameLedger ledger(8, milliseconds(300));
  std::map<std::uint64_t, int> delivered;
  std::uint64_t last = 0;
  int t = 0;
  for (; t < 20000; ++t) {
    const std::uint64_t some = last > 12 ? last - random() % 12 : 1;
    switch (random() % 8) {
      case 0:
        ledger.on_frame(at(t), ++last, at(t + 20));
        break;
      case 1:
        ledger.on_remote_result(at(t), some, {});
        break;
      case 2:
        ledger.on_vehicle_result(at(t), some, {});
        break;
      case 3:
        ledger.on_vehicle_failed(at(t), some);
        break;
      default:
        break;
    }
    ASSERT_LE(ledger.in_flight(), 8u);
    if (random() % 3 == 0)
      for (const auto& delivery : ledger.take_due(at(t))) {
        ++delivered[delivery.context_id];
        ASSERT_FALSE(delivery.source == ResultSource::kRemote && delivery.late);
      }
  }
  for (const auto& delivery : ledger.take_due(at(t + 1000))) ++delivered[delivery.context_id];
  EXPECT_EQ(delivered.size(), last);
  for (const auto& [id, times] : delivered) EXPECT_EQ(times, 1) << id;
}

}  // namespace
}  // namespace turbo
