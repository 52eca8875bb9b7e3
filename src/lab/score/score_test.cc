#include "lab/score/score.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lab/score/report.h"

namespace turbo {
namespace {

namespace fs = std::filesystem;

// Camera `camera` sees one vehicle; the vehicle's model misses it, the cloud's finds it.
TruthRecord truth_of(std::uint64_t context, int camera) { return {context, camera, {{{10, 10, 50, 50}, 0}}}; }

DeliveryRecord delivery_of(std::uint64_t context, int camera) {
  DeliveryRecord record;
  record.context_id = context;
  record.service_id = camera;
  record.source = DeliverySource::kRemote;
  record.offloaded = record.in_time = true;
  record.model_config = "td2-imgcompNone-inpcomp75";
  record.remote_latency_ms = 100;
  record.detections = {{{10, 10, 50, 50}, 0.9f, 0}};
  return record;
}

TEST(Score, counts_what_came_from_where_and_when) {
  Score score;
  for (std::uint64_t i = 0; i < 4; ++i) score.add_truth(truth_of(i, 1));
  score.add_delivery(delivery_of(0, 1));
  auto late = delivery_of(1, 1);  // the vehicle's answer was delivered, the cloud's came after it
  late.source = DeliverySource::kVehicle;
  late.remote_latency_ms = 400;
  late.detections.clear();
  score.add_delivery(late);
  auto local = late;
  local.context_id = 2;
  local.offloaded = false;
  local.remote_latency_ms.reset();
  score.add_delivery(local);
  auto nothing = delivery_of(3, 1);
  nothing.source = DeliverySource::kNone;
  nothing.in_time = false;
  nothing.remote_latency_ms.reset();
  nothing.detections.clear();
  score.add_delivery(nothing);

  const Summary s = score.total();
  EXPECT_EQ(s.frames, 4u);
  EXPECT_EQ(s.with_result, 3u);
  EXPECT_EQ(s.offloaded, 3u);
  EXPECT_EQ(s.within_slo, 1u);
  EXPECT_EQ(s.unanswered, 1u);
  EXPECT_NEAR(*s.slo_attainment(), 1.0 / 3, 1e-12);
  EXPECT_EQ(s.remote_latency_p50_ms, 100);
  EXPECT_EQ(s.remote_latency_p99_ms, 400);
  EXPECT_GT(*s.delivered_map, 0.2);
  EXPECT_LT(*s.delivered_map, 0.3);
  EXPECT_EQ(s.onvehicle_map, 0);
  EXPECT_EQ(s.model_configs.at("td2-imgcompNone-inpcomp75"), 4u);
}

TEST(Score, a_result_after_the_deadline_is_worth_nothing) {
  Score score;
  score.add_truth(truth_of(1, 1));
  auto record = delivery_of(1, 1);
  record.in_time = false;
  score.add_delivery(record);
  EXPECT_EQ(score.total().delivered_map, 0);
  EXPECT_EQ(score.total().with_result, 0u);
}

TEST(Score, keeps_cameras_apart_and_frames_without_truth_out) {
  Score score;
  score.add_truth(truth_of(7, 1));
  score.add_truth(truth_of(7, 2));
  score.add_delivery(delivery_of(7, 1));
  auto missed = delivery_of(7, 2);
  missed.detections.clear();
  score.add_delivery(missed);
  score.add_delivery(delivery_of(8, 2));
  const auto cameras = score.cameras();
  EXPECT_EQ(cameras.at(1).delivered_map, 1);
  EXPECT_EQ(cameras.at(2).delivered_map, 0);
  EXPECT_EQ(cameras.at(2).without_truth, 1u);
  EXPECT_EQ(score.total().frames, 3u);
}

TEST(Score, nothing_is_known_of_an_empty_run) {
  const Summary s = Score().total();
  EXPECT_EQ(s.frames, 0u);
  EXPECT_FALSE(s.slo_attainment() || s.remote_latency_p50_ms || s.delivered_map);
}

const std::string kDelivery =
    R"({"context_id":5,"service_id":2,"source":"remote","offloaded":true,"model_config":"m","latency_ms":90,)"
    R"("in_time":true,"remote_latency_ms":80.5,"detections":[[1,2,3,4,0.5,3]],"vehicle_detections":null})";

TEST(Records, are_read) {
  const auto truth = parse_truth(R"({"context_id":5,"camera_id":2,"boxes":[[1,2,3,4,2],[0,0,1,1,4]]})");
  ASSERT_TRUE(truth);
  EXPECT_EQ(truth->boxes.size(), 2u);
  EXPECT_EQ(truth->boxes[0].label, 2);
  EXPECT_EQ(truth->boxes[0].box.y_max, 4);
  const auto delivery = parse_delivery(kDelivery);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->remote_latency_ms, 80.5);
  EXPECT_EQ(delivery->detections.at(0).score, 0.5f);
  EXPECT_EQ(delivery->detections.at(0).label, 3);
  EXPECT_TRUE(delivery->vehicle_detections.empty());
}

TEST(Records, what_does_not_fit_is_refused) {
  for (const char* line : {"", "x", "[]", "{}", R"({"context_id":-1,"camera_id":1,"boxes":[]})",
                           R"({"context_id":1,"camera_id":"1","boxes":[]})",
                           R"({"context_id":1,"camera_id":1,"boxes":[[1,2,3,4]]})",
                           R"({"context_id":1,"camera_id":1,"boxes":[[1,2,3,4,9]]})",
                           R"({"context_id":1,"camera_id":1,"boxes":[[1,2,3,"4",0]]})",
                           R"({"context_id":1,"camera_id":1,"boxes":[[1,2,3,1e999,0]]})",
                           R"({"context_id":1,"camera_id":99999999999,"boxes":[]})"})
    EXPECT_FALSE(parse_truth(line)) << line;
  for (std::size_t cut = 0; cut < kDelivery.size(); ++cut)
    EXPECT_FALSE(parse_delivery(kDelivery.substr(0, cut)));
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string line = kDelivery;
    return line.replace(line.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_delivery(changed("\"remote\"", "\"moon\"")));
  EXPECT_FALSE(parse_delivery(changed("80.5", "-1")));
  EXPECT_FALSE(parse_delivery(changed("true", "1")));
  EXPECT_TRUE(parse_delivery(changed("80.5", "null")));
}

TEST(Records, lines_are_counted_when_refused_and_bounded) {
  std::istringstream in("good\n\nbad\n" + std::string(5 << 20, 'x') + "\ngood\nbad");
  std::vector<std::string> seen;
  const auto refused = for_each_line(in, [&](const std::string& line) {
    seen.push_back(line);
    return line == "good";
  });
  EXPECT_EQ(refused, 3u);
  EXPECT_EQ(seen, (std::vector<std::string>{"good", "bad", "good", "bad"}));
}

class RunFolder : public testing::Test {
 protected:
  RunFolder() { fs::remove_all(folder_), fs::create_directories(folder_); }
  ~RunFolder() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("turbo-score-" + std::to_string(::getpid()));
};

TEST_F(RunFolder, is_scored_whole_with_its_broken_last_line) {
  write("camera-stream-2/truth.jsonl", R"({"context_id":5,"camera_id":2,"boxes":[[1,2,3,4,3]]})"
                                       "\n");
  write("client-2/deliveries.jsonl", kDelivery + "\n" + kDelivery.substr(0, 60));
  write("supervision.jsonl", R"({"event":"started"})"
                             "\n"
                             R"({"event":"died","process":"client-2"})"
                             "\n");
  const RunScore score = score_run(find_run_files({folder_}));
  EXPECT_EQ(score.total.frames, 1u);
  EXPECT_EQ(score.broken_lines, 1u);
  EXPECT_EQ(score.restarts, 1u);
  EXPECT_EQ(score.total.delivered_map, 1);
  EXPECT_NE(table_of(score).find("100.0%"), std::string::npos);
  EXPECT_EQ(
      demo_json(score, 13.987),
      R"({"frames":1,"with_result":1,"offloaded":1,"within_slo":1,"slo_attainment":1.0,)"
      R"("remote_latency_p50_ms":80.5,"remote_latency_p99_ms":80.5,"delivered_map":1.0,"onvehicle_map":0.0,)"
      R"("link_mean_mbps":13.99,"restarts":1,"left_out":0})");
  const auto json = nlohmann::json::parse(json_of(score));
  EXPECT_EQ(json["cameras"]["2"]["frames"], 1);
}

TEST_F(RunFolder, counts_only_frames_of_the_measured_time) {
  const auto delivery = [](std::uint64_t context, double captured, const char* in_time) {
    return R"({"context_id":)" + std::to_string(context) +
           R"(,"service_id":2,"source":"none","offloaded":true,)" + R"("in_time":)" + in_time +
           R"(,"capture_unix_s":)" + std::to_string(captured) +
           R"(,"deadline_ms":200,"detections":[],"vehicle_detections":null})" + "\n";
  };
  write("client-2/deliveries.jsonl", delivery(1, 99.9, "false") + delivery(2, 100, "true") +
                                         delivery(3, 109.8, "false") + delivery(4, 109.9, "false"));
  const RunFiles files = find_run_files({folder_});
  EXPECT_EQ(score_run(files).total.frames, 4u);
  const RunScore score = score_run(files, MeasuredTime{100, 110});
  EXPECT_EQ(score.total.frames, 2u) << "one that was late before the end counts";
  EXPECT_EQ(score.left_out, 2u);
  EXPECT_NE(table_of(score).find("2 frames count nowhere"), std::string::npos);
  write("summary.json", demo_json(score, 1) + "\n");
  const RunScore again = score_run(find_run_files({folder_}));
  EXPECT_EQ(again.total.frames, 2u) << "what the summary says";
  EXPECT_EQ(again.measured->until_unix_s, 110);
  write("summary.json", R"({"measured_from_unix_s":1,"measured_until_unix_s":"x"})");
  EXPECT_EQ(score_run(find_run_files({folder_})).total.frames, 4u);
}

TEST(Report, names_cameras_for_which_the_vehicle_alone_was_better) {
  RunScore score;
  score.cameras[1].delivered_map = 0.4;
  score.cameras[1].onvehicle_map = 0.3;
  score.cameras[2].onvehicle_map = 0.3;
  EXPECT_EQ(table_of(score).find("below the vehicle's own"), std::string::npos);
  score.cameras[2].delivered_map = 0.25;
  EXPECT_NE(table_of(score).find("camera 2: delivered AP is below the vehicle's own"), std::string::npos);
}

TEST_F(RunFolder, without_deliveries_is_refused) {
  EXPECT_THROW(find_run_files({folder_}), std::runtime_error);
  EXPECT_THROW(find_run_files({folder_ / "nowhere"}), std::runtime_error);
}

}  // namespace
}  // namespace turbo
