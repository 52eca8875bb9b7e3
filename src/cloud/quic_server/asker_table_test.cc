#include "cloud/quic_server/asker_table.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(AskerTable, FindsTheLatestAskerOnce) {
  AskerTable table(3);
  table.add(10, {1, 0});
  table.add(11, {1, 2});
  table.add(10, {2, 1});
  auto asker = table.take(10);
  ASSERT_TRUE(asker);
  EXPECT_EQ(asker->connection, 2u);
  EXPECT_EQ(asker->stream, 1u);
  asker = table.take(10);
  ASSERT_TRUE(asker);
  EXPECT_EQ(asker->connection, 1u);
  EXPECT_FALSE(table.take(10));
  EXPECT_TRUE(table.take(11));
}

TEST(AskerTable, IsBoundedAndForgetsConnections) {
  AskerTable table(3);
  for (std::uint64_t context = 0; context < 100; ++context) table.add(context, {context % 2 + 1, 0});
  EXPECT_EQ(table.size(), 3u);
  EXPECT_FALSE(table.take(0));
  EXPECT_TRUE(table.take(99));
  table.forget(1);
  EXPECT_FALSE(table.take(98));
  EXPECT_TRUE(table.take(97));
}

}  // namespace
}  // namespace turbo
