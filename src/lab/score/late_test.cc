#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lab/score/late_report.h"

namespace turbo {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr double kCapture = 1000;   // the vehicle's clock, s
constexpr double kCloudAhead = 7;   // s
constexpr double kCloudHasIt = 43;  // ms from the capture: 25 ms after its last byte left
constexpr double kCloudAnswered = 84, kHeard = 104;

FrameRecord frame(std::uint64_t id = 1, int service = 2) {
  FrameRecord out;
  out.name = {service, id};
  out.capture_unix_s = kCapture;
  out.source = "remote";
  out.in_time = out.offloaded = true;
  out.model_config = "td2-imgcompNone-inpcomp75";
  out.size_bytes = 12'000;
  out.deadline_ms = 200;
  out.received_ms = 1;
  out.sent_ms = 5;
  out.latency_ms = 105;
  out.vehicle_runtime_ms = 5;
  out.remote_latency_ms = 105;
  out.server_queue_ms = 3;
  out.server_preprocessing_ms = 2;
  out.server_inference_ms = 30;
  out.server_overall_ms = 36;
  return out;
}

// Without an answer: the vehicle's was delivered.
FrameRecord unanswered() {
  FrameRecord out = frame();
  out.source = "vehicle";
  out.latency_ms = 190;
  out.remote_latency_ms = out.server_queue_ms = out.server_preprocessing_ms = out.server_inference_ms =
      out.server_overall_ms = std::nullopt;
  return out;
}

// Handed over 6 ms after the capture. at_ms: since the capture.
SendRecord send(const char* end, double at_ms, std::optional<double> waited_ms = 2) {
  return {{2, 1}, kCapture + at_ms / 1e3, at_ms - 6, 12'000, waited_ms, end};
}
CloudRecord cloud(const char* step, double at_ms) {
  return {{2, 1}, kCapture + kCloudAhead + at_ms / 1e3, at_ms - kCloudHasIt, step};
}
FrameSteps all_steps() {
  return {send("sent", 18), send("answered", kHeard), cloud("handed", kCloudHasIt + 1),
          cloud("answered", kCloudAnswered)};
}
const RunFacts kRun{.cloud_recorded = true, .cloud_ahead_s = kCloudAhead, .last_unix_s = kCapture + 60};

using Stages = std::vector<std::pair<FrameStage, double>>;
Stages stages_of(const FrameStory& story) {
  Stages out;
  for (const StageTime& time : story.stages) out.emplace_back(time.stage, std::round(time.took_ms * 10) / 10);
  return out;
}

TEST(FrameStory, IsToldStageByStage) {
  const FrameStory story = tell(frame(), all_steps(), kRun);
  EXPECT_EQ(stages_of(story), (Stages{{FrameStage::kCamera, 1},
                                      {FrameStage::kCompression, 4},
                                      {FrameStage::kHandOver, 1},
                                      {FrameStage::kWaiting, 2},
                                      {FrameStage::kSending, 10},
                                      {FrameStage::kThere, 25},
                                      {FrameStage::kDesk, 1},
                                      {FrameStage::kQueue, 3},
                                      {FrameStage::kPreparation, 2},
                                      {FrameStage::kInference, 30},
                                      {FrameStage::kCloudRest, 5},
                                      {FrameStage::kBack, 20},
                                      {FrameStage::kHandBack, 1}}));
  EXPECT_NEAR(story.end_ms(), 105, 1e-6);
  EXPECT_EQ(story.ending, Ending::kInTime);
  EXPECT_EQ(story.longest()->stage, FrameStage::kInference);
}

TEST(FrameStory, WhatIsNotRecordedIsNotDivided) {
  FrameSteps steps = all_steps();
  steps.handed.reset();
  steps.left.reset();
  auto stages = stages_of(tell(frame(), steps, {.last_unix_s = kCapture}));
  EXPECT_EQ(stages[5], (std::pair(FrameStage::kNetwork, 50.0)))
      << "from the last byte to the answer, less 36";
  EXPECT_EQ(stages[8], (std::pair(FrameStage::kInference, 30.0)));
  EXPECT_EQ(stages.back(), (std::pair(FrameStage::kHandBack, 1.0)));
  // Without the cloud's clock, but with its records.
  stages = stages_of(tell(frame(), all_steps(), {.cloud_recorded = true, .last_unix_s = kCapture}));
  EXPECT_EQ(stages[5], (std::pair(FrameStage::kNetwork, 45.0)));
  EXPECT_EQ(stages[6], (std::pair(FrameStage::kDesk, 1.0)));
  // The client's records alone.
  stages = stages_of(tell(frame(), {}, {.last_unix_s = kCapture}));
  EXPECT_EQ(stages[2], (std::pair(FrameStage::kNetwork, 64.0)));
  // A wall clock that was set between the two.
  steps = all_steps();
  steps.sent->unix_s += 3600;
  stages = stages_of(tell(frame(), steps, kRun));
  EXPECT_EQ(stages[2], (std::pair(FrameStage::kWaiting, 2.0)));
}

TEST(FrameStory, EndsWhereTheLastOneSawIt) {
  const auto ending = [](const FrameRecord& record, const FrameSteps& steps, RunFacts run = kRun) {
    return tell(record, steps, run).ending;
  };
  EXPECT_EQ(ending(unanswered(), {send("displaced", 40, {}), {}, {}, {}}), Ending::kDisplaced);
  EXPECT_EQ(ending(unanswered(), {send("expired", 106, {}), {}, {}, {}}), Ending::kExpired);
  EXPECT_EQ(ending(unanswered(), {send("hopeless", 106, {}), {}, {}, {}}), Ending::kHopeless);
  EXPECT_EQ(ending(unanswered(), {send("cancelled", 90), {}, {}, {}}), Ending::kCancelled);
  EXPECT_EQ(ending(unanswered(), {send("cancelled_for_fresher", 90), {}, {}, {}}),
            Ending::kCancelledForFresher);
  EXPECT_EQ(ending(unanswered(), {send("refused", 6, {}), {}, {}, {}}), Ending::kRefused);
  EXPECT_EQ(ending(unanswered(), {send("abandoned", 60), {}, {}, {}}), Ending::kAbandoned);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), send("dropped_by_cloud", 160), {}, {}}),
            Ending::kDroppedByCloud);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, {}, cloud("expired", 150)}), Ending::kDroppedByCloud);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, {}, cloud("displaced", 80)}),
            Ending::kDisplacedInCloud);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, cloud("handed", 44), cloud("failed", 80)}),
            Ending::kNotTakenInCloud);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, cloud("handed", 44), {}}), Ending::kNoAnswerInCloud);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, cloud("handed", 44), cloud("answered", 84)}),
            Ending::kAnswerLost);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, {}, {}}), Ending::kNeverArrived);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, {}, {}}, {.last_unix_s = kCapture + 60}),
            Ending::kNeverAnswered);
  EXPECT_EQ(ending(unanswered(), {}), Ending::kUnrecorded);
  EXPECT_EQ(ending(unanswered(), {send("sent", 18), {}, {}, {}}, {.last_unix_s = kCapture + 0.1}),
            Ending::kRunOver);
  EXPECT_EQ(ending(unanswered(), all_steps()), Ending::kFailedInCloud) << "the client took it for no answer";
  FrameRecord late = frame();
  late.source = "vehicle";
  EXPECT_EQ(ending(late, all_steps()), Ending::kAnsweredLate) << "after the vehicle's was delivered";
  late.cloud_out = true;
  EXPECT_EQ(ending(late, all_steps()), Ending::kThoughtOutOfReach);
  FrameRecord own = unanswered();
  own.offloaded = false;
  for (const auto& [why, expected] :
       {std::pair("vehicle chosen", Ending::kVehicleInTime), std::pair("turn", Ending::kVehicleInTime),
        std::pair("busy", Ending::kBusy), std::pair("compression", Ending::kNotCompressed)}) {
    own.not_offloaded = why;
    EXPECT_EQ(ending(own, {}), expected) << why;
  }
  own.not_offloaded = "turn";
  own.in_time = false;
  EXPECT_EQ(ending(own, {}), Ending::kVehicleLate);
}

// Frames of services 2 that are in time, and then what a test adds.
class Late : public testing::Test {
 protected:
  Late() {
    for (std::uint64_t id = 100; id < 105; ++id)
      add(frame(), {send("sent", 18), send("answered", kHeard)},
          {cloud("handed", kCloudHasIt + 1), cloud("answered", kCloudAnswered)}, id);
    history_.add(LinkRecord{kCapture - 0.3, 8, 6, 12, 55, 40, true});
  }
  void add(FrameRecord record, std::vector<SendRecord> sends, std::vector<CloudRecord> clouds,
           std::uint64_t id) {
    record.name.context_id = id;
    history_.add(record);
    for (SendRecord& send : sends) send.name.context_id = id, history_.add(send);
    for (CloudRecord& cloud : clouds) cloud.name.context_id = id, history_.add(cloud);
  }
  // The cloud's answer comes `ms` after what it came in time with, because of this stage.
  void add_late(std::uint64_t id, double ms, std::optional<double> FrameRecord::*stage) {
    FrameRecord record = frame();
    record.source = "vehicle";
    record.latency_ms = 190;
    *(record.*stage) += ms;
    *record.server_overall_ms += ms;
    *record.remote_latency_ms += ms;
    add(record, {send("sent", 18), send("answered", kHeard + ms)},
        {cloud("handed", kCloudHasIt + 1), cloud("answered", kCloudAnswered + ms)}, id);
  }
  RunHistory history_;
};

TEST_F(Late, TheCauseIsWhatTookLongestBeyondTheUsual) {
  add_late(1, 110, &FrameRecord::server_queue_ms);
  add_late(2, 150, &FrameRecord::server_inference_ms);
  FrameRecord slow = unanswered();
  slow.sent_ms = 105;  // then there was not time enough to wait for long
  SendRecord hopeless = send("hopeless", 160, {});
  hopeless.after_ms = 54;
  add(slow, {hopeless}, {}, 3);
  add(unanswered(), {send("displaced", 40, {})}, {}, 4);
  add(unanswered(), {send("sent", 18)}, {}, 5);
  history_.add(SendRecord{{9, 9}, kCapture + 60, 0, 0, {}, "sent"});  // the run goes on
  history_.finish();
  const auto late = history_.late_frames();
  ASSERT_EQ(late.size(), 5u);
  using Told = std::pair<std::uint64_t, FrameStage>;
  const auto told = [&](std::size_t i) { return Told(late[i].story.frame.name.context_id, late[i].cause); };
  EXPECT_EQ(told(0), (Told(2u, FrameStage::kInference))) << "the latest first";
  EXPECT_NEAR(*late[0].took_ms, 180, 0.01);
  EXPECT_NEAR(*late[0].usual_ms, 30, 0.01);
  EXPECT_EQ(told(1), (Told(1u, FrameStage::kQueue)));
  EXPECT_EQ(told(2), (Told(3u, FrameStage::kCompression))) << "which left it no time";
  EXPECT_EQ(told(3), (Told(4u, FrameStage::kWaiting)));
  EXPECT_EQ(told(4), (Told(5u, FrameStage::kThere)));
  EXPECT_FALSE(late[4].took_ms) << "it never arrived";
}

TEST_F(Late, AMachineThatWasBusyIsNamedAndNotItsLongestStage) {
  FrameRecord slow = frame();
  slow.source = "vehicle";
  slow.vehicle_runtime_ms = 150;
  *slow.server_inference_ms += 270;
  *slow.server_overall_ms += 270;
  *slow.remote_latency_ms += 270;
  add(slow, {send("sent", 18), send("answered", kHeard + 270)},
      {cloud("handed", kCloudHasIt + 1), cloud("answered", kCloudAnswered + 270)}, 1);
  add_late(2, 150, &FrameRecord::server_inference_ms);
  history_.finish();
  const std::string table = late_table(history_, 9);
  EXPECT_THAT(table, HasSubstr("the machine was busy               1  50.0%"));
  EXPECT_THAT(table, HasSubstr("the machine was busy: inference x10, on-vehicle model x30"));
  EXPECT_THAT(table, HasSubstr("inference: 180.0 ms, usually 30.0")) << "where the vehicle's was as usual";
  const std::string text = frame_timeline(history_, *history_.find({2, 1}));
  EXPECT_THAT(text, HasSubstr("150.0      5.0  the on-vehicle model's run"));
  const json told = json::parse(frame_json(history_, *history_.find({2, 1})));
  EXPECT_EQ(told["cause"], "the machine was busy");
  EXPECT_EQ(told["vehicle_runtime_ms"], 150.0);
}

TEST_F(Late, WhereItEndedIsNoCauseOfOneThatWasLateBefore) {
  add(unanswered(), {send("sent", 18)}, {cloud("handed", kCloudHasIt + 1), cloud("answered", kCloudAnswered)},
      1);
  CloudRecord arrived = cloud("handed", 2000), answered = cloud("answered", 2040);
  arrived.after_ms = 0;
  answered.after_ms = 40;
  add(unanswered(), {send("sent", 18)}, {arrived, answered}, 2);
  history_.add(SendRecord{{9, 9}, kCapture + 60, 0, 0, {}, "sent"});
  history_.finish();
  const auto late = history_.late_frames();
  ASSERT_EQ(late.size(), 2u);
  EXPECT_EQ(late[0].story.ending, Ending::kAnswerLost);
  EXPECT_EQ(late[0].cause, FrameStage::kBack);
  EXPECT_EQ(late[1].story.ending, Ending::kAnswerLost);
  EXPECT_EQ(late[1].cause, FrameStage::kThere) << "it arrived two seconds after its capture";
}

TEST_F(Late, NothingInTimeIsWorse) {
  add_late(1, 900, &FrameRecord::server_inference_ms);
  FrameRecord missed = unanswered();
  missed.source = "none";
  missed.in_time = false;
  add(missed, {send("sent", 18)}, {}, 2);
  history_.finish();
  ASSERT_EQ(history_.late_frames().size(), 2u);
  EXPECT_EQ(history_.late_frames()[0].story.frame.name.context_id, 2u);
  EXPECT_THAT(late_table(history_, 10), HasSubstr("1 of them had nothing at all in time"));
}

TEST_F(Late, TheClocksAreComparedByTheQuickestAnswers) {
  add_late(1, 110, &FrameRecord::server_queue_ms);
  history_.finish();
  const FrameStory* const story = history_.find({2, 100});
  ASSERT_NE(story, nullptr);
  EXPECT_EQ(stages_of(*story)[5], (std::pair(FrameStage::kThere, 25.0))) << "half of the least RTT is 20 ms";
  EXPECT_EQ(history_.find({2, 7}), nullptr);
  EXPECT_EQ(history_.find({7, 100}), nullptr);
  EXPECT_EQ(history_.find(100), std::vector{story});
  EXPECT_TRUE(history_.find(7).empty());
}

TEST_F(Late, TheTableCountsAndListsAndTheJsonSaysTheSame) {
  add_late(1, 110, &FrameRecord::server_queue_ms);
  add_late(2, 120, &FrameRecord::server_queue_ms);
  add(unanswered(), {send("displaced", 40, {})}, {}, 3);
  history_.finish();
  const std::string table = late_table(history_, 1);
  EXPECT_THAT(table, HasSubstr("3 of 8 frames were late (8 were for the cloud)"));
  EXPECT_THAT(table, HasSubstr("model server's queue               2  66.7%  answered_late 2"));
  EXPECT_THAT(table, HasSubstr("2:2 "));
  EXPECT_THAT(table, HasSubstr("model server's queue: 123.0 ms, usually 3.0"));
  EXPECT_THAT(table, Not(HasSubstr("2:1 ")));
  EXPECT_THAT(table, HasSubstr("and 2 more"));
  EXPECT_THAT(table, Not(HasSubstr("not recorded")));
  const json told = json::parse(late_json(history_, 2));
  EXPECT_EQ(told["late"], 3);
  EXPECT_EQ(told["late_frames"].size(), 2u);
  EXPECT_EQ(told["late_frames"][0]["cause"], "model server's queue");
  EXPECT_EQ(told["late_frames"][0]["answer_ms"], 225.0);
  EXPECT_EQ(told["causes"][0]["share"], 0.667);
  EXPECT_EQ(told["causes"][1]["ends"]["displaced"], 1);
}

TEST_F(Late, ATimelineShowsWhatHeldWhenTheFrameWasCaptured) {
  add_late(1, 110, &FrameRecord::server_queue_ms);
  DecisionRecord decision{.unix_s = kCapture - 1.2,
                          .reason = "the vehicle is enough",
                          .rtt_source = "ping",
                          .available_mbps = 12.5,
                          .rtt_ms = 40.8,
                          .promised = 0.85,
                          .utility = 0.571};
  decision.services = {{1, {"td2-imgcompNone-inpcomp50", 1, 0.5}},
                       {2, {"td1-imgcompNone-inpcompNone", 0, 0}}};
  history_.add(decision);
  decision.unix_s = kCapture - 0.7;
  decision.services[2] = {"td2-imgcompNone-inpcomp75", 3.5, 0.88};
  decision.reason = "expected to bring more than the choice before";
  decision.runner_up = {{{1, "td2-imgcompNone-inpcomp50"}, {2, "td2-imgcompNone-inpcomp50"}}, 0.561};
  history_.add(decision);
  decision.unix_s = kCapture - 0.2;
  decision.services[2].mbps = 3.6;
  decision.reason = "nothing else is expected to bring clearly more";
  history_.add(decision);
  decision.unix_s = kCapture + 0.1;
  decision.reason = "decided afterwards";
  history_.add(decision);
  history_.add(CloudTimeRecord{2, kCapture - 0.3, 44});
  for (const double at : {0.05, 0.15, 9.0}) history_.add(CapacityRecord{kCapture + at, 5 - at, 1000 * at});
  history_.finish();
  const std::string text = frame_timeline(history_, *history_.find({2, 1}));
  EXPECT_THAT(
      text,
      HasSubstr("came after 215.0 ms, 15.0 behind the deadline; the vehicle's was delivered after 190.0"));
  EXPECT_THAT(text, HasSubstr("model server's queue: 113.0 ms, usually 3.0"));
  EXPECT_THAT(text, HasSubstr("18.0     25.0     25.0  network, there"));
  EXPECT_THAT(text, HasSubstr("8.0 Mbps estimated (6.0 to 12.0), QUIC's RTT 55.0 ms, at least 40.0"));
  EXPECT_THAT(text, HasSubstr("44.0 ms from the last byte"));
  EXPECT_THAT(
      text,
      HasSubstr("chosen 0.7 s before  td2-imgcompNone-inpcomp75: expected to bring more than the choice "
                "before; needs 0.88, guaranteed 3.50 of 12.5 Mbps, planned with RTT 40.8 ms (ping), in "
                "time 85%; utility 0.571; next best 0.561 with 2: td2-imgcompNone-inpcomp50\n"));
  EXPECT_THAT(text,
              HasSubstr("kept 0.2 s before    td2-imgcompNone-inpcomp75: nothing else is expected to bring "
                        "clearly more; needs 0.88, guaranteed 3.60"));
  EXPECT_THAT(text, HasSubstr("4.8 Mbps at least"));
  const json told = json::parse(frame_json(history_, *history_.find({2, 1})));
  EXPECT_EQ(told["end"], "answered_late");
  EXPECT_EQ(told["decision"]["reason"], "nothing else is expected to bring clearly more");
  EXPECT_EQ(told["chosen"]["reason"], "expected to bring more than the choice before");
  EXPECT_EQ(told["chosen"]["runner_up"]["utility"], 0.561);
  EXPECT_EQ(told["chosen"]["or_earlier"], false);
  EXPECT_EQ(told["link"]["estimate"], 8);
  EXPECT_EQ(told["expected_cloud_ms"], 44);
  EXPECT_EQ(told["stages"].size(), 13u);
}

TEST_F(Late, AChoiceThatIsOlderThanTheRecordsIsShownAsSuch) {
  DecisionRecord decision{.unix_s = kCapture - 0.5, .reason = "kept"};
  decision.services[2] = {"td2-imgcompNone-inpcomp75", 3.5, 0.88};
  history_.add(decision);
  history_.finish();
  const std::string text = frame_timeline(history_, *history_.find({2, 100}));
  EXPECT_THAT(text, HasSubstr("chosen 0.5 s before  or earlier  td2-imgcompNone-inpcomp75: kept"));
  EXPECT_THAT(text, Not(HasSubstr("kept 0.5 s before")));
}

TEST(LateReport, SaysWhatIsNotRecorded) {
  RunHistory history;
  history.add(frame());
  history.finish();
  EXPECT_THAT(late_table(history, 9), HasSubstr("0 of 1 frames were late"));
  const std::string text = frame_timeline(history, *history.find({2, 1}));
  for (const char* what :
       {"frames.jsonl", "requests.jsonl", "diagnostics.jsonl", "link                 not recorded"})
    EXPECT_THAT(text, HasSubstr(what));
}

TEST(LateReport, AbsurdValuesAreShownAndNoMore) {
  RunHistory history;
  FrameRecord absurd = frame();
  absurd.received_ms = -1e12;
  absurd.sent_ms = 1e12;
  absurd.deadline_ms = -1e12;
  absurd.size_bytes = -5;
  history.add(absurd);
  history.add(send("sent", 1e11));
  history.add(cloud("answered", -1e11));
  history.finish();
  EXPECT_FALSE(frame_timeline(history, *history.find({2, 1})).empty());
  EXPECT_TRUE(json::accept(frame_json(history, *history.find({2, 1}))));
}

}  // namespace
}  // namespace turbo
