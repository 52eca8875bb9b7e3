#include "lab/link/delivery_trace.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/temporary_folder.h"

namespace turbo {
namespace {

DeliveryTrace trace_of(const std::string& text) {
  std::istringstream in(text);
  return parse_delivery_trace(in, "t");
}

std::string trace_error(const std::string& text) {
  try {
    trace_of(text);
  } catch (const LinkConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(DeliveryTrace, is_read_and_measured) {
  const auto trace = trace_of("0\n0\r\n7\n10\n");
  EXPECT_EQ(trace.opportunities_ms, (std::vector<std::uint32_t>{0, 0, 7, 10}));
  EXPECT_DOUBLE_EQ(trace.mean_bps(), 4.8e6);
}

TEST(DeliveryTrace, says_which_line_is_wrong) {
  EXPECT_EQ(trace_error(""), "t:1: expected at least one line, found none");
  EXPECT_EQ(trace_error("1\n2\nx\n"), "t:3: expected a time in whole milliseconds, 0 to 86400000, found 'x'");
  EXPECT_EQ(trace_error("1\n\n2\n"), "t:2: expected a time in whole milliseconds, 0 to 86400000, found ''");
  EXPECT_NE(trace_error("1\n2.5\n").find("t:2: "), std::string::npos);
  EXPECT_NE(trace_error("-1\n").find("t:1: "), std::string::npos);
  EXPECT_NE(trace_error("99999999999\n").find("t:1: "), std::string::npos);
  EXPECT_EQ(trace_error("5\n4\n"), "t:2: expected a time not before the previous line's 5, found 4");
  EXPECT_EQ(trace_error("0\n0\n"), "t:2: expected a last time over 0, at which the trace starts over");
  EXPECT_EQ(trace_error(std::string("\x1b[31m\0", 6)),
            "t:1: expected a time in whole milliseconds, 0 to 86400000, found '?[31m?'");
}

TEST(DeliveryTrace, what_is_no_file_or_too_large_is_not_read) {
  const test::TemporaryFolder folder;
  const std::string pipe = folder / "pipe.trace", large = folder / "large.trace";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::ofstream(large).flush();
  std::filesystem::resize_file(large, (512 << 20) + 1);
  for (const std::string& path : {large, std::string("/dev/zero"), pipe}) try {
      load_delivery_trace(path);
      FAIL() << path;
    } catch (const LinkConfigError& error) {
      EXPECT_EQ(error.what(), path + ": no file of at most 512 MiB");
    }
}

}  // namespace
}  // namespace turbo
