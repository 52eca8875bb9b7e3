#include "lab/service_set/number_option.h"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kIds[] = {1, 2, 6};
constexpr NumberRange kMs{1, 1000, "ms"};

std::vector<double> read(const std::string& text) {
  return per_service("--slo", text, kIds, {150, 150, 250}, kMs);
}

std::string refusal(const std::string& text) {
  try {
    read(text);
    return "taken";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(PerService, ANumberForAllAndOthersForSome) {
  EXPECT_THAT(read("200"), ElementsAre(200, 200, 200));
  EXPECT_THAT(read("1=90"), ElementsAre(90, 150, 250));
  EXPECT_THAT(read("100,6=250.5,1=90"), ElementsAre(90, 100, 250.5));
}

TEST(PerService, WhatIsWrongIsNamed) {
  EXPECT_THAT(refusal("7=100"), HasSubstr("\"7\"; there are 1, 2, 6"));
  EXPECT_THAT(refusal("1=100,1=200"), HasSubstr("service 1 stands twice"));
  EXPECT_THAT(refusal("1=100,200"), HasSubstr("comes first"));
  for (const char* wrong : {"", "x", ",", "1=", "=5", "100,", "1=2=3", "150 ", "1e", "--5", "one=5"})
    EXPECT_THAT(refusal(wrong), HasSubstr("--slo: ")) << wrong;
  for (const char* wrong : {"nan", "inf", "-inf", "0", "-5", "1001", "6=nan", "100,1=1e300"})
    EXPECT_THAT(refusal(wrong), HasSubstr("expected 1 to 1000 ms, not ")) << wrong;
  EXPECT_LT(refusal(std::string(100000, '1') + "x").size(), 200u);
}

TEST(RequireWithin, TakesNothingThatIsNoNumber) {
  EXPECT_NO_THROW(require_within("--rtt", 0, {0, 10, "ms"}));
  EXPECT_NO_THROW(require_within("--rtt", 10, {0, 10, "ms"}));
  for (const double wrong : {-1e-9, 10.1, std::nan(""), HUGE_VAL, -HUGE_VAL})
    EXPECT_THROW(require_within("--rtt", wrong, {0, 10, "ms"}), std::invalid_argument) << wrong;
}

}  // namespace
}  // namespace turbo
