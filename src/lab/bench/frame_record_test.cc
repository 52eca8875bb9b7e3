#include "lab/bench/frame_record.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using namespace std::chrono_literals;

std::vector<nlohmann::json> lines_of(const FrameRecord& record) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  record.write(file);
  std::fclose(file);
  std::vector<nlohmann::json> lines;
  for (const char* at = text; *at != '\0';) {
    const char* end = std::strchr(at, '\n');
    lines.push_back(nlohmann::json::parse(at, end));
    at = end + 1;
  }
  std::free(text);
  return lines;
}

TEST(FrameRecord, FollowsEachFrameByItsContextId) {
  FrameRecord record(2);
  const std::uint64_t first = record.hand_over(0, 10, Time(1ns)), second = record.hand_over(0, 11, Time(2ns));
  const std::uint64_t other = record.hand_over(1, 12, Time(3ns));
  record.arrived(second, Time(5ns));
  record.answered(second, Time(7ns));
  record.arrived(other, Time(6ns));
  const auto lines = lines_of(record);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(
      lines[0]["frame"],
      nlohmann::json::parse(R"({"service":0,"bytes":10,"handed_ns":1,"arrived_ns":0,"answered_ns":0})"));
  EXPECT_EQ(
      lines[1]["frame"],
      nlohmann::json::parse(R"({"service":0,"bytes":11,"handed_ns":2,"arrived_ns":5,"answered_ns":7})"));
  EXPECT_EQ(lines[2]["frame"]["service"], 1);
  EXPECT_EQ(lines[2]["frame"]["arrived_ns"], 6);
  EXPECT_NE(first, second);
  EXPECT_NE(first, other);
}

TEST(FrameRecord, IgnoresIdsThatNobodyGaveOut) {
  FrameRecord record(1);
  const std::uint64_t id = record.hand_over(0, 10, Time(1ns));
  for (const std::uint64_t unknown :
       {std::uint64_t{0}, id - 1, id + 1, std::uint64_t{5'000'001}, ~std::uint64_t{0}}) {
    record.arrived(unknown, Time(2ns));
    record.answered(unknown, Time(2ns));
  }
  EXPECT_EQ(lines_of(record)[0]["frame"]["arrived_ns"], 0);
}

TEST(FrameRecord, PassesOnWhatOthersSaid) {
  FrameRecord record(1);
  record.note("report", R"({"bw":7.5})", Time(9ns));
  EXPECT_EQ(lines_of(record)[0], nlohmann::json::parse(R"({"report":{"bw":7.5},"t_ns":9})"));
}

}  // namespace
}  // namespace turbo
