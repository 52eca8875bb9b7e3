#include "vehicle/quic_client/allocation_reply.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(AllocationReply, GivesRatesInBitsPerSecondAndChoices) {
  std::string error;
  const auto rates = parse_allocation(
      R"({"allocation_map": {"1": 2.5, "2": 0, "7": 10}, "expected_utility": 0.4, "model_config_map":
          {"1": "td2-imgcompNone-inpcomp50-fps2", "2": "td1-imgcompNone-inpcompNone", "9": "x-imgcompNone-inpcompPNG"}})",
      error);
  ASSERT_TRUE(rates) << error;
  const double none = std::numeric_limits<double>::infinity();
  EXPECT_EQ(*rates, (std::map<int, ServiceAllocation>{
                        {1, {2.5e6, none, "td2-imgcompNone-inpcomp50-fps2", "td2-imgcompNone-inpcomp50"}},
                        {2, {0, 0, "td1-imgcompNone-inpcompNone", "td1-imgcompNone-inpcompNone"}},
                        {7, {1e7, none, "", ""}}}));
}

TEST(AllocationReply, MayLimitAServiceAboveItsAllocation) {
  std::string error;
  const auto rates = parse_allocation(
      R"({"allocation_map": {"1": 2, "2": 0}, "limit_map": {"1": 3, "2": 4, "9": 1}})", error);
  ASSERT_TRUE(rates) << error;
  EXPECT_EQ(*rates, (std::map<int, ServiceAllocation>{{1, {2e6, 3e6, "", ""}}, {2, {0, 0, "", ""}}}));
}

TEST(AllocationReply, RefusesWhatIsNone) {
  for (const char* text :
       {"", "ERROR: no", "[]", "{}", R"({"allocation_map": []})", R"({"allocation_map": {"x": 1}})",
        R"({"allocation_map": {"1": "2"}})", R"({"allocation_map": {"1": -1}})",
        R"({"allocation_map": {"1": 1e300}})", R"({"allocation_map": {"1": null}})",
        R"({"allocation_map": {}, "limit_map": 3})", R"({"allocation_map": {}, "limit_map": {"1": -3}})",
        R"({"allocation_map": {"1x": 2}})", R"({"allocation_map": {}, "model_config_map": []})",
        R"({"allocation_map": {}, "model_config_map": {"1": 5}})",
        R"({"allocation_map": {}, "model_config_map": {"1": "td2"}})",
        R"({"allocation_map": {}, "model_config_map": {"": "td2-imgcompNone-inpcomp50"}})"}) {
    std::string error;
    EXPECT_FALSE(parse_allocation(text, error)) << text;
    EXPECT_FALSE(error.empty()) << text;
  }
}

}  // namespace
}  // namespace turbo
