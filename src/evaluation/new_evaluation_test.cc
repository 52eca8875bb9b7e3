#include "evaluation/new_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <stdexcept>
#include <string>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

void put_model(const NewEvaluation& made) {
  std::filesystem::create_directory(made.path() / "m");
  std::ofstream(made.path() / "m" / "file") << "x";
}

std::string refusal(const std::filesystem::path& folder) {
  try {
    const NewEvaluation made(folder);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "taken";
}

TEST(NewEvaluation, HasItsNameOnlyWhenItIsWhole) {
  const test::TemporaryFolder folder;
  NewEvaluation made(folder / "a/set/");  // as a shell completes it
  put_model(made);
  EXPECT_THAT(names_in(folder / "a"), ElementsAre(".set.part"));
  EXPECT_EQ(made.finish("table"), folder / "a/set/model_info.csv");
  EXPECT_THAT(names_in(folder / "a"), ElementsAre("set"));
  EXPECT_THAT(names_in(folder / "a/set"), ElementsAre("m", "model_info.csv"));
}

TEST(NewEvaluation, AnEmptyFolderIsFilledAndNotReplaced) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "set");
  {
    NewEvaluation made(folder / "set");
    put_model(made);
    EXPECT_THAT(names_in(folder / "set"), ElementsAre(".part"));
  }
  EXPECT_THAT(names_in(folder / "set"), IsEmpty());
  NewEvaluation made(folder / "set");
  put_model(made);
  made.finish("table");
  EXPECT_THAT(names_in(folder / "set"), ElementsAre("m", "model_info.csv"));
}

TEST(NewEvaluation, NothingIsLeftOfOneThatDidNotEnd) {
  const test::TemporaryFolder folder;
  {
    const NewEvaluation made(folder / "set");
    put_model(made);
  }
  EXPECT_THAT(names_in(folder / ""), IsEmpty());
}

TEST(NewEvaluation, RefusesWhatItCannotMake) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT(refusal(folder / "file"), HasSubstr("file is there already and not an empty folder"));
  EXPECT_THAT(refusal(folder / ""), HasSubstr("is there already and not an empty folder"));
  EXPECT_THAT(refusal(""), HasSubstr("is there already and not an empty folder"));
  EXPECT_THAT(refusal(folder / "file/set"), HasSubstr("file/set: "));
  NewEvaluation one(folder / "set");
  EXPECT_THAT(refusal(folder / "set"), HasSubstr(".set.part is there already"));
  one.finish("table");
  EXPECT_THAT(refusal(folder / "set"), HasSubstr("set is there already and not an empty folder"));
}

}  // namespace
}  // namespace turbo
