#include "vehicle/plotter/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using nlohmann::json;
Time at(int s) { return Time{} + std::chrono::seconds(s); }

json request(int service, double t) {
  return {{"plot_id", 1},
          {"service_id", service},
          {"timestamp", t},
          {"remote_request_made", true},
          {"remote_request_successful", false}};
}
json allocation(double t) {
  return {{"plot_id", 2},
          {"timestamp", t},
          {"local_utility", 0.2},
          {"expected_utility", 0.4},
          {"likely_utility", 0.3},
          {"available_bw", 9.5},
          {"rtt", 41},
          {"allocation_map", {{"1", 4}}},
          {"model_config_map", {{"1", "x"}}}};
}
json traffic(int service, double t) {
  return {{"plot_id", 3},   {"service_id", service}, {"timestamp", t},
          {"max_limit", 1}, {"snd_rate", 2},         {"recv_rate", 3}};
}

class HistoryTest : public testing::Test {
 protected:
  bool add(const std::string& text, int s = 0) { return history_.add(at(s), 1000 + s, text, error_); }
  json read(std::uint64_t since = 0) { return json::parse(history_.to_json(2000, since)); }
  History history_{std::chrono::seconds(60)};
  std::string error_;
};

TEST_F(HistoryTest, KeepsTheThreeKinds) {
  auto more = request(1, 1000.5);
  more["latency_ms"] = 87.5;
  more["nested"] = {1, 2};
  EXPECT_TRUE(add(more.dump()));
  EXPECT_TRUE(add(allocation(1000.5).dump()));
  EXPECT_TRUE(add(traffic(2, 1000.5).dump()));
  const auto got = read();
  EXPECT_EQ(got["requests"][0]["t"], 1000.5);
  EXPECT_EQ(got["requests"][0]["latency_ms"], 87.5);
  EXPECT_FALSE(got["requests"][0].contains("nested"));
  EXPECT_EQ(got["allocations"][0]["allocation_map"]["1"], 4);
  EXPECT_EQ(got["allocations"][0]["likely_utility"], 0.3);  // what the page shows of it
  EXPECT_EQ(got["traffic"][0]["service_id"], 2);
  EXPECT_EQ(got["next"], 3);
  EXPECT_EQ(got["keep_s"], 60);
}

TEST_F(HistoryTest, GivesOnlyWhatIsNew) {
  for (int i = 0; i < 10; ++i) add(request(1, 1000 + i).dump());
  EXPECT_EQ(read(7)["requests"].size(), 3u);
  EXPECT_EQ(read(10)["requests"].size(), 0u);
  EXPECT_EQ(read(999)["requests"].size(), 10u);  // a number of an earlier run
}

TEST_F(HistoryTest, ForgetsWhatIsOld) {
  for (int s = 0; s < 200; ++s) add(request(1, 1000 + s).dump(), s);
  const auto got = read();
  EXPECT_EQ(got["requests"].size(), 61u);
  EXPECT_EQ(got["requests"][0]["t"], 1139);
  EXPECT_EQ(read(150)["requests"].size(), 50u);
}

TEST_F(HistoryTest, AClockFarOffIsNotBelieved) {
  EXPECT_TRUE(add(request(1, 5).dump()));
  EXPECT_EQ(read()["requests"][0]["t"], 1000);
}

TEST_F(HistoryTest, RefusesWithoutHarm) {
  std::vector<std::string> wrong{
      "", "{", "[]", "null", "7", "\xff\xfe", std::string(70'000, ' '), std::string(60'000, '[')};
  for (const char* id : {"0", "4", "-1", "1.5", "\"1\"", "null", "[1]"})
    wrong.push_back(std::string(R"({"plot_id": )") + id + ", \"timestamp\": 1}");
  for (auto [key, value] : std::vector<std::pair<std::string, json>>{{"service_id", -1},
                                                                     {"service_id", 1001},
                                                                     {"service_id", 1.5},
                                                                     {"service_id", "1"},
                                                                     {"service_id", 1e18},
                                                                     {"timestamp", "now"},
                                                                     {"timestamp", 1e300},
                                                                     {"remote_request_made", 1}}) {
    auto message = request(1, 1000);
    message[key] = value;
    wrong.push_back(message.dump());
  }
  for (auto [key, value] :
       std::vector<std::pair<std::string, json>>{{"allocation_map", json::array({1})},
                                                 {"allocation_map", {{"1", "x"}}},
                                                 {"allocation_map", {{"<b>", 1}}},
                                                 {"model_config_map", {{"1", 5}}},
                                                 {"model_config_map", {{"1", std::string(300, 'x')}}},
                                                 {"rtt", nullptr}}) {
    auto message = allocation(1000);
    message[key] = value;
    wrong.push_back(message.dump());
  }
  for (const auto& message : wrong) {
    EXPECT_FALSE(add(message)) << message.substr(0, 100);
    EXPECT_FALSE(error_.empty());
  }
  EXPECT_EQ(read()["refused"], wrong.size());
  EXPECT_EQ(history_.size(), 0u);
}

TEST_F(HistoryTest, IsBoundedInNumber) {
  History small(std::chrono::seconds(60), 100);
  const std::string message = request(1, 1000).dump();
  for (int i = 0; i < 250; ++i) EXPECT_TRUE(small.add(at(0), 1000, message, error_));
  EXPECT_EQ(small.size(), 100u);
  EXPECT_EQ(json::parse(small.to_json(1000, 200))["requests"].size(), 50u);
}

TEST_F(HistoryTest, WrongTextStaysHarmless) {
  EXPECT_FALSE(
      add("{\"plot_id\":1,\"service_id\":1,\"timestamp\":1000,\"remote_request_made\":true,"
          "\"remote_request_successful\":true,\"source\":\"\xff\"}"));
  auto message = request(1, 1000);
  message["source"] = "</script><b>\"\n";
  EXPECT_TRUE(add(message.dump()));
  EXPECT_EQ(read()["requests"][0]["source"], "</script><b>\"\n");
}

}  // namespace
}  // namespace turbo
