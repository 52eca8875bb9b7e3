#include "core/utility/service.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbo {
namespace {

constexpr const char* kTable =
    "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
    "td1-imgcompNone-inpcompNone,0.00,40,0.20\n"
    "td1-imgcomp50-inpcompNone,0.5,40,0.99\n"
    "td2-imgcompNone-inpcomp50,0.30,30,0.40\n"
    "td2-imgcompNone-inpcomp50-fps4,0.30,30,0.35\n"
    "td2-imgcompNone-inpcomp50-fps5-roi50x50+0+0,0.10,30,0.33\n"
    "td2-imgcompNone-inpcompNone,60,30,0.97\n"
    "td2-imgcompNone-inpcompNone,14,31,0.60\n";

TEST(OptionsOf, TakesTheTableAsItIsMeant) {
  const auto options = options_of(parse_model_table(kTable, "t"), "td1", 5);
  ASSERT_EQ(options.size(),
            4u);  // no compressed on-vehicle model, no raw frame, no rate that is the camera's
  EXPECT_TRUE(options[0].on_vehicle);
  EXPECT_EQ(options[2].config, "td2-imgcompNone-inpcomp50-fps4");
  EXPECT_NEAR(options[2].duty, 0.8, 1e-12);
  EXPECT_EQ(options[3].size_megabits, 14);
  EXPECT_THROW(options_of(parse_model_table(kTable, "t"), "td9", 5), std::runtime_error);
}

std::vector<Service> good() {
  Service service{.id = 3, .options = options_of(parse_model_table(kTable, "t"), "td1", 5)};
  Service other = service;
  other.id = 4;
  return {service, other};
}

TEST(FaultIn, NamesEachMistakeInALine) {
  EXPECT_EQ(fault_in(good()), "");
  const auto fault = [](auto&& spoil) {
    auto services = good();
    spoil(services);
    return fault_in(services);
  };
  EXPECT_EQ(fault([](auto& s) { s[1].id = 3; }), "service 3: this id stands twice");
  EXPECT_EQ(fault([](auto& s) { s[1].options.clear(); }), "service 4: no configuration to choose from");
  EXPECT_EQ(fault([](auto& s) { s[0].options[0].on_vehicle = false; }),
            "service 3: no on-vehicle model among its configurations: name one");
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].on_vehicle = true; }),
            "service 3: more than one on-vehicle model among its configurations");
  EXPECT_EQ(fault([](auto& s) { s[0].options.push_back(s[0].options[1]); }),
            "service 3: td2-imgcompNone-inpcomp50 stands twice");
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].utility = std::nan(""); }),
            "service 3: td2-imgcompNone-inpcomp50: utility: expected 0 to 1");
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].size_megabits = HUGE_VAL; }),
            "service 3: td2-imgcompNone-inpcomp50: size: expected 0 to 10000 Mb");
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].size_megabits = 0; }),
            "service 3: td2-imgcompNone-inpcomp50: size: expected more than 0 Mb for what runs in the cloud");
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].runtime_ms = -1; }),
            "service 3: td2-imgcompNone-inpcomp50: run time: expected 0 to 600000 ms");
  EXPECT_EQ(fault([](auto& s) { s[0].weight = 0; }), "service 3: weight: expected 0.01 to 100");
  EXPECT_EQ(fault([](auto& s) { s[0].min_utility = 2; }), "service 3: least utility: expected 0 to 1");
  EXPECT_EQ(fault([](auto& s) { s[0].slo_ms = std::nan(""); }), "service 3: SLO: expected 1 to 600000 ms");
  EXPECT_NE(fault([](auto& s) { s[0].options[1].config = "td2"; }).find("model configuration"),
            std::string::npos);
  EXPECT_EQ(fault([](auto& s) { s[0].options[1].runtime_ms = HUGE_VAL; }), "");  // not to be chosen now
}

}  // namespace
}  // namespace turbo
