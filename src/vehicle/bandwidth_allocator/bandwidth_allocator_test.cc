// The allocator on its own sockets, with this test as its peers: QUIC client, ping handler, clients, plotter.
#include "vehicle/bandwidth_allocator/bandwidth_allocator.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "vehicle/bandwidth_allocator/allocation_messages.h"
#include "vehicle/bandwidth_allocator/configured_planner.h"

namespace turbo {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

class BandwidthAllocatorTest : public testing::Test {
 protected:
  BandwidthAllocatorTest() : process_(ProcessInfo{.name = "bandwidth-allocator"}, {}) {
    const std::string dir = "ipc://" + folder_.path() + "/";
    config_.service_id_list = {1, 2};
    config_.t_slo = milliseconds(150);
    config_.onvehicle_model_name = "td1";
    config_.model_info_csv_path = folder_ / "models.csv";
    config_.budget = "share:1";
    config_.bidirectional_zmq_quic_sockname = dir + "car-server-bw-service";
    config_.bidirectional_zmq_ping_handler_sockname = dir + "ping-handler";
    config_.outgoing_zmq_diagnostic_sockname = dir + "car-client-diagnostics";
    config_.outgoing_zmq_client_socknames = {dir + "main-client-1-bw-subscriber",
                                             dir + "main-client-2-bw-subscriber"};
    write_table("td1-imgcompNone-inpcompNone,0,40,0.2\ntd2-imgcompNone-inpcomp50,0.3,30,0.4\n");
    for (const auto& endpoint : config_.outgoing_zmq_client_socknames)
      subscribers_.push_back(
          std::make_unique<Subscriber>(process_.ipc(), process_.loop(), endpoint,
                                       [this](Time, const std::string& m) { to_clients_.push_back(m); }));
    plotter_.emplace(process_.ipc(), process_.loop(), config_.outgoing_zmq_diagnostic_sockname,
                     [this](Time, const std::string& m) { to_plotter_.push_back(m); });
  }

  void write_table(const std::string& rows) {
    std::ofstream(config_.model_info_csv_path)
        << "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
        << rows;
  }

  void start(const std::string& ping_answer, Duration silence = std::chrono::seconds(60)) {
    if (!ping_answer.empty())
      ping_handler_.emplace(process_.ipc(), process_.loop(), config_.bidirectional_zmq_ping_handler_sockname,
                            [this, ping_answer](Time, const Parts&) {
                              ++pinged_;
                              return Parts{ping_answer};
                            });
    allocator_.emplace(process_, config_, make_planner(config_), silence);
    quic_client_.emplace(process_.ipc(), process_.loop(), config_.bidirectional_zmq_quic_sockname,
                         std::chrono::seconds(20));
  }

  // What a planner of the configuration comes to with so much bandwidth.
  std::vector<std::string> first_choice(double mbps) {
    Planner planner = make_planner(config_);
    LinkReport report;
    report.bandwidth_mbps = mbps;
    report.rtt_ms = 40;
    planner.decide(EventLoop::now(), report);
    const Decision decision = planner.decide(EventLoop::now() + milliseconds(500), report).value();
    std::vector<std::string> configs;
    for (const auto& service : decision.services) configs.push_back(service.config);
    return configs;
  }

  void turn() { process_.loop().run_once(EventLoop::now() + milliseconds(50)); }

  std::string ask(const std::string& request) {
    std::string answer;
    quic_client_->request(EventLoop::now(), {request}, [&](Time, const std::optional<Parts>& reply) {
      answer = reply ? reply->at(0) : "no answer";
    });
    while (quic_client_->busy()) turn();
    return answer;
  }

  Process process_;
  test::TemporaryFolder folder_;
  BandwidthAllocatorConfig config_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::optional<Subscriber> plotter_;
  std::optional<Responder> ping_handler_;
  std::optional<BandwidthAllocator> allocator_;
  std::optional<Requester> quic_client_;
  std::vector<std::string> to_clients_, to_plotter_;
  int pinged_ = 0;
};

TEST_F(BandwidthAllocatorTest, AnswersWithChoicesAndTellsEverybody) {
  start("40.0");
  const std::string request = R"({"bw": 10, "rtt": 140})";  // with which only the vehicle is in time
  json answer;
  while ((answer = json::parse(ask(request)))["inputs"]["rtt_source"] != "ping") turn();
  EXPECT_EQ(answer["model_config_map"]["1"], "td2-imgcompNone-inpcomp50");
  EXPECT_EQ(answer["model_config_map"]["2"], "td2-imgcompNone-inpcomp50");
  EXPECT_NEAR(answer["allocation_map"]["1"].get<double>(), 5, 1e-9);
  EXPECT_NEAR(answer["allocation_map"]["2"].get<double>(), 5, 1e-9);
  EXPECT_NEAR(answer["expected_utility"].get<double>(), 0.4, 1e-12);
  EXPECT_TRUE(answer["likely_utility"].is_null());  // a share forecasts nothing
  EXPECT_NEAR(answer["local_utility"].get<double>(), 0.2, 1e-12);
  EXPECT_EQ(answer["available_bw"], 10);
  EXPECT_EQ(answer["rtt"], 40);  // the ping's
  EXPECT_EQ(answer["inputs"]["rtt_source"], "ping");
  EXPECT_EQ(answer["inputs"]["bw"], 10);
  EXPECT_EQ(answer["inputs"]["policy"], "static");
  EXPECT_EQ(answer["inputs"]["allocator"], "exact");
  EXPECT_THAT(answer["reason"].get<std::string>(), testing::HasSubstr("bring more"));
  EXPECT_TRUE(answer["promised"].is_null());
  EXPECT_EQ(answer["inputs"]["needed_bw"], 7.5);
  EXPECT_EQ(answer["inputs"]["services"]["2"], (json{{"utility", 0.4}, {"needed_bw", 3.75}}));
  EXPECT_TRUE(answer["inputs"]["bw_low"].is_null());
  EXPECT_EQ(answer["inputs"]["app_limited"], false);
  EXPECT_EQ(answer["runner_up"]["model_config_map"]["1"], "td2-imgcompNone-inpcomp50");
  EXPECT_EQ(answer["runner_up"]["model_config_map"]["2"], "td1-imgcompNone-inpcompNone");
  EXPECT_NEAR(answer["runner_up"]["expected_utility"].get<double>(), 0.3, 1e-12);
  const auto is_told = [&](const std::string& message) {
    return json::parse(message)["model_config_map"] == answer["model_config_map"];
  };
  while (std::none_of(to_clients_.begin(), to_clients_.end(), is_told) || to_plotter_.empty())
    ask(request), turn();
  EXPECT_EQ(json::parse(to_plotter_.back())["plot_id"], 2);
  EXPECT_EQ(json::parse(to_plotter_.back())["available_bw"], 10);
}

TEST_F(BandwidthAllocatorTest, ASilentPingHandlerHoldsNobodyUp) {
  start("");
  // Answered in the loop's turn in which it is read, long before a ping's time is up.
  const auto answer = json::parse(ask(R"({"bw": 10, "rtt": 55})"));
  EXPECT_EQ(answer["rtt"], 55);
  EXPECT_EQ(answer["inputs"]["rtt_source"], "quic");
  const auto blind = json::parse(ask(R"({"bw": 10, "rtt": 0})"));
  EXPECT_EQ(blind["rtt"], 1000);
  EXPECT_EQ(blind["inputs"]["rtt_source"], "unknown");
}

TEST_F(BandwidthAllocatorTest, ABrokenPingAnswerIsNone) {
  start("ERROR: out of order");
  while (pinged_ < 2) turn();  // the first answer is taken, or was given up
  EXPECT_EQ(json::parse(ask(R"({"bw": 10, "rtt": 55})"))["rtt"], 55);
}

TEST_F(BandwidthAllocatorTest, WithoutAConnectionEveryServiceIsOnTheVehicle) {
  start("40.0");
  while (json::parse(ask(R"({"bw": 10, "rtt": 55})"))["allocation_map"]["2"] == 0) turn();
  const auto answer = json::parse(ask(R"({"bw": 10, "rtt": 55, "connected": false})"));
  EXPECT_EQ(answer["model_config_map"]["2"], "td1-imgcompNone-inpcompNone");
  EXPECT_THAT(answer["reason"].get<std::string>(), testing::HasSubstr("out of reach"));
}

TEST_F(BandwidthAllocatorTest, TheRangeThatWasReportedIsAnInput) {
  start("40.0");
  const auto inputs =
      json::parse(ask(R"({"bw": 10, "bw_low": 8, "bw_high": 12, "rtt": 55, "app_limited": true})"))["inputs"];
  EXPECT_EQ(inputs["bw_low"], 8);
  EXPECT_EQ(inputs["bw_high"], 12);
  EXPECT_EQ(inputs["app_limited"], true);
}

TEST_F(BandwidthAllocatorTest, AServiceThatIsNotAllocatedHereIsLeftOut) {
  start("40.0");
  const auto answer = json::parse(ask(R"({"bw": 10, "rtt": 55, "services": {"1": {}, "77": {}}})"));
  EXPECT_EQ(answer["allocation_map"].size(), 2u);
}

TEST_F(BandwidthAllocatorTest, FloorsWeightsFrameRatesAndTheAllocatorAreTheConfigurations) {
  // One of two fits; by the tie rule the first, by its weight the second.
  config_.weights = {{2, 2.0}};
  EXPECT_EQ(first_choice(5),
            (std::vector<std::string>{"td1-imgcompNone-inpcompNone", "td2-imgcompNone-inpcomp50"}));
  config_.weights = {};
  config_.min_utilities = {{2, 0.35}};
  EXPECT_EQ(first_choice(5)[1], "td2-imgcompNone-inpcomp50");
  config_.min_utilities = {};
  EXPECT_EQ(first_choice(5)[0], "td2-imgcompNone-inpcomp50");
  // A frame that is sent seldom needs as much as one of many.
  config_.frames_per_second = {{1, 10}, {2, 10}};
  config_.frame_rates = {2};
  EXPECT_EQ(first_choice(5),
            (std::vector<std::string>{"td2-imgcompNone-inpcomp50", "td1-imgcompNone-inpcompNone"}));
  config_.allocator = "fixed:td2-imgcompNone-inpcomp50-fps2";
  EXPECT_EQ(first_choice(5)[0], "td2-imgcompNone-inpcomp50-fps2");
  config_.allocator = "vehicle";
  EXPECT_EQ(first_choice(5)[0], "td1-imgcompNone-inpcompNone");
}

TEST_F(BandwidthAllocatorTest, ChoicesThatAreNoneAreRefusedInALineAtSetUp) {
  const auto refusal = [&]() -> std::string {
    try {
      make_planner(config_);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(), "");
  config_.allocator = "fixed:td9-imgcompNone-inpcomp50";
  EXPECT_THAT(refusal(),
              testing::AllOf(testing::HasSubstr("allocator: no service has td9-imgcompNone-inpcomp50"),
                             testing::HasSubstr("td2-imgcompNone-inpcomp50")));
  config_.allocator = "exact";
  config_.frames_per_second = {{1, 10}, {2, 5}};
  config_.frame_rates = {2, 5};
  EXPECT_EQ(
      refusal(),
      "bandwidth_allocator_config: frame_rates: expected less than the 5 frames a second of camera 2, got 5");
}

TEST_F(BandwidthAllocatorTest, MotionPredictionIsRefusedForNoClientServesIt) {
  config_.service_id_list = {1, 6};
  EXPECT_NO_THROW(make_planner(config_)) << "of a model table 6 is one more camera";
  config_.parquet_eval_dir = folder_.path();
  try {
    make_planner(config_);
    FAIL() << "not refused";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("service_id_list: with parquet_eval_dir 6 is motion"));
  }
}

TEST_F(BandwidthAllocatorTest, ADecisionIsDescribedInALine) {
  Planner planner = make_planner(config_);
  LinkReport report;
  report.bandwidth_mbps = 10;
  report.rtt_ms = 40;
  report.rtt_source = "ping";
  EXPECT_EQ(
      describe(planner.decide(EventLoop::now(), report).value()),
      "1: td2-imgcompNone-inpcomp50 (needs 3.75 Mbps), 2: td2-imgcompNone-inpcomp50 (needs 3.75 Mbps); "
      "expected to bring more than the choice before, by over 3% of the gain over the vehicle alone; needs "
      "7.50 of 10.00 Mbps, RTT 40.0 ms (ping); utility 0.400, on the vehicle 0.200; next best utility 0.300 "
      "with 2: td1-imgcompNone-inpcompNone");
  EXPECT_THAT(describe(planner.decide(EventLoop::now(), report).value()),
              testing::HasSubstr("nothing else is expected to bring clearly more (3% of its gain"));
}

TEST_F(BandwidthAllocatorTest, BadRequestsAreAnsweredWithAnErrorAndChangeNothing) {
  start("40.0");
  ask(R"({"bw": 10, "rtt": 55})");
  const auto before = json::parse(ask(R"({"bw": 10, "rtt": 55})"))["model_config_map"];
  for (const char* wrong :
       {"", "{", "null", "[]", "7", "\"bw\"", R"({"bw": 10})", R"({"rtt": 10})", R"({"bw": "10", "rtt": 1})",
        R"({"bw": NaN, "rtt": 1})", R"({"bw": -1, "rtt": 1})", R"({"bw": 1, "rtt": -1})",
        R"({"bw": 1e300, "rtt": 1})", R"({"bw": 1e999, "rtt": 1})", R"({"bw": null, "rtt": 1})",
        R"({"bw": [1], "rtt": 1})", "\xff\xfe"})
    EXPECT_THAT(ask(wrong), testing::StartsWith("ERROR: ")) << wrong;
  EXPECT_THAT(ask(std::string(900'000, '[')), testing::StartsWith("ERROR: "));
  EXPECT_THAT(ask(R"({"bw": 1, "rtt": 1, "x": )" + std::string(60'000, '[') + "}"),
              testing::StartsWith("ERROR: "));
  EXPECT_EQ(json::parse(ask(R"({"bw": 10, "rtt": 55})"))["model_config_map"], before);
}

TEST_F(BandwidthAllocatorTest, SilencePutsEveryServiceOnTheVehicle) {
  start("40.0", milliseconds(30));
  while (to_clients_.size() < 2) turn();
  for (const std::string& message : to_clients_) {
    const auto answer = json::parse(message);
    EXPECT_EQ(answer["model_config_map"]["2"], "td1-imgcompNone-inpcompNone");
    EXPECT_EQ(answer["allocation_map"]["2"], 0);
  }
}

TEST_F(BandwidthAllocatorTest, AWrongTableIsAUsageError) {
  for (const char* rows : {"", "td2-imgcompNone-inpcomp50,0.3,30,0.4\n", "td1,0,40,0.2\n",
                           "td1-imgcompNone-inpcompNone,nan,1,1\n"}) {
    write_table(rows);
    EXPECT_THROW(make_planner(config_), UsageError) << rows;
  }
  config_.model_info_csv_path = folder_ / "none.csv";
  EXPECT_THROW(make_planner(config_), UsageError);
  config_.model_info_csv_path = folder_.path();
  EXPECT_THROW(make_planner(config_), UsageError);
}

}  // namespace
}  // namespace turbo
