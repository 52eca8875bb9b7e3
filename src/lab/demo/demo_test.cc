#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "lab/demo/child.h"
#include "lab/demo/http_get.h"
#include "lab/demo/link_follower.h"
#include "lab/demo/live_status.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kHistory = R"({"now":100,"next":9,"keep_s":300,"refused":0,"requests":[
  {"t":90,"service_id":1,"source":"none"},
  {"t":99,"service_id":1,"source":"remote","latency_ms":80,"model_config":"td2-imgcompNone-inpcomp50"},
  {"t":99.2,"service_id":1,"source":"remote","latency_ms":90,"model_config":"td2-imgcompNone-inpcomp75"},
  {"t":99.4,"service_id":1,"source":"vehicle","latency_ms":150,"model_config":"td2-imgcompNone-inpcomp75"},
  {"t":99,"service_id":2,"source":"none"}],
  "traffic":[{"t":99,"service_id":1,"snd_rate":3.25}],
  "allocations":[{"t":98,"available_bw":1},{"t":99,"available_bw":12.5,"rtt":41,"allocation_map":{"1":4.5,"2":0}}]})";

LiveStatus status_of(const std::string& answer) {
  RecentHistory history;
  history.take(answer);
  return history.status();
}

TEST(LiveStatus, is_made_from_the_last_seconds) {
  const LiveStatus status = status_of(kHistory);
  ASSERT_EQ(status.cameras.size(), 2u);
  const CameraStatus& one = status.cameras.at(1);
  EXPECT_EQ(one.model_config, "td2-imgcompNone-inpcomp75");
  EXPECT_EQ(one.from_cloud, 2);
  EXPECT_EQ(one.from_vehicle, 1);
  EXPECT_EQ(one.without_result, 0);
  EXPECT_EQ(one.latency_ms, 90);
  EXPECT_EQ(one.sent_mbps, 3.25);
  EXPECT_EQ(one.allocated_mbps, 4.5);
  EXPECT_EQ(status.cameras.at(2).without_result, 1);
  EXPECT_EQ(status.estimate_mbps, 12.5);
  EXPECT_EQ(status.rtt_ms, 41);
}

TEST(LiveStatus, grows_and_forgets_with_every_answer) {
  RecentHistory history;
  history.take(kHistory);
  EXPECT_EQ(history.next(), 9u);
  history.take(R"({"now":104.3,"next":10,"requests":[{"t":104,"service_id":1,"source":"remote"}]})");
  EXPECT_EQ(history.next(), 10u);
  const LiveStatus status = history.status();
  ASSERT_EQ(status.cameras.size(), 1u);
  EXPECT_EQ(status.cameras.at(1).from_cloud, 1);
  EXPECT_EQ(status.cameras.at(1).from_vehicle, 1);
  EXPECT_EQ(status.estimate_mbps, 12.5);
}

TEST(LiveStatus, says_which_cameras_are_silent) {
  RecentHistory history;
  EXPECT_THAT(history.silent({1, 2}), ElementsAre(1, 2));
  history.take(kHistory);
  EXPECT_THAT(history.silent({1, 3}), ElementsAre(3));
  history.take(R"({"now":120,"next":10})");
  EXPECT_THAT(history.silent({1, 3}), ElementsAre(1, 3));
}

TEST(LiveStatus, leaves_out_what_is_not_as_expected) {
  for (const char* answer :
       {"", "x", "[]", "7", R"({"requests":7,"traffic":{},"allocations":[4]})",
        R"({"requests":[1,{"service_id":-4,"t":1}]})", R"({"requests":[{"service_id":1e30,"t":99}]})",
        R"({"allocations":[{"allocation_map":[],"available_bw":"much"}]})", R"({"next":-1e300})"}) {
    const LiveStatus status = status_of(answer);
    EXPECT_TRUE(status.cameras.empty()) << answer;
    EXPECT_FALSE(status.estimate_mbps) << answer;
  }
}

TEST(LiveStatus, is_shown_as_a_block_of_80_columns_or_a_line) {
  LiveStatus status = status_of(kHistory);
  status.capacity_mbps = 14.04;
  const DemoClock clock{12.2, 60, "http://localhost:5000"};
  const auto block = status_block(status, clock, false);
  ASSERT_EQ(block.size(), 5u);
  for (const auto& line : block) {
    EXPECT_LE(line.size(), 80u) << line;
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(block[0], HasSubstr("12 of 60 s"));
  EXPECT_THAT(block[1], HasSubstr("capacity 14.0 Mbps   estimate 12.5 Mbps   RTT 41 ms"));
  EXPECT_THAT(block[3],
              HasSubstr("td2-imgcompNone-inpcomp75        4.5    3.2     90       2        1     0"));
  EXPECT_THAT(status_block(status, clock, true)[0], HasSubstr("\x1b[1m"));
  EXPECT_THAT(status_line(status, clock),
              HasSubstr("camera 1 td2-imgcompNone-inpcomp75 sends 3.2 Mbps, p50 90 ms; last 5 s: cloud 2, "
                        "vehicle 1 frames"));
}

TEST(LiveStatus, a_long_configuration_keeps_its_column) {
  LiveStatus status = status_of(kHistory);
  status.cameras.at(1).model_config = "td2-imgcompNone-inpcomp75-fps2.5-roi100x35+0+35";
  const std::string row = status_block(status, {}, false)[3];
  EXPECT_LE(row.size(), 80u) << row;
  EXPECT_THAT(row, HasSubstr("td2-inpcomp75-fps2.5-roi100x3    4.5"));
  status.cameras.at(1).model_config = "td2-imgcompNone-inpcomp75-roi100x35+0+35";
  EXPECT_THAT(status_block(status, {}, false)[3], HasSubstr("td2-inpcomp75-roi100x35+0+35     4.5"));
}

TEST(HttpGet, takes_only_a_whole_good_answer) {
  EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}"), "{}");
  EXPECT_EQ(body_of("HTTP/1.0 404 Not Found\r\n\r\n{}"), std::nullopt);
  EXPECT_EQ(body_of("HTTP/1.0 200 OK\r\n"), std::nullopt);
  EXPECT_EQ(body_of("garbage"), std::nullopt);
  EXPECT_EQ(http_get("localhost", 1, "/", std::chrono::milliseconds(100)), std::nullopt);
}

class Folder : public testing::Test {
 protected:
  Folder() { std::filesystem::create_directories(folder_); }
  ~Folder() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return folder_ / name; }
  void append(const std::string& text) const { std::ofstream(file("f"), std::ios::app) << text; }
  std::string wait_for_end(Child& child) const {
    while (child.running()) std::this_thread::yield();
    return child.why();
  }
  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("turbo-demo-" + std::to_string(getpid()));
};

TEST_F(Folder, follows_whole_lines_only) {
  LineFollower follower(file("f"));
  std::vector<std::string> seen;
  const auto read = [&] { follower.read([&](const std::string& line) { seen.push_back(line); }); };
  read();
  append("one\ntw");
  read();
  EXPECT_THAT(seen, ElementsAre("one"));
  append("o\n");
  read();
  read();
  EXPECT_THAT(seen, ElementsAre("one", "two"));
}

TEST_F(Folder, follows_the_links_capacity) {
  LinkFollower link(file("f"));
  append("{\"command\":\"turbo-link\"}\n{\"t_s\":0.1,\"up\":{\"capacity_mbps\":50}}\nbroken\n");
  link.read();
  EXPECT_TRUE(link.started());
  link.start_count();
  append("{\"t_s\":0.2,\"up\":{\"capacity_mbps\":10}}\n{\"t_s\":0.3,\"up\":{\"capacity_mbps\":20}}\n");
  link.read();
  EXPECT_DOUBLE_EQ(link.mean_mbps(), 15);
  EXPECT_NEAR(*link.recent_mbps(), 80.0 / 3, 1e-9);
}

TEST_F(Folder, a_child_is_named_with_why_it_ended) {
  Child good({"good", {"/bin/true"}, file("log")});
  EXPECT_EQ(wait_for_end(good), "exit status 0");
  EXPECT_TRUE(good.ended_well());
  Child bad({"bad", {"/bin/sh", "-c", "echo early; echo it broke; exit 3"}, file("log")});
  EXPECT_EQ(wait_for_end(bad), "exit status 3: it broke");
  EXPECT_FALSE(bad.ended_well());
  Child absent({"absent", {"/no/such/program"}, file("log")});
  EXPECT_THAT(wait_for_end(absent), HasSubstr("/no/such/program cannot be started"));
}

TEST_F(Folder, a_child_stops_when_asked_and_is_killed_when_not_wanted_any_more) {
  Child asked({"asked", {"/bin/sleep", "1000"}, file("log")});
  EXPECT_TRUE(asked.running());
  asked.ask_to_stop();
  wait_for_end(asked);
  EXPECT_TRUE(asked.ended_well());
  Child killed({"killed", {"/bin/sleep", "1000"}, file("log")});
  killed.kill_it();
  EXPECT_THAT(killed.why(), HasSubstr("signal 9"));
  EXPECT_FALSE(killed.ended_well());
}

}  // namespace
}  // namespace turbo
