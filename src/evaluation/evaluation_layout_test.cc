#include "evaluation/evaluation_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(EvaluationLayout, NamesFilesAsPublished) {
  const auto name = [](const char* config, int size) {
    return evaluation_file(data_config(*parse_model_config(config)), size).string();
  };
  EXPECT_EQ(name("edd7x-imgcompNone-inpcompNone", 1),
            "efficientdet-d7x/efficientdet-d7x-window_size=1.parquet");
  EXPECT_EQ(name("edd7x-imgcompPNG-inpcompNone", 1),
            "efficientdet-d7x/efficientdet-d7x-window_size=1.parquet");
  EXPECT_EQ(name("edd2-imgcompNone-inpcompPNG-fps2", 1),
            "efficientdet-d2/efficientdet-d2-window_size=1.parquet");
  EXPECT_EQ(name("edd4-imgcomp75-inpcompNone", 50),
            "efficientdet-d4/efficientdet-d4-compress-image-75-window_size=50.parquet");
  EXPECT_EQ(name("edd4-imgcompNone-inpcomp95", 10),
            "efficientdet-d4/efficientdet-d4-compress-inputs-95-window_size=10.parquet");
  EXPECT_EQ(name("my-net-imgcompNone-inpcomp50-roi60x50+20+30", 10),
            "my-net/my-net-compress-inputs-50-roi60x50+20+30-window_size=10.parquet");
}

void touch(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << "x";
}

TEST(EvaluationLayout, FindsWhatItNamesAndNotesTheRest) {
  const test::TemporaryFolder folder;
  std::vector<std::string> names;
  for (const char* text :
       {"edd1-imgcompNone-inpcompNone", "edd1-imgcomp50-inpcompNone", "edd1-imgcompNone-inpcomp95",
        "my-net-imgcompNone-inpcompNone", "my-net-imgcompNone-inpcomp50-roi60x50+20+30"}) {
    names.emplace_back(text);
    for (const int size : {1, 50}) touch(folder.path() / evaluation_file(*parse_model_config(text), size));
  }
  std::filesystem::create_directories(folder / "pictures");
  touch(folder / "README");
  for (const char* name :
       {"efficientdet-d1-compress-image-60-window_size=1.parquet",
        "efficientdet-d1-compress-image-PNG-window_size=1.parquet", "efficientdet-d1-window_size=0.parquet",
        "efficientdet-d1-window_size=1.parquet.bak", "efficientdet-d1-window_size=01.parquet",
        "efficientdet-d1-compress-image-None-window_size=1.parquet",
        "efficientdet-d1-compress-inputs-None-window_size=1.parquet",
        "efficientdet-d1-compress-inputs-50-compress-inputs-50-window_size=1.parquet",
        "efficientdet-d1-window_size=99999999999999999999.parquet",
        "efficientdet-d1-roi200x5+0+0-window_size=1.parquet", "notes.txt", "-.parquet"})
    touch(folder / ("efficientdet-d1/" + std::string(name)));
  for (const char* text : {"edd1-imgcomp50-inpcompNone", "my-net-imgcompNone-inpcomp50-roi60x50+20+30"})
    for (const int size : {1, 50})
      touch(folder / ("my-net/x" + evaluation_file(*parse_model_config(text), size).filename().string()));
  touch(folder / "efficientdet-d1/.hidden");
  const auto files = list_evaluation_files(folder.path());
  std::vector<std::string> found;
  for (const auto& [config, by_window] : files.by_config) {
    found.push_back(config);
    EXPECT_EQ(by_window.size(), 2u) << config;
    EXPECT_EQ(by_window.at(50), folder.path() / evaluation_file(*parse_model_config(config), 50));
  }
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(names));
  EXPECT_THAT(
      files.notes,
      ElementsAre(folder / "efficientdet-d1: 12 files are not named as evaluation data "
                           "(-.parquet the first): left aside",
                  folder / "my-net: 2 files are named as data of xefficientdet-d1 "
                           "(xefficientdet-d1-compress-image-50-window_size=1.parquet the first): left aside",
                  folder / "my-net: 2 files are named as data of xmy-net "
                           "(xmy-net-compress-inputs-50-roi60x50+20+30-window_size=1.parquet the first): "
                           "left aside"));
}

std::string error_of(const std::filesystem::path& folder) {
  try {
    list_evaluation_files(folder);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(EvaluationLayout, AStrangersNameIsPrintedClean) {
  const test::TemporaryFolder folder;
  touch(folder / "efficientdet-d1/efficientdet-d1-window_size=1.parquet");
  touch(folder / "efficientdet-d1/a\n\x1b[2J");
  EXPECT_THAT(
      list_evaluation_files(folder.path()).notes,
      ElementsAre(folder / "efficientdet-d1: one file is not named as evaluation data (a??[2J): left aside"));
}

TEST(EvaluationLayout, RefusesWhatHoldsNoData) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path();
  EXPECT_EQ(error_of(folder / "none"), path + "/none: no such folder of evaluation data");
  EXPECT_EQ(error_of(folder.path()),
            path +
                ": no evaluation data; expected folders as efficientdet-d1, in them files as "
                "efficientdet-d1-window_size=1.parquet");
  touch(folder / "edd1/edd1-window_size=1.parquet");  // would be efficientdet-d1's
  EXPECT_THAT(error_of(folder.path()), HasSubstr(": no evaluation data; expected folders"));
}

}  // namespace
}  // namespace turbo
