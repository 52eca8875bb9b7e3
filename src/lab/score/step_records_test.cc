#include "lab/score/step_records.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

const std::string kLine =
    R"({"context_id":5,"service_id":2,"capture_unix_s":9.5,"source":"vehicle","offloaded":true,"in_time":true,)"
    R"("latency_ms":190,"received_ms":1,"sent_ms":null,"deadline_ms":200,"not_offloaded":null,"vehicle_runtime_ms":7})";

TEST(StepRecords, AreReadAndRefusedWhereTheyDoNotFit) {
  const auto read = parse_frame(kLine);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, (FrameName{2, 5}));
  EXPECT_EQ(read->deadline_ms, 200);
  EXPECT_EQ(read->vehicle_runtime_ms, 7);
  EXPECT_FALSE(read->sent_ms || read->remote_latency_ms);
  for (std::size_t cut = 0; cut < kLine.size(); ++cut) EXPECT_FALSE(parse_frame(kLine.substr(0, cut)));
  const std::string sent =
      R"({"context_id":5,"service_id":2,"unix_s":9.6,"end":"sent","after_ms":3,"waited_ms":1,"sent_bytes":7})";
  EXPECT_EQ(parse_send(sent)->waited_ms, 1);
  for (
      const char* line :
      {R"({"context_id":5,"service_id":2,"unix_s":9.6,"end":"sent","after_ms":3,"sent_bytes":7})",
       R"({"context_id":5,"service_id":2,"unix_s":1e300,"end":"sent","after_ms":3,"waited_ms":1,"sent_bytes":7})",
       R"({"context_id":-5,"service_id":2,"unix_s":9,"end":"sent","after_ms":3,"waited_ms":1,"sent_bytes":7})"})
    EXPECT_FALSE(parse_send(line)) << line;
  EXPECT_EQ(parse_cloud(R"({"context_id":5,"service_id":2,"unix_s":9,"step":"handed","after_ms":3})")->step,
            "handed");
  EXPECT_FALSE(parse_cloud(R"({"context_id":5,"service_id":2,"unix_s":"9","step":"handed","after_ms":3})"));
  EXPECT_EQ(parse_capacity(R"({"unix_s":9,"up":{"capacity_mbps":4,"queue_bytes":3}})")->mbps, 4);
  EXPECT_FALSE(parse_capacity(R"({"unix_s":9,"up":5})"));
  const auto decision = parse_diagnostic(
      R"({"plot_id":2,"timestamp":9,"model_config_map":{"1":"a","x":"b","3":4},"allocation_map":{"1":2.5}})");
  ASSERT_TRUE(decision && decision->decision && !decision->link);
  EXPECT_EQ(decision->decision->services.size(), 1u);
  EXPECT_EQ(decision->decision->services.at(1).mbps, 2.5);
  const auto whole = parse_diagnostic(
      R"({"plot_id":2,"timestamp":9,"model_config_map":{"1":"a"},"expected_utility":0.6,"likely_utility":0.5,)"
      R"("promised":0.85,"inputs":{"rtt_source":"ping","services":{"1":{"needed_bw":0.88}}},)"
      R"("runner_up":{"model_config_map":{"1":"b"},"expected_utility":0.4,"likely_utility":null}})");
  EXPECT_EQ(whole->decision->services.at(1).needed_mbps, 0.88);
  EXPECT_EQ(whole->decision->utility, 0.5);
  EXPECT_EQ(whole->decision->promised, 0.85);
  EXPECT_EQ(whole->decision->rtt_source, "ping");
  EXPECT_EQ(whole->decision->runner_up->configs.at(1), "b");
  EXPECT_EQ(whole->decision->runner_up->utility, 0.4);
  for (const char* odd : {R"("inputs":[],"runner_up":7)", R"("inputs":{"services":7},"runner_up":null)"})
    EXPECT_FALSE(parse_diagnostic(R"({"plot_id":2,"timestamp":9,"model_config_map":{"1":"a"},)" +
                                  std::string(odd) + "}")
                     ->decision->runner_up)
        << odd;
  const auto link = parse_diagnostic(
      R"({"plot_id":3,"service_id":1,"timestamp":9,"estimate":5,"rtt":50,"min_rtt":40,"connected":true,"cloud_ms":30})");
  ASSERT_TRUE(link && link->link && link->cloud_time);
  EXPECT_EQ(link->link->high_mbps, 5);
  EXPECT_EQ(link->cloud_time->cloud_ms, 30);
  EXPECT_FALSE(parse_diagnostic(R"({"plot_id":3,"service_id":2,"timestamp":9,"cloud_ms":null})")->cloud_time);
}

}  // namespace
}  // namespace turbo
