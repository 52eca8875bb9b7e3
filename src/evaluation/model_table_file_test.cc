#include "evaluation/model_table_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string refusal(const std::string& path) {
  try {
    read_model_table(path, "name one");
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

TEST(ModelTableFile, IsReadAndWhatIsWrongInItNamed) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "t.csv";
  std::ofstream(path) << "Model,Network Transport Size [Mb],Runtime [ms]\nv-imgcompNone-inpcompNone,0,5\n";
  EXPECT_EQ(read_model_table(path, "").rows.size(), 1u);
  std::ofstream(path) << "Model,Network Transport Size [Mb],Runtime [ms]\nv-imgcompNone-inpcompNone,x,5\n";
  EXPECT_THAT(refusal(path), HasSubstr(path));
}

TEST(ModelTableFile, WhatIsNoneOrTooLargeIsNotRead) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(refusal(folder / "none.csv"), (folder / "none.csv") + ": there is no such file; name one");
  EXPECT_THAT(refusal(std::string(5000, 'a')), EndsWith(": there is no such file; name one"));
  const std::string pipe = folder / "pipe.csv", large = folder / "large.csv";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::ofstream(large).flush();
  std::filesystem::resize_file(large, (1 << 20) + 1);
  for (const std::string& path : {pipe, large, std::string("/dev/zero")})
    EXPECT_EQ(refusal(path), path + ": no file of at most 1 MiB; name one");
}

}  // namespace
}  // namespace turbo
