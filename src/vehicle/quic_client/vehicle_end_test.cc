#include "vehicle/quic_client/vehicle_end.h"

#include <gtest/gtest.h>

#include <fstream>

#include "vehicle/quic_client/vehicle_end_fixture_test.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;
using test::request;
using test::VehicleEndTest;

TEST_F(VehicleEndTest, CarriesRequestsToTheCloudAndAnswersBack) {
  start_end();
  start_client();
  start_cloud();
  connect();
  for (std::uint64_t context = 1; context <= 5; ++context) {
    const Buffer sent = request(context, 50'000);
    client_->post(EventLoop::now(), context, sent);
    run_until([&] { return answered_.size() == context; });
    ASSERT_EQ(cloud_->requests.size(), context);
    const auto& got = cloud_->requests.back();
    EXPECT_EQ(got.header.context_id, context);
    EXPECT_EQ(got.header.service_id, 1);
    EXPECT_LE(got.header.budget_us, 30'000'000u);
    EXPECT_GT(got.header.budget_us, 10'000'000u);
    EXPECT_EQ(got.payload, *sent);
    EXPECT_EQ(answered_.back(), context);
  }
}

TEST_F(VehicleEndTest, AnswersGarbageOfAClientWithAReason) {
  start_end();
  start_client();
  EXPECT_EQ(ask({"x"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(ask({"1", "2", "3"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(ask({"1", "9999999999"}).rfind("ERROR: ", 0), 0u);
  const auto put = [&](const Buffer& message) {
    EXPECT_TRUE(write_message(given_->file(), *message));
    return std::to_string(message->size());
  };
  EXPECT_EQ(ask({"8", put(request(7, 100))}), "ERROR: the message is of another context id than the notice");
  EXPECT_EQ(ask({"7", put(request(7, 100, 2))}), "ERROR: the message is of another service");
  const Buffer cut = request(7, 100);
  cut->resize(cut->size() - 1);
  EXPECT_EQ(ask({"7", put(cut)}), "ERROR: the image is not as long as its header says");
  const Buffer broken = request(7, 100);
  std::fill(broken->begin() + 4, broken->begin() + 40, std::uint8_t{0xff});
  EXPECT_EQ(ask({"7", put(broken)}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(ask({"7", put(request(7, 100))}), "ACK")
      << "without a connection a request is taken, and grows stale";
}

TEST_F(VehicleEndTest, HoldsAServiceToItsAllocationWhereTheLeftoverIsWithheld) {
  config_.share_leftover = false;
  start_end();
  start_client();
  start_cloud();
  start_allocator(R"({"allocation_map": {"1": 2.0, "2": 1.0}, "expected_utility": 0})");
  start_plotter();
  connect();
  run_until([&] { return !shown_.empty() && shown_.back()["max_limit"] == 1.0; });
  const Time asked = EventLoop::now();
  client_->post(asked, 1, request(1, 125'000));
  run_until([&] { return cloud_->requests.size() == 1; });
  const double took = seconds(cloud_->requests[0].at - asked);
  EXPECT_GT(took, 0.36) << "a million bits at 2 Mbps, less a bucket of 100 ms";
}

TEST_F(VehicleEndTest, AFrameThatCannotBeInTimeIsGivenUpAndTheNextGoes) {
  config_.share_leftover = false;
  start_end();
  start_client();
  start_cloud();
  start_allocator(R"({"allocation_map": {"1": 2.0, "2": 1.0}, "expected_utility": 0})");
  start_plotter();
  connect();
  run_until([&] { return !shown_.empty() && shown_.back()["max_limit"] == 1.0; });
  const Time deadline = EventLoop::now() + 500ms;
  client_->post(EventLoop::now(), 1, request(1, 250'000, 1, deadline));  // a second's worth
  run_until([&] { return client_->delivered() == 1; });
  run_until([&] { return EventLoop::now() > deadline + 50ms; });
  client_->post(EventLoop::now(), 2, request(2, 10'000));
  run_until([&] { return !answered_.empty(); });
  EXPECT_EQ(answered_, std::vector<std::uint64_t>{2});
  run_until([&] {
    return std::any_of(shown_.begin(), shown_.end(), [](const auto& message) {
      return message["service_id"] == 1 && message["frames_sent"] == 1 &&
             message["frames_cancelled"].template get<int>() +
                     message["frames_hopeless"].template get<int>() ==
                 1;
    });
  });
  end_.reset();
  std::ifstream log(folder_ + "/frames.jsonl");
  std::vector<std::pair<int, std::string>> ends;
  for (std::string line; std::getline(log, line);) {
    const auto end = nlohmann::json::parse(line);
    ends.emplace_back(end["context_id"], end["end"]);
    EXPECT_EQ(end["waited_ms"].is_null(), end["end"] == "hopeless") << line;
  }
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_EQ(ends[0].first, 1);
  EXPECT_TRUE(ends[0].second == "cancelled" || ends[0].second == "hopeless") << ends[0].second;
  EXPECT_EQ(ends[1], (std::pair<int, std::string>(2, "sent")));
  EXPECT_EQ(ends[2], (std::pair<int, std::string>(2, "answered")));
}

TEST_F(VehicleEndTest, TellsTheAllocatorAndOutlivesItsSilenceAndItsNonsense) {
  start_end();
  start_client();
  start_cloud();
  start_plotter();
  start_allocator(R"({"allocation_map": {"1": 4.0}})");
  connect();
  run_until([&] { return reports_.size() >= 3 && reports_.back()["connected"] == true; });
  EXPECT_GT(reports_.back()["bw"].get<double>(), 0);
  EXPECT_TRUE(reports_.back()["rtt"].is_number());
  const auto limit_of_1 = [&] {
    for (auto it = shown_.rbegin(); it != shown_.rend(); ++it)
      if ((*it)["service_id"] == 1) return (*it)["max_limit"].get<double>();
    return -1.0;
  };
  run_until([&] { return limit_of_1() == 4.0; });
  allocator_.reset();  // silent
  const std::size_t seen = shown_.size();
  run_until([&] { return shown_.size() > seen + 8; });
  EXPECT_EQ(limit_of_1(), 4.0) << "the last decision stays";
  start_allocator("nonsense");
  const std::size_t asked = reports_.size();
  run_until([&] { return reports_.size() > asked + 2; });
  EXPECT_EQ(limit_of_1(), 4.0);
  start_allocator(R"({"allocation_map": {"1": 1.5}})");
  run_until([&] { return limit_of_1() == 1.5; });
}

TEST_F(VehicleEndTest, ShowsEachServicesTraffic) {
  start_end();
  start_plotter();
  const auto of_service = [&](int id) {
    return std::find_if(shown_.begin(), shown_.end(), [&](const auto& m) { return m["service_id"] == id; });
  };
  run_until([&] { return of_service(1) != shown_.end() && of_service(2) != shown_.end(); });
  for (const auto& message : shown_) {
    EXPECT_EQ(message["plot_id"], 3);
    for (const char* key : {"service_id", "timestamp", "max_limit", "snd_rate", "recv_rate"})
      EXPECT_TRUE(message[key].is_number()) << key;
  }
  EXPECT_TRUE(of_service(1)->contains("cloud_ms"));
  EXPECT_TRUE(of_service(1)->contains("estimate"));
  EXPECT_TRUE(of_service(2)->contains("cloud_ms"));
}

TEST_F(VehicleEndTest, ACloudThatComesLateGetsOnlyWhatIsFresh) {
  config_.slo_timeout = 100ms;
  start_end();
  start_client();
  std::uint64_t context = 0;
  const auto post_next = [&] {
    ++context;
    client_->post(EventLoop::now(), context, request(context, 10'000));
  };
  // On a busy machine these may grow stale, too: one after the other until one is answered.
  const auto is_served = [&] {
    const std::uint64_t last = context;
    run_until([&] {
      if (!client_->busy()) post_next();
      return !answered_.empty() && answered_.back() > last;
    });
  };
  for (int i = 0; i < 3; ++i) post_next();
  run_until([&] { return !client_->busy(); });
  const Time later = EventLoop::now() + config_.slo_timeout + 50ms;
  run_until([&] { return EventLoop::now() > later; });
  start_cloud();
  connect();
  is_served();
  for (const auto& got : cloud_->requests) EXPECT_GT(got.header.context_id, 3u);
  // Restarted, with the same key:
  cloud_.reset();
  start_cloud();
  connect();
  is_served();
}

TEST_F(VehicleEndTest, AServiceTheCloudRefusesTakesNoOtherAlong) {
  config_.enable_junk_service = true;
  start_end();
  start_client();
  start_cloud();
  cloud_->refuses = 2;
  connect();
  Region other(config_.services[1].client_incoming_shm, 1'000'000);
  MessageOutbox other_client(process_.ipc(), loop(), config_.services[1].client_outgoing_sockname,
                             config_.services[1].client_incoming_shm, 1s, nullptr);
  const auto round_trip = [&](std::uint64_t context) {
    client_->post(EventLoop::now(), context, request(context, 10'000));
    run_until([&] { return !answered_.empty() && answered_.back() == context; });
  };
  round_trip(1);  // behind the refusal
  other_client.post(EventLoop::now(), 20, request(20, 10'000, 2));
  run_until([&] { return other_client.delivered() == 1; });
  round_trip(2);
  EXPECT_EQ(cloud_->requests.size(), 2u) << "none of the refused service";
  const std::size_t probes = cloud_->junk.size();
  run_until([&] { return cloud_->junk.size() > probes; });
  cloud_.reset();
  start_cloud();  // this one serves both
  connect();
  other_client.post(EventLoop::now(), 21, request(21, 10'000, 2));
  run_until([&] { return !cloud_->requests.empty(); });
  EXPECT_EQ(cloud_->requests[0].header.context_id, 21u);
}

TEST_F(VehicleEndTest, ProbesAnIdleLinkWithJunk) {
  config_.enable_junk_service = true;
  const Time begun = EventLoop::now();
  start_end();
  start_cloud();
  connect();
  run_until([&] { return cloud_->junk.size() >= 4; });
  EXPECT_EQ(cloud_->junk[0].header.service_id, kJunkServiceId);
  EXPECT_GE(cloud_->junk[0].header.length_bytes, 10'000u);
  EXPECT_LE(cloud_->junk[0].header.length_bytes, 50'000u);
  EXPECT_GE(cloud_->junk[3].at - begun, 150ms) << "at least 50 ms between two that are sent";
}

}  // namespace
}  // namespace turbo
