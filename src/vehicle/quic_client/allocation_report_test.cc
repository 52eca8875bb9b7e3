// What the QUIC client reports to the bandwidth allocator of each service.

#include <gtest/gtest.h>

#include "vehicle/quic_client/vehicle_end_fixture_test.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;
using test::request;
using test::VehicleEndTest;

TEST_F(VehicleEndTest, ReportsWhatTheFramesOfEachChoiceCostAndHowManyWereInTime) {
  start_end();
  start_client();
  start_cloud();
  connect();
  const auto reply_with = [](const std::string& choice) {
    return R"({"allocation_map": {"1": 40.0}, "model_config_map": {"1": ")" + choice + R"("}})";
  };
  const std::string theirs = "edd4-imgcomp50-inpcompNone";  // what the frames of this test are called
  start_allocator(reply_with(theirs));
  const auto of_1 = [&] { return reports_.empty() ? nlohmann::json() : reports_.back()["services"]["1"]; };
  run_until([&] { return of_1().is_object() && of_1()["config"] == theirs; });
  EXPECT_TRUE(of_1()["frame_bytes"].is_null());
  int finished = 0, in_time = 0;
  std::size_t seen = reports_.size();
  const auto add_up = [&] {
    for (; seen < reports_.size(); ++seen) {
      finished += reports_[seen]["services"]["1"]["finished"].get<int>();
      in_time += reports_[seen]["services"]["1"]["in_time"].get<int>();
    }
    return finished;
  };
  for (std::uint64_t context = 1; context <= 3; ++context) {
    client_->post(EventLoop::now(), context, request(context, 20'000));
    run_until([&] { return answered_.size() == context; });
  }
  run_until([&] { return add_up() == 3; });
  EXPECT_EQ(in_time, 3);
  EXPECT_GT(of_1()["frame_bytes"]["p50"].get<double>(), 20'000);
  EXPECT_TRUE(of_1()["server_ms"].is_object());
  EXPECT_TRUE(of_1()["cloud_ms"].is_object());

  cloud_->answers = false;  // one that is not answered is a miss once its deadline is over
  client_->post(EventLoop::now(), 4, request(4, 20'000, 1, EventLoop::now() + 500ms));
  run_until([&] { return add_up() == 4; });
  EXPECT_EQ(in_time, 3);

  const std::string another = "edd2-imgcomp50-inpcompNone";
  start_allocator(reply_with(another));
  run_until([&] { return of_1()["config"] == another; });
  EXPECT_TRUE(of_1()["frame_bytes"].is_null());
  const Time deadline = EventLoop::now() + 500ms;
  client_->post(EventLoop::now(), 5, request(5, 20'000, 1, deadline));  // still under the former choice
  run_until([&] { return cloud_->requests.size() == 5; });
  run_until([&] { return EventLoop::now() > deadline; });
  const std::size_t then = reports_.size();
  run_until([&] { return reports_.size() > then + 2; });
  EXPECT_EQ(add_up(), 4);
  EXPECT_TRUE(of_1()["frame_bytes"].is_null());
}

}  // namespace
}  // namespace turbo
