#include "lab/service_set/service_set.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::HasSubstr;

constexpr const char* kTable =
    "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
    "v-imgcompNone-inpcompNone,0,5,0.2\n"
    "m-imgcompNone-inpcomp50,1.2,50,0.45\n";

class ServiceSetTest : public testing::Test {
 protected:
  ServiceOptions with(const std::string& text) {
    std::ofstream(folder_ / "table.csv") << text;
    ServiceOptions options;
    options.curves = folder_ / "table.csv";
    return options;
  }

  static std::string refusal(const ServiceOptions& options) {
    try {
      read_services(options);
      return "taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
      return error.what();
    }
  }

  test::TemporaryFolder folder_;
};

TEST_F(ServiceSetTest, EveryServiceHasItsOwnNumbers) {
  auto options = with(kTable);
  options.services = {1, 6};
  options.slo = "150,6=250";
  options.weights = "1=3";
  options.min_utility = "0.3";
  options.frame_rates = {5};
  const auto set = read_services(options);
  ASSERT_EQ(set.services.size(), 2u);
  EXPECT_EQ(set.services[1].slo_ms, 250);
  EXPECT_EQ(set.services[0].weight, 3);
  EXPECT_EQ(set.services[1].weight, 1);
  EXPECT_EQ(set.services[1].min_utility, 0.3);
  ASSERT_EQ(set.services[0].options.size(), 3u);
  EXPECT_TRUE(set.services[0].options[0].on_vehicle);
  EXPECT_EQ(set.services[0].options[2].config, "m-imgcompNone-inpcomp50-fps5");
  EXPECT_EQ(set.services[0].options[2].duty, 0.5);
}

TEST_F(ServiceSetTest, WhereNoServiceIsNamedTheyAreTheFrontCameras) {
  const auto set = read_services(with(kTable));
  ASSERT_EQ(set.services.size(), 3u);
  EXPECT_EQ(set.services[2].id, 3);
}

TEST_F(ServiceSetTest, ATableWithoutUtilitiesSaysWhatToDo) {
  const auto why =
      refusal(with("Model,Network Transport Size [Mb],Runtime [ms]\nv-imgcompNone-inpcompNone,0,5\n"));
  EXPECT_THAT(why, HasSubstr("no column \"Utility [AP]\""));
  EXPECT_THAT(why, HasSubstr("turbo-profile"));
}

TEST_F(ServiceSetTest, TheOnVehicleModelIsFoundOrAskedFor) {
  const std::string none =
      "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\nm-imgcompNone-inpcomp50,1.2,50,0.45\n";
  EXPECT_THAT(refusal(with(none)), HasSubstr("no row of size 0"));
  EXPECT_THAT(
      refusal(with(std::string(kTable) + "w-imgcompNone-inpcompNone,0,5,0.3\n")),
      HasSubstr("more than one model of size 0 (v, w); name the on-vehicle model with --onvehicle-model"));
  auto options = with(std::string(kTable) + "w-imgcompNone-inpcompNone,0,5,0.3\n");
  options.onvehicle_model = "w";
  EXPECT_TRUE(read_services(options).services[0].options.back().on_vehicle);
  options.onvehicle_model = "nobody";
  EXPECT_THAT(refusal(options), HasSubstr("nobody-imgcompNone-inpcompNone"));
}

TEST_F(ServiceSetTest, FilesThatAreNoTableAreNamed) {
  ServiceOptions options;
  options.curves = folder_ / "nowhere.csv";
  EXPECT_THAT(refusal(options), HasSubstr("nowhere.csv: there is no such file"));
  EXPECT_THAT(refusal(with("")), HasSubstr("table.csv:0: empty"));
  EXPECT_THAT(refusal(with(std::string(kTable) + "m-imgcomp60-inpcompNone,1,1,0.5\n")),
              HasSubstr("table.csv:4: "));
  EXPECT_THAT(refusal(with(std::string(kTable) + "x-imgcomp50-inpcompNone,nan,1,0.5\n")),
              HasSubstr("table.csv:4: "));
  EXPECT_THAT(refusal(with(std::string(2 << 20, 'x'))), HasSubstr("at most 1 MiB"));
}

TEST_F(ServiceSetTest, WrongNumbersAreRefused) {
  auto options = with(kTable);
  options.services = {1, 1};
  EXPECT_THAT(refusal(options), HasSubstr("stands twice"));
  options.services = {1, -2};
  EXPECT_THAT(refusal(options), HasSubstr("--services: expected ids of 1 and above"));
  options = with(kTable);
  options.weights = "0";
  EXPECT_THAT(refusal(options), HasSubstr("--weights: expected 0.01 to 100"));
  options = with(kTable);
  options.frame_rates = {-1};
  EXPECT_THAT(refusal(options), HasSubstr("--frame-rates"));
  options.frame_rates = {5};
  options.staleness_cost = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(refusal(options), HasSubstr("--staleness-cost"));
}

}  // namespace
}  // namespace turbo
