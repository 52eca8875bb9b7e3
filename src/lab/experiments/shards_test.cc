#include "lab/experiments/shards.h"

#include <gmock/gmock.h>

#include "lab/experiments/identity.h"
#include "lab/experiments/links.h"
#include "lab/experiments/result_rows.h"
#include "tests/temporary_folder.h"

namespace turbo::experiments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Shards : public testing::Test {
 protected:
  // A sweep's file with a row for this shard's scenario and each of the policies.
  void write(const std::string& name, const std::string& shard, const std::vector<std::string>& policies,
             double mbps = 10, const Identity& identity = {{"data", "1"}, {"fps", "10"}}) {
    std::vector<SweepRow> rows;
    for (const std::string& policy : policies)
      rows.push_back({.scenario = shard, .policy = policy, .allocator = "exact", .point = {mbps, 40, 150}});
    files_.push_back(folder_ / name);
    write_parquet(results_of(rows, Origin{.identity = text_of(identity)}), files_.back(), shard);
  }

  std::vector<std::string> missing() const { return missing_shards(files_); }

  const test::TemporaryFolder folder_;
  std::vector<std::filesystem::path> files_;
};

TEST_F(Shards, AllThereOrNoneAtAllIsNothingToTell) {
  write("whole", "", {"static"});
  EXPECT_THAT(missing(), IsEmpty());
  for (const char* shard : {"2/3", "1/3", "3/3"}) write(std::string("part") + shard[0], shard, {"static"});
  EXPECT_THAT(missing(), IsEmpty());
}

TEST_F(Shards, TheMissingAreNamed) {
  for (const char* shard : {"1/9", "3/9", "9/9"}) write(std::string("part") + shard[0], shard, {"static"});
  EXPECT_THAT(missing(), ElementsAre(HasSubstr("shards 2, 4 to 8 of 9 of the sweep are missing")));
  write("other", "2/2", {"live"});
  EXPECT_THAT(missing(), ElementsAre(HasSubstr("shard 1 of 2 of the sweep is missing"), HasSubstr("of 9")));
}

TEST_F(Shards, AnEmptyOneIsThere) {
  write("a", "1/3", {"static"});
  write("b", "2/3", {"static"});
  write("c", "3/3", {});
  EXPECT_THAT(missing(), IsEmpty());
}

TEST_F(Shards, OfEachPolicyTheyAreCountedByThemselves) {
  write("a", "1/2", {"static", "scenario"});
  write("b", "2/2", {"static", "scenario"});
  write("c", "1/2", {"live"});
  EXPECT_THAT(
      missing(),
      ElementsAre(HasSubstr("shard 2 of 2 of the sweep is missing for policy live, allocator exact")));
}

TEST_F(Shards, OneThatStandsTwiceIsRefusedWithItsFiles) {
  write("a", "1/2", {"static"});
  write("b", "2/2", {"static"});
  write("c", "1/2", {"static"}, 20);
  EXPECT_THAT(missing(), IsEmpty()) << "another part of the grid";
  write("d", "2/2", {"static"});
  try {
    missing();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("shard 2 of 2 of the sweep stands twice: in "));
    EXPECT_THAT(error.what(), HasSubstr((folder_ / "b") + " and in " + (folder_ / "d")));
  }
}

TEST_F(Shards, OfDifferentExperimentsAreRefusedWithTheirFilesAndWhatDiffers) {
  write("a", "1/2", {"static"});
  write("b", "2/2", {"static"}, 10, {{"data", "2"}, {"fps", "5"}});
  try {
    missing();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), (folder_ / "a") + " and " + (folder_ / "b") +
                                " are shards of different sweeps: --fps 10 and 5");
  }
}

TEST_F(Shards, WhatOptionsSayOfTheSameDataIsNoDifference) {
  write("a", "1/2", {"static"});
  write("b", "2/2", {"static"}, 10, {{"data", "1"}, {"fps", "10.0"}, {"weight", "1=1"}});
  EXPECT_THAT(missing(), IsEmpty());
}

TEST(Identity, DiffersHoweverFarBehindAndSaysWhere) {
  std::string many;
  for (int i = 100; i < 200; ++i) many += std::to_string(i) + ",";
  EXPECT_EQ(first_difference({{"x", many + "7,9"}}, {{"x", many + "8,9"}}), "--x ...7,9 and ...8,9");
  EXPECT_EQ(first_difference({{"x", "\x1b[2J"}}, {}), "--x ?[2J and none");
  EXPECT_EQ(first_difference({{"x", many}}, {{"x", many}}), "");
}

TEST(Identity, OfLinksIsWhatTheyCarryInAnyOrder) {
  const auto link = [](const char* name, std::vector<std::uint32_t> times) {
    return NamedLink{
        {.name = name, .trace = std::make_shared<const DeliveryTrace>(DeliveryTrace{std::move(times)})},
        std::chrono::seconds(5)};
  };
  const std::vector<NamedLink> two{link("a", {1, 2}), link("b", {3})},
      same{link("b", {3}), link("a", {1, 2})}, other{link("a", {1, 3}), link("b", {3})};
  EXPECT_EQ(identity_of(two), identity_of(same));
  EXPECT_NE(identity_of(two), identity_of(other));
}

TEST_F(Shards, NamesOutOfAFileStandInOneLineOrAreDamage) {
  write("a", "1/2", {"li\x1b\nve"});
  EXPECT_THAT(missing(), ElementsAre(HasSubstr("shard 2 of 2")));
  for (const std::string& name : {std::string("li\nve"), std::string(5'000'000, 'x')}) {
    write("b", "", {name});
    try {
      read_rows({files_.back()});
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("damaged: column policy has the name "));
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
      EXPECT_LT(std::string(error.what()).size(), 500u);
    }
  }
}

TEST_F(Shards, AFileThatIsNoneOfOursIsNamed) {
  write("a", "first/2", {"static"});
  EXPECT_THROW(missing(), std::runtime_error);
  files_ = {folder_ / "none"};
  EXPECT_THROW(missing(), std::runtime_error);
}

TEST(Ranges, AreShort) {
  EXPECT_EQ(ranges_text({}), "");
  EXPECT_EQ(ranges_text({1, 2, 4, 6, 7, 8}), "1, 2, 4, 6 to 8");
}

}  // namespace
}  // namespace turbo::experiments
