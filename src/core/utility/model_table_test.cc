#include "core/utility/model_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turbo {
namespace {

using testing::HasSubstr;

const std::string kHeader = "Model,Network Transport Size [Mb],Runtime [ms]";

std::string error_of(const std::string& text) {
  try {
    parse_model_table(text, "table.csv");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ModelTable, ReadsBothForms) {
  const auto plain = parse_model_table(kHeader + "\na-imgcompNone-inpcomp50,0.39,53.0\n", "t");
  EXPECT_FALSE(plain.has_utility);
  ASSERT_EQ(plain.rows.size(), 1u);
  EXPECT_DOUBLE_EQ(plain.rows[0].size_megabits, 0.39);
  EXPECT_DOUBLE_EQ(plain.rows[0].runtime_ms, 53);
  EXPECT_FALSE(plain.rows[0].utility);
  const auto ours = parse_model_table(
      "\xEF\xBB\xBF" + kHeader + ",Utility [AP]\r\na-imgcompNone-inpcomp50,0.39,53,0.25\r\n\r\n", "t");
  EXPECT_TRUE(ours.has_utility);
  EXPECT_EQ(ours.rows.at(0).utility, 0.25);
}

// As in the published table, where four models have this name twice.
TEST(ModelTable, KeepsTheRawFrameAndTheResizedInputApart) {
  const auto table =
      parse_model_table(kHeader +
                            "\nx-imgcompNone-inpcompNone,58.98,35.1\nx-imgcomp50-inpcompNone,1.89,80.9"
                            "\nx-imgcompNone-inpcompNone,14.16,43.2\n",
                        "t.csv");
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_TRUE(table.rows[0].raw_frame);
  EXPECT_FALSE(table.rows[1].raw_frame);
  EXPECT_FALSE(table.rows[2].raw_frame);
}

TEST(ModelTable, RefusesWithFileAndLine) {
  const std::string good = "x-imgcompNone-inpcomp50,1,2\n";
  EXPECT_THAT(error_of(""), HasSubstr("table.csv:0: empty"));
  EXPECT_THAT(error_of("Model,Size\n"), HasSubstr("table.csv:1: expected the header"));
  EXPECT_THAT(error_of(kHeader + "\n"), HasSubstr("no row"));
  for (const std::string row :
       {"x-imgcompNone-inpcomp75,nan,2", "x-imgcompNone-inpcomp75,inf,2", "x-imgcompNone-inpcomp75,-1,2",
        "x-imgcompNone-inpcomp75,1,-2", "x-imgcompNone-inpcomp75,1e300,2", "x-imgcompNone-inpcomp75,1,2,3",
        "x-imgcompNone-inpcomp75,1", "x-imgcompNone-inpcomp75,,2", "x-imgcompNone-inpcomp75, 1,2",
        "x-imgcompNone-inpcomp75,1x,2", "x-imgcompNone-inpcomp75,0x10,2", "x,1,2", ",,", "\x01\x02\x7f",
        "x-imgcompNone-inpcomp50,3,4"})
    EXPECT_THAT(error_of(kHeader + "\n" + good + row + "\n"), HasSubstr("table.csv:3: ")) << row;
  EXPECT_THAT(error_of(kHeader + ",Utility [AP]\nx-imgcompNone-inpcomp50,1,2,1.5\n"),
              HasSubstr("from 0 to 1"));
  EXPECT_EQ(error_of(kHeader + "\n" + good + "x-imgcompNone-inpcomp75,-5,2\n"),
            "table.csv:3: Network Transport Size [Mb]: expected a number from 0 to 10000, got \"-5\"");
  EXPECT_THAT(error_of(kHeader + "\nx-imgcompNone-inpcomp75,1,\x1b\n"), HasSubstr(", got \"?\""));
  EXPECT_THAT(error_of("Model,Size\n"), HasSubstr("; got \"Model,Size\""));
  EXPECT_THAT(error_of(kHeader + "\nx,1\n"), HasSubstr("2 columns; expected 3, got \"x,1\""));
  const std::string bare = "x-imgcompNone-inpcompNone,";
  EXPECT_THAT(error_of(kHeader + "\n" + bare + "1,2\n" + bare + "2,2\n" + bare + "3,2\n"),
              HasSubstr("already"));
  EXPECT_THAT(error_of(kHeader + "\n" + bare + "1,2\n" + bare + "1,2\n"), HasSubstr("already"));
}

}  // namespace
}  // namespace turbo
