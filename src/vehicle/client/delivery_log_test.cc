#include "vehicle/client/delivery_log.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

class DeliveryLogTest : public testing::Test {
 protected:
  std::string path() const {
    return std::filesystem::temp_directory_path() /
           ("delivery-log-test-" + std::to_string(::getpid()) + ".jsonl");
  }
  ~DeliveryLogTest() override { std::filesystem::remove(path()); }
  std::vector<Json> rows() const {
    std::ifstream file(path());
    std::vector<Json> out;
    for (std::string line; std::getline(file, line);) out.push_back(Json::parse(line));
    return out;
  }
  const Time t0{100s};
  const Detections seen{{{1.04f, 2, 3, 4}, 0.9f, 1}};
};

TEST_F(DeliveryLogTest, ARowIsWrittenWhenItIsComplete) {
  DeliveryLog log(path(), 3, 200ms, 1);
  log.on_frame(t0 + 4ms, t0, 7, 1.5, "td2-imgcompNone-inpcomp75");
  log.on_offloaded(t0 + 12ms, 7, 1234);
  log.on_vehicle_result(7, seen, 8ms);
  log.on_delivery({.context_id = 7, .source = ResultSource::kRemote, .detections = seen, .latency = 90ms});
  log.settle(t0 + 100ms);
  EXPECT_TRUE(rows().empty());  // the cloud's answer was not reported yet
  log.on_remote_result(7, 90ms,
                       {.queue_s = 0.001, .preprocessing_s = 0.002, .inference_s = 0.025, .overall_s = 0.03});
  log.settle(t0 + 100ms);
  ASSERT_EQ(rows().size(), 1u);
  const Json row = rows()[0];
  EXPECT_EQ(row["service_id"], 3);
  EXPECT_EQ(row["source"], "remote");
  EXPECT_EQ(row["in_time"], true);
  EXPECT_EQ(row["offloaded"], true);
  EXPECT_TRUE(row["not_offloaded"].is_null());
  EXPECT_EQ(row["cloud_out"], false);
  EXPECT_EQ(row["size_bytes"], 1234);
  EXPECT_EQ(row["deadline_ms"], 200);
  EXPECT_DOUBLE_EQ(row["remote_latency_ms"].get<double>(), 90);
  EXPECT_DOUBLE_EQ(row["received_ms"].get<double>(), 4);
  EXPECT_DOUBLE_EQ(row["sent_ms"].get<double>(), 12);
  EXPECT_DOUBLE_EQ(row["server_inference_ms"].get<double>(), 25);
  EXPECT_DOUBLE_EQ(row["detections"][0][0].get<double>(), 1.0);
  EXPECT_EQ(row["vehicle_detections"].size(), 1u);
}

TEST_F(DeliveryLogTest, SaysWhyAFrameWasNotSent) {
  DeliveryLog log(path(), 1, 200ms, 1);
  log.on_frame(t0, t0, 7, 1.5, "td2-imgcompNone-inpcomp75-fps1");
  log.on_not_offloaded(7, "turn");
  log.on_vehicle_result(7, seen, 8ms);
  log.on_delivery({.context_id = 7, .source = ResultSource::kVehicle, .detections = seen, .latency = 9ms});
  log.settle(t0 + 10ms);
  ASSERT_EQ(rows().size(), 1u);
  EXPECT_EQ(rows()[0]["offloaded"], false);
  EXPECT_EQ(rows()[0]["not_offloaded"], "turn");
}

TEST_F(DeliveryLogTest, AnAnswerThatNeverComesDoesNotHoldItsRow) {
  {
    DeliveryLog log(path(), 1, 200ms, 1);
    log.on_frame(t0 + 4ms, t0, 7, 1.5, "td2-imgcompNone-inpcomp75");
    log.on_offloaded(t0 + 12ms, 7, 10);
    log.on_vehicle_result(7, seen, 8ms);
    log.on_delivery(
        {.context_id = 7, .source = ResultSource::kVehicle, .detections = seen, .latency = 200ms});
    log.settle(t0 + 1s);
    EXPECT_TRUE(rows().empty());
    log.settle(t0 + 3s);
    ASSERT_EQ(rows().size(), 1u);
    EXPECT_TRUE(rows()[0]["remote_latency_ms"].is_null());
  }
  EXPECT_EQ(rows().size(), 1u);
}

TEST_F(DeliveryLogTest, RowsAreWrittenInBatchesAndAtTheEnd) {
  {
    DeliveryLog log(path(), 1, 200ms, 10);
    for (std::uint64_t id = 1; id <= 15; ++id) {
      log.on_frame(t0 + 4ms, t0, id, 0, "td1-imgcompNone-inpcompNone");
      log.on_vehicle_result(id, {}, 1ms);
      log.on_delivery({.context_id = id, .source = ResultSource::kVehicle, .latency = 200ms});
      log.settle(t0);
    }
    EXPECT_EQ(rows().size(), 10u);
    log.on_frame(t0 + 4ms, t0, 98, 0, "td1-imgcompNone-inpcompNone");
    log.on_delivery({.context_id = 98, .source = ResultSource::kNone, .latency = 700ms, .late = true}, true);
    log.on_frame(t0 + 4ms, t0, 99, 0, "td1-imgcompNone-inpcompNone");  // the run ends before its deadline
  }
  ASSERT_EQ(rows().size(), 16u);
  EXPECT_EQ(rows()[15]["context_id"], 98);
  EXPECT_EQ(rows()[15]["source"], "none");
  EXPECT_EQ(rows()[15]["in_time"], false);
  EXPECT_EQ(rows()[15]["cloud_out"], true);
  EXPECT_TRUE(rows()[15]["vehicle_detections"].is_null());
}

TEST_F(DeliveryLogTest, OpenRowsAreBounded) {
  DeliveryLog log(path(), 1, 200ms, 1);
  for (std::uint64_t id = 1; id <= 1000; ++id)
    log.on_frame(t0 + 4ms, t0, id, 0, "td1-imgcompNone-inpcompNone");
  EXPECT_GE(rows().size(), 900u);
}

}  // namespace
}  // namespace turbo
