#include "parquet/parquet_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  return names;
}

TEST(ParquetWriter, AFileCarriesWhatIsSaidOfItEvenWithoutRows) {
  const test::TemporaryFolder folder;
  const Database database;
  const FileMetadata metadata{{"shard", "2/8"}, {"it's", "a 'text', {}: \""}};
  ParquetWriter writer(database, folder / "t*[1].parquet", {{"i", ColumnType::kInt64}}, metadata);
  writer.finish();
  EXPECT_EQ(read_metadata(database, folder / "t*[1].parquet"), metadata);
  ParquetWriter plain(database, folder / "plain.parquet", {{"i", ColumnType::kInt64}});
  plain.finish();
  EXPECT_THAT(read_metadata(database, folder / "plain.parquet"), IsEmpty());
  EXPECT_THROW(read_metadata(database, folder / "none.parquet"), std::runtime_error);
}

TEST(ParquetWriter, ComesBackAsItWent) {
  const test::TemporaryFolder folder;
  const Database database;
  ParquetWriter writer(database, folder / "t.parquet",
                       {{"i", ColumnType::kInt64},
                        {"d \"x\"", ColumnType::kDouble, true},
                        {"b", ColumnType::kBool, true},
                        {"s", ColumnType::kString, true}});
  constexpr std::int64_t kRows = 10000;
  for (std::int64_t i = 0; i < kRows; ++i) {
    writer.put(i == 0 ? std::numeric_limits<std::int64_t>::min() : i);
    i % 5 == 0 ? writer.put_null() : writer.put(double(i) / 3);
    i % 7 == 0 ? writer.put_null() : writer.put(i % 2 == 0);
    i % 11 == 0 ? writer.put_null() : writer.put("text of some length " + std::to_string(i));
    writer.end_row();
  }
  EXPECT_EQ(writer.rows(), 10000u);
  writer.finish();
  auto result = database.query("SELECT * FROM " + parquet_source(folder / "t.parquet"));
  EXPECT_EQ(result.columns().at(1).name, "d \"x\"");
  std::int64_t i = 0;
  while (const Chunk* chunk = result.next())
    for (std::size_t row = 0; row < chunk->rows(); ++row, ++i) {
      ASSERT_EQ(chunk->int64s(0)[row], i == 0 ? std::numeric_limits<std::int64_t>::min() : i);
      ASSERT_EQ(chunk->is_null(1, row), i % 5 == 0);
      if (i % 5 != 0) {
        ASSERT_EQ(chunk->doubles(1)[row], double(i) / 3);
      }
      ASSERT_EQ(chunk->is_null(2, row), i % 7 == 0);
      if (i % 7 != 0) {
        ASSERT_EQ(chunk->bools(2)[row], i % 2 == 0);
      }
      ASSERT_EQ(chunk->is_null(3, row), i % 11 == 0);
      if (i % 11 != 0) {
        ASSERT_EQ(chunk->string(3, row), "text of some length " + std::to_string(i));
      }
    }
  EXPECT_EQ(i, kRows);
}

TEST(ParquetWriter, TheFileIsThereWholeOrNotAtAll) {
  const test::TemporaryFolder folder;
  const Database database;
  const std::filesystem::path file = folder / "t.parquet";
  std::ofstream(file) << "older";
  {
    ParquetWriter abandoned(database, file, {{"i", ColumnType::kInt64}});
    abandoned.put(1);
    abandoned.end_row();
  }
  std::string content;
  std::ifstream(file) >> content;
  EXPECT_EQ(content, "older");
  ParquetWriter writer(database, file, {{"i", ColumnType::kInt64}});
  writer.finish();
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("t.parquet"));
  auto result = database.query("SELECT i FROM " + parquet_source(file));
  EXPECT_EQ(result.next(), nullptr);  // no rows, but a table
}

TEST(ParquetWriter, SaysWhichFileCannotBeWritten) {
  const test::TemporaryFolder folder;
  const Database database;
  ParquetWriter writer(database, folder / "no/such/folder.parquet", {{"i", ColumnType::kInt64}});
  try {
    writer.finish();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no/such/folder.parquet: not written: "));
    EXPECT_THAT(error.what(), HasSubstr("No such file"));
  }
  std::filesystem::create_directory(folder / "taken.parquet");
  ParquetWriter taken(database, folder / "taken.parquet", {{"i", ColumnType::kInt64}});
  EXPECT_THROW(taken.finish(), std::runtime_error);
  EXPECT_THAT(names_in(folder / "taken.parquet"), IsEmpty());
}

TEST(ParquetWriter, RowsThatDoNotFitTheTableAreMistakes) {
  const test::TemporaryFolder folder;
  const Database database;
  ParquetWriter writer(database, folder / "t.parquet",
                       {{"i", ColumnType::kInt64}, {"d", ColumnType::kDouble}});
  EXPECT_THROW(writer.put(1.0), std::logic_error);
  EXPECT_THROW(writer.put_null(), std::logic_error);
  EXPECT_THROW(writer.end_row(), std::logic_error);
  writer.put(1);
  EXPECT_THROW(writer.finish(), std::logic_error);
  writer.put(1.0);
  EXPECT_THROW(writer.put(1), std::logic_error);
  writer.end_row();
  writer.finish();
  EXPECT_THROW(writer.finish(), std::logic_error);
  EXPECT_THROW(ParquetWriter(database, folder / "u.parquet", {}), std::logic_error);
}

TEST(ParquetWriter, TextThatIsNoUtf8IsRepaired) {
  const test::TemporaryFolder folder;
  const Database database;
  ParquetWriter writer(database, folder / "t.parquet", {{"s", ColumnType::kString}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"plain", "plain"},
      {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\x97", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\x97"},
      {"\xFF", "?"},
      {"a\xC3", "a?"},
      {"\xC0\x80", "??"},
      {"\xED\xA0\x80", "???"},
      {"\xF4\x90\x80\x80x", "????x"},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
      {"\xE2\x82", "??"}};
  for (const auto& [in, out] : cases) {
    writer.put(in);
    writer.end_row();
  }
  writer.finish();
  auto result = database.query("SELECT s FROM " + parquet_source(folder / "t.parquet"));
  const Chunk* chunk = result.next();
  ASSERT_NE(chunk, nullptr);
  ASSERT_EQ(chunk->rows(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(chunk->string(0, i), cases[i].second) << i;
}

TEST(ParquetWriter, ManyRowsNeedLittleMemory) {
  const test::TemporaryFolder folder;
  const Database database({.memory_limit_bytes = 80'000'000});
  ParquetWriter writer(database, folder / "t*.parquet",
                       {{"i", ColumnType::kInt64}, {"d", ColumnType::kDouble}});
  constexpr std::int64_t kRows = 6'000'000;  // 96 MB
  for (std::int64_t i = 0; i < kRows; ++i) {
    writer.put(i);
    writer.put(double(i) / 4);
    writer.end_row();
  }
  writer.finish();
  EXPECT_EQ(names_in(folder.path()).size(), 1u);
  auto result = database.query("SELECT i, d FROM " + parquet_source(folder / "t*.parquet"));
  std::int64_t i = 0;
  while (const Chunk* chunk = result.next())
    for (std::size_t row = 0; row < chunk->rows(); ++row, ++i) {
      ASSERT_EQ(chunk->int64s(0)[row], i);
      ASSERT_EQ(chunk->doubles(1)[row], double(i) / 4);
    }
  EXPECT_EQ(i, kRows);
}

}  // namespace
}  // namespace turbo
