// What the experiments read from a command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "lab/experiments/command_line.h"
#include "lab/experiments/grid.h"
#include "lab/experiments/named_utilities.h"
#include "lab/experiments/test_scenario.h"

namespace turbo::experiments {
namespace {

using ::testing::ElementsAre;

TEST(Grid, NumbersAndRanges) {
  EXPECT_THAT(parse_grid("--x", {"0.5", "1:3:1", "10:11:0.5"}, 0, 100),
              ElementsAre(0.5, 1, 2, 3, 10, 10.5, 11));
  EXPECT_THAT(parse_grid("--x", {"0:0.3:0.1"}, 0, 1).size(), 4u);
  EXPECT_THROW(parse_grid("--x", {"1:3:1", "2"}, 0, 100), std::invalid_argument);
  for (const char* wrong :
       {"", "x", "1:", "1:2", "1:2:0", "2:1:1", "1:2:3:4", "nan", "inf", "1,2", "-1", "101", "0:100:0.001"})
    EXPECT_THROW(parse_grid("--x", {wrong}, 0, 100), std::invalid_argument) << wrong;
}

TEST(Lists, RefuseWhatStandsTwice) {
  EXPECT_NO_THROW(refuse_repeats("--x", std::vector<std::string>{"a", "b", "aa"}));
  EXPECT_THROW(refuse_repeats("--x", std::vector<std::string>{"a", "b", "a"}), std::invalid_argument);
  EXPECT_THROW(refuse_repeats("--x", std::vector<double>{5, 5.0}), std::invalid_argument);
}

TEST(FixedConfiguration, IsOneOfAService) {
  const std::vector<Service> services{test_camera(1)};
  EXPECT_NO_THROW(check_fixed({"exact", "fixed:s-imgcompNone-inpcomp50"}, services));
  try {
    check_fixed({"exact", "fixed:x-imgcompNone-inpcomp50"}, services);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "--allocator: no service has x-imgcompNone-inpcomp50; there are "
                 "l-imgcompNone-inpcomp50, s-imgcompNone-inpcomp50, v-imgcompNone-inpcompNone");
  }
}

TEST(Shard, IsAPartOfHowMany) {
  EXPECT_TRUE(parse_shard("").holds(17));
  const Shard second = parse_shard("2/3");
  EXPECT_FALSE(second.holds(0));
  EXPECT_TRUE(second.holds(1));
  EXPECT_TRUE(second.holds(4));
  for (const char* wrong : {"0/3", "4/3", "1", "1/", "/2", "a/b", "1/2x", "-1/2"})
    EXPECT_THROW(parse_shard(wrong), std::invalid_argument) << wrong;
}

TEST(Utilities, AModelsOwnAndWhatItsCompressionChanges) {
  ModelTable table = parse_model_table(
      "Model,Network Transport Size [Mb],Runtime [ms]\n"
      "v-imgcompNone-inpcompNone,0,30\nc-imgcompNone-inpcomp50,0.4,50\nc-imgcomp95-inpcompNone,4,60\n",
      "table");
  give_utilities(table, {"v=0.3", "c=0.5", "50=-0.02"});
  EXPECT_DOUBLE_EQ(*table.rows[0].utility, 0.3);
  EXPECT_DOUBLE_EQ(*table.rows[1].utility, 0.48);
  EXPECT_DOUBLE_EQ(*table.rows[2].utility, 0.5);
  EXPECT_THROW(give_utilities(table, {"v=0.3", "c=0.5"}), std::invalid_argument) << "it has some now";
  table.has_utility = false;
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"v=0.3"},
                                             {"v=0.3", "c=2"},
                                             {"v=0.3", "c=0.5", "c=0.6"},
                                             {"v=0.3", "c=0.5", "d=0.6"},
                                             {"v=0.3", "c"},
                                             {"v=0.3", "c=x"},
                                             {"v=0.3", "c=nan"}})
    EXPECT_THROW(give_utilities(table, wrong), std::invalid_argument);
}

TEST(TextTable, StandsInColumnsWithoutThoseThatSayNothing) {
  EXPECT_EQ(text_table({{"name", "tries %", "utility"}, {"a", "-", "0.5"}, {"long", "-", "-"}}, 1),
            "name  utility\n"
            "a         0.5\n"
            "long        -\n");
}

}  // namespace
}  // namespace turbo::experiments
