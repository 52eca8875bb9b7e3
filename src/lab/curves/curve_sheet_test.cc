#include "lab/curves/curve_sheet.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace turbo::curves {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 60 ms are left under an RTT of 40: 10 Mbps for "s", 20 for "m"; "w" costs more than "m" and is worth less.
Service camera(int id) {
  return {.id = id,
          .options = {{"v-imgcompNone-inpcompNone", 0, 1, 0.2, true},
                      {"s-imgcompNone-inpcompNone", 0.6, 50, 0.3},
                      {"m-imgcompNone-inpcompNone", 1.2, 50, 0.45},
                      {"w-imgcompNone-inpcompNone", 1.8, 50, 0.4},
                      {"late-imgcompNone-inpcompNone", 0.1, 150, 0.9}}};
}

ServiceSet set_of(std::vector<Service> services) { return {"table.csv", std::move(services), {"a note"}}; }

TEST(CurveSheet, ServicesThatAreAlikeHaveOneCurve) {
  auto weighed = camera(2), patient = camera(3);
  weighed.weight = 5;
  patient.slo_ms = 250;
  const auto curves = make_curves(set_of({camera(1), weighed, patient}), {40, 80});
  std::vector<std::size_t> services;
  for (const auto& curve : curves) services.push_back(curve.service);
  EXPECT_THAT(services, ElementsAre(0, 0, 2, 2));
  EXPECT_EQ(curves[0].too_slow, 1u);
  EXPECT_EQ(curves[0].not_worth_it, 1u);
  EXPECT_EQ(curves[2].too_slow, 0u);
}

TEST(CurveSheet, TheTableHasTheStairsAndWhatIsNotAmongThem) {
  const auto set = set_of({camera(1), camera(4)});
  const auto text = table_of(set, make_curves(set, {40}));
  EXPECT_THAT(text, HasSubstr("services 1, 4, RTT 40 ms, SLO 150 ms\n"));
  EXPECT_THAT(text,
              HasSubstr("       0.00      10.00    0.2000   v-imgcompNone-inpcompNone (on the vehicle)\n"));
  EXPECT_THAT(text, HasSubstr("      20.00          -    0.4500   m-imgcompNone-inpcompNone\n"));
  EXPECT_THAT(text, HasSubstr("1 other needs"));
  EXPECT_THAT(text, HasSubstr("1 can't be in time"));
}

TEST(CurveSheet, FewerFramesNeedAsMuch) {
  auto slow = camera(1);
  slow.options[1].duty = 0.5;
  const auto set = set_of({slow});
  EXPECT_THAT(table_of(set, make_curves(set, {40})),
              HasSubstr("      10.00      20.00    0.3000   s-imgcompNone-inpcompNone\n"));
}

TEST(CurveSheet, JsonHasTheSame) {
  const auto set = set_of({camera(1), camera(4)});
  const auto json = nlohmann::json::parse(json_of(set, make_curves(set, {40})));
  ASSERT_EQ(json["curves"].size(), 1u);
  const auto& curve = json["curves"][0];
  EXPECT_EQ(curve["services"], nlohmann::json({1, 4}));
  EXPECT_EQ(curve["steps"].size(), 3u);
  EXPECT_NEAR(curve["steps"][1]["from_mbps"].get<double>(), 10, 1e-9);
  EXPECT_TRUE(curve["steps"][2]["to_mbps"].is_null());
  EXPECT_EQ(curve["steps"][0]["on_vehicle"], true);
}

TEST(CurveSheet, OneRttIsOnePanelSeveralAreAPanelAService) {
  auto patient = camera(2);
  patient.slo_ms = 250;
  const auto set = set_of({camera(1), patient});
  const auto one = figure_of(set, make_curves(set, {40}), {});
  ASSERT_EQ(one.panels.size(), 1u);
  EXPECT_EQ(one.panels[0].series.size(), 2u);
  EXPECT_EQ(one.panels[0].series[1].name, "service 2");
  const auto several = figure_of(set, make_curves(set, {10, 40, 80}), {});
  ASSERT_EQ(several.panels.size(), 2u);
  EXPECT_EQ(several.panels[1].title, "service 2");
  EXPECT_EQ(several.panels[1].series[2].name, "RTT 80 ms");
  EXPECT_THAT(several.panels[0].series[1].y, ElementsAre(0.2, 0.3, 0.45));
}

TEST(CurveSheet, PanelsShareTheirAxesAndAStepBeyondUplinksIsToldAndNotDrawn) {
  auto other = camera(2);
  other.slo_ms = 250;
  other.options[2].utility = 0.9;
  other.options.push_back({"raw-imgcompNone-inpcompNone", 320, 50, 0.95});  // 2000 Mbps under an RTT of 40
  const auto set = set_of({camera(1), other});
  const auto figure = figure_of(set, make_curves(set, {10, 40}), {.caption = "command"});
  ASSERT_EQ(figure.panels.size(), 2u);
  EXPECT_EQ(figure.panels[0].y.high, figure.panels[1].y.high);
  EXPECT_EQ(figure.panels[0].x.high, 300);
  EXPECT_THAT(figure.caption, HasSubstr("beyond 300 Mbps, up to 2000 Mbps"));
  const auto all = figure_of(set, make_curves(set, {10, 40}), {.caption = "command", .most_mbps = 2500});
  EXPECT_EQ(all.caption, "command");
}

TEST(CurveSheet, NothingButTheVehicleIsAFigureToo) {
  auto alone = camera(1);
  alone.options.resize(1);
  const auto set = set_of({alone});
  for (const bool log : {false, true}) {
    const auto figure = figure_of(set, make_curves(set, {40}), {.log = log});
    EXPECT_GT(*figure.panels[0].x.high, 0);
    EXPECT_LT(*figure.panels[0].x.low, *figure.panels[0].x.high);
    EXPECT_TRUE(!log || *figure.panels[0].x.low > 0);
  }
}

}  // namespace
}  // namespace turbo::curves
