#include "parquet/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "parquet/parquet_writer.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::HasSubstr;

std::string error_of(const Database& database, const std::string& sql) {
  try {
    auto result = database.query(sql);
    while (result.next() != nullptr) {
    }
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Database, GivesColumnsByTypeInChunks) {
  const Database database;
  auto result = database.query(
      "SELECT i, i * 0.5::DOUBLE AS half, i % 2 = 0 AS even, CASE WHEN i % 3 > 0 THEN repeat('ab', i::INT % "
      "20) END AS s "
      "FROM range(100000) t(i)");
  ASSERT_EQ(result.columns().size(), 4u);
  EXPECT_EQ(result.columns()[1].name, "half");
  EXPECT_EQ(result.columns()[3].type, ColumnType::kString);
  std::int64_t expected = 0;
  int chunks = 0;
  while (const Chunk* chunk = result.next()) {
    ++chunks;
    for (std::size_t row = 0; row < chunk->rows(); ++row, ++expected) {
      ASSERT_EQ(chunk->int64s(0)[row], expected);
      ASSERT_EQ(chunk->doubles(1)[row], double(expected) / 2);
      ASSERT_EQ(chunk->bools(2)[row], expected % 2 == 0);
      ASSERT_EQ(chunk->is_null(3, row), expected % 3 == 0);
      ASSERT_FALSE(chunk->is_null(0, row));
      if (expected % 3 == 0) continue;
      std::string text;
      for (int i = 0; i < expected % 20; ++i) text += "ab";
      ASSERT_EQ(chunk->string(3, row), text);
    }
  }
  EXPECT_EQ(expected, 100000);
  EXPECT_GT(chunks, 10);
  EXPECT_EQ(result.next(), nullptr);
}

TEST(Database, RefusesTheWrongTypeInsteadOfReadingIt) {
  const Database database;
  auto result = database.query("SELECT 1::BIGINT AS a");
  const Chunk* chunk = result.next();
  ASSERT_NE(chunk, nullptr);
  EXPECT_THROW(chunk->doubles(0), std::logic_error);
  EXPECT_THROW(chunk->int64s(1), std::logic_error);
  EXPECT_EQ(error_of(database, "SELECT 1::INTEGER AS a"),
            "column a of the query is of a type that must be cast");
}

TEST(Database, ErrorsAreOneClearLine) {
  const test::TemporaryFolder folder;
  const Database database;
  EXPECT_THAT(error_of(database, "SELEC 1"), HasSubstr("syntax error"));
  EXPECT_THAT(error_of(database, "SELECT x FROM nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(error_of(database, "SELECT 1; SELECT 2"), HasSubstr("multiple statements"));
  EXPECT_THAT(error_of(database, "SELECT CAST('x' AS BIGINT) AS a"), HasSubstr("Could not convert"));
  std::ofstream(folder / "text.parquet") << "no Parquet at all, but long enough for a footer";
  EXPECT_THAT(error_of(database, "FROM " + parquet_source(folder / "text.parquet")),
              HasSubstr("No magic bytes"));
  EXPECT_THAT(error_of(database, "FROM " + parquet_source(folder / "none.parquet")),
              HasSubstr("No files found"));
  for (const char* sql : {"SELEC 1", "SELECT x FROM nowhere"})
    EXPECT_EQ(error_of(database, sql).find('\n'), std::string::npos);
}

TEST(Database, StaysUnderItsMemoryLimit) {
  const Database database({.memory_limit_bytes = 20'000'000});
  EXPECT_THAT(error_of(database,
                       "SELECT count(*) FROM (SELECT DISTINCT i, repeat('x', 100) FROM range(3000000) t(i))"),
              HasSubstr("Out of Memory"));
  EXPECT_EQ(error_of(database, "SELECT sum(i)::DOUBLE FROM range(3000000) t(i)"), "");
}

TEST(Database, ReadsExactlyTheFileOfThatName) {
  const test::TemporaryFolder folder;
  const Database database;
  for (const std::string name :
       {"a'b.parquet", "gl*b.parquet", "what?.parquet", "[abc].parquet", "k=v.parquet", "\"q\".parquet",
        "a\\b.parquet", "  .parquet", "http:.parquet"}) {
    const std::filesystem::path file = folder / name;
    ParquetWriter writer(database, file, {{"name", ColumnType::kString}});
    writer.put(name);
    writer.end_row();
    writer.finish();
    auto result = database.query("SELECT * FROM " + parquet_source(file));
    const Chunk* chunk = result.next();
    ASSERT_NE(chunk, nullptr) << name;
    EXPECT_EQ(chunk->string(0, 0), name);
    EXPECT_EQ(result.columns().size(), 1u) << name;
    std::filesystem::remove(file);
  }
  std::ofstream(folder / "globe.parquet") << "another one";
  EXPECT_THAT(error_of(database, "FROM " + parquet_source(folder / "glob*.parquet")),
              HasSubstr("No files found"));
}

TEST(Database, SaysWhichPathsItCannotOpen) {
  for (const char* name : {"a\\b*.parquet", "e\\x[a]/b.parquet", "\\?.parquet"}) {
    try {
      parquet_source(name);
      ADD_FAILURE() << name;
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(),
                   "DuckDB opens no path with both a backslash and one of * ? [ in it; rename it");
    }
  }
}

TEST(Database, ADamagedFileIsAnErrorWhereverItBreaks) {
  const test::TemporaryFolder folder;
  const Database database({.memory_limit_bytes = std::size_t{1} << 30});
  const std::filesystem::path file = folder / "a.parquet";
  ParquetWriter writer(database, file, {{"a", ColumnType::kInt64}, {"b", ColumnType::kDouble}});
  for (std::int64_t i = 0; i < 400000; ++i) {
    writer.put(i * i);
    writer.put(1.0 / double(i + 1));
    writer.end_row();
  }
  writer.finish();
  {
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(std::streamoff(std::filesystem::file_size(file) * 3 / 4));
    damaged << std::string(100000, 'x');
  }
  // The first row groups are whole: the error comes after some chunks, and must not look like an end.
  EXPECT_THAT(error_of(database, "SELECT a, b FROM " + parquet_source(file)), HasSubstr("a.parquet"));
}

// No thread of DuckDB's may be at work on a connection that is closed before its rows are read to the end.
TEST(Database, HasNoThreadsOfItsOwn) {
  const auto threads = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  const auto before = threads();
  const Database database;
  auto result = database.query("SELECT i FROM range(10000000) t(i)");
  ASSERT_NE(result.next(), nullptr);
  EXPECT_EQ(threads(), before);
}

TEST(Database, ManyThreadsMayQueryAtOnce) {
  const Database database;
  std::vector<std::thread> threads;
  std::vector<std::int64_t> sums(4);
  for (std::size_t i = 0; i < sums.size(); ++i)
    threads.emplace_back([&, i] {
      auto result = database.query("SELECT i FROM range(50000) t(i)");
      while (const Chunk* chunk = result.next())
        for (const auto value : chunk->int64s(0)) sums[i] += value;
    });
  for (auto& thread : threads) thread.join();
  for (const auto sum : sums) EXPECT_EQ(sum, 50000ll * 49999 / 2);
}

}  // namespace
}  // namespace turbo
