#include "vehicle/bandwidth_allocator/report_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turbo {
namespace {

std::string refusal(const std::string& text) {
  std::string error;
  const auto report = parse_link_report(text, error);
  EXPECT_EQ(report.has_value(), error.empty()) << text;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  return error;
}

std::string of_service(const std::string& members) {
  return R"({"bw": 1, "rtt": 1, "services": {"1": {)" + members + "}}}";
}

TEST(ReportParser, ReadsAllThatTheQuicClientSays) {
  std::string error;
  const auto report = parse_link_report(
      R"({"bw": 12.5, "rtt": 40, "bw_low": 11, "bw_high": 14, "min_rtt": 38, "app_limited": true,
          "connected": true, "services": {
            "2": {"config": null, "finished": 0, "in_time": 0, "frame_bytes": null},
            "1": {"config": "td2-imgcompNone-inpcomp50", "finished": 5, "in_time": 4,
                  "all_finished": 7, "all_in_time": 4,
                  "frame_bytes": {"p50": 50000, "p95": 60000}, "server_ms": {"p50": 20, "p95": 30.5},
                  "cloud_ms": {"p50": 22, "p95": 33}, "more": ["is", "ignored"]}}})",
      error);
  ASSERT_TRUE(report) << error;
  EXPECT_EQ(report->bandwidth_mbps, 12.5);
  EXPECT_EQ(report->rtt_ms, 40);
  EXPECT_EQ(report->low_mbps, 11);
  EXPECT_EQ(report->high_mbps, 14);
  EXPECT_TRUE(report->app_limited);
  EXPECT_TRUE(report->connected);
  ASSERT_EQ(report->services.size(), 2u);
  const ServiceReport& one = report->services[0];
  EXPECT_EQ(one.service_id, 1);
  EXPECT_EQ(one.config, "td2-imgcompNone-inpcomp50");
  EXPECT_EQ(one.finished, 5);
  EXPECT_EQ(one.in_time, 4);
  EXPECT_EQ(one.all_finished, 7);
  EXPECT_EQ(one.all_in_time, 4);
  EXPECT_EQ(one.frame_bytes->p95, 60000);
  EXPECT_EQ(one.server_ms->p50, 20);
  EXPECT_EQ(one.cloud_ms->p95, 33);
  EXPECT_EQ(report->services[1].config, "");
  EXPECT_FALSE(report->services[1].frame_bytes);
}

TEST(ReportParser, TheSmallestReportIsTheReferences) {
  std::string error;
  const auto report = parse_link_report(R"({"bw": 3, "rtt": 0})", error);
  ASSERT_TRUE(report) << error;
  EXPECT_TRUE(report->connected);
  EXPECT_FALSE(report->app_limited);
  EXPECT_FALSE(report->low_mbps);
  EXPECT_TRUE(report->services.empty());
}

TEST(ReportParser, RefusesWithALineThatNamesTheMember) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal(""), HasSubstr("JSON object"));
  EXPECT_THAT(refusal("[]"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal("{"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(R"({"bw": NaN, "rtt": 1})"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(std::string(70'000, ' ')), HasSubstr("64 KiB"));
  EXPECT_THAT(refusal(std::string(60'000, '[')), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(R"({"rtt": 1})"), HasSubstr("bw: expected a number"));
  EXPECT_THAT(refusal(R"({"bw": 1})"), HasSubstr("rtt: expected a number"));
  for (const char* wrong : {"-1", "1e300", "1e999", "\"1\"", "[1]", "true", "{}"}) {
    for (const char* key : {"bw", "rtt", "bw_low", "bw_high", "min_rtt"}) {
      std::string text = R"({"bw": 1, "rtt": 1, "bw_low": 1, "bw_high": 1, "min_rtt": 1})";
      const std::string member = std::string("\"") + key + "\": ";
      text.replace(text.find(member) + member.size(), 1, wrong);
      EXPECT_NE(refusal(text), "") << text;
    }
  }
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "bw_low": 3, "bw_high": 2})"), HasSubstr("bw_low"));
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "connected": 1})"), HasSubstr("connected: expected true"));
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "bw": 2})"), HasSubstr("twice: bw"));
}

TEST(ReportParser, RefusesServicesThatAreNone) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "services": []})"), HasSubstr("services: expected"));
  for (const char* id : {"", "x", "-1", "1001", "01", "1.0", "99999999999999", "1\\n", "\\u00e9"})
    EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "services": {")" + std::string(id) + R"(": {}}})"),
                HasSubstr("a service's id"));
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "services": {"1": {}, "1": {}}})"), HasSubstr("twice: 1"));
  EXPECT_THAT(refusal(R"({"bw": 1, "rtt": 1, "services": {"1": 7}})"), HasSubstr("services.1"));
  EXPECT_THAT(refusal(of_service(R"("config": "td2")")), HasSubstr("services.1.config"));
  EXPECT_THAT(refusal(of_service(R"("config": 7)")), HasSubstr("services.1.config"));
  EXPECT_THAT(refusal(of_service(R"("finished": -1)")), HasSubstr("services.1.finished"));
  EXPECT_THAT(refusal(of_service(R"("finished": 1.5)")), HasSubstr("services.1.finished"));
  EXPECT_THAT(refusal(of_service(R"("finished": 18446744073709551615)")), HasSubstr("services.1.finished"));
  EXPECT_THAT(refusal(of_service(R"("finished": 1, "in_time": 2)")), HasSubstr("services.1.in_time"));
  EXPECT_THAT(refusal(of_service(R"("all_finished": 1, "all_in_time": 2)")),
              HasSubstr("services.1.all_in_time"));
  EXPECT_THAT(refusal(of_service(R"("all_in_time": 2)")), HasSubstr("services.1.all_in_time"));
  EXPECT_THAT(refusal(of_service(R"("server_ms": 7)")), HasSubstr("services.1.server_ms"));
  EXPECT_THAT(refusal(of_service(R"("server_ms": {"p50": 1})")), HasSubstr("services.1.server_ms.p95"));
  EXPECT_THAT(refusal(of_service(R"("cloud_ms": {"p50": 2, "p95": 1})")), HasSubstr("services.1.cloud_ms"));
  EXPECT_THAT(refusal(of_service(R"("frame_bytes": {"p50": 1, "p95": 1e999})")), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(of_service(R"("frame_bytes": {"p50": 1, "p95": 1e99})")), HasSubstr("frame_bytes.p95"));
}

}  // namespace
}  // namespace turbo
