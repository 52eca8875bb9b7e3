#include "cloud/quic_server/asker_table.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(AskerTable, FindsWhoAskedOnce) {
  AskerTable table(3);
  EXPECT_TRUE(table.add(Time{}, 10, 1));
  EXPECT_TRUE(table.add(Time{}, 11, 2));
  EXPECT_TRUE(table.add(Time{}, 10, 1)) << "the same connection may ask again";
  EXPECT_EQ(table.size(), 2u);
  const auto asker = table.take(10);
  ASSERT_TRUE(asker);
  EXPECT_EQ(*asker, 1u);
  EXPECT_FALSE(table.take(10));
  EXPECT_TRUE(table.take(11));
}

TEST(AskerTable, AContextBelongsToOneConnectionUntilItIsAnswered) {
  AskerTable table;
  EXPECT_TRUE(table.add(Time{}, 10, 1));
  EXPECT_FALSE(table.add(Time{}, 10, 2));
  EXPECT_EQ(table.take(10), 1u);
  EXPECT_TRUE(table.add(Time{}, 10, 2));
  EXPECT_FALSE(table.add(Time{} + AskerTable::kLongestWait / 2, 10, 1));
  EXPECT_TRUE(table.add(Time{} + AskerTable::kLongestWait, 10, 1)) << "it will not be answered any more";
  table.forget(1);
  EXPECT_TRUE(table.add(Time{}, 10, 2));
}

TEST(AskerTable, IsBoundedAndForgetsConnections) {
  AskerTable table(3);
  for (std::uint64_t context = 0; context < 100; ++context) table.add(Time{}, context, context % 2 + 1);
  EXPECT_EQ(table.size(), 3u);
  EXPECT_FALSE(table.take(0));
  EXPECT_TRUE(table.take(99));
  table.forget(1);
  EXPECT_FALSE(table.take(98));
  EXPECT_TRUE(table.take(97));
}

}  // namespace
}  // namespace turbo
