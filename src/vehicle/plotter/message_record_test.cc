#include "vehicle/plotter/message_record.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>

#include "process/logging.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

class MessageRecordTest : public testing::Test {
 protected:
  std::string text(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder_ / name).rdbuf();
    return out.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()),
                                                  std::filesystem::directory_iterator()));
  }
  test::TemporaryFolder folder_;
};

TEST_F(MessageRecordTest, KeepsTwoFilesOfBoundedSize) {
  MessageRecord record(folder_ / "diagnostics.jsonl", 10);
  for (const char* line : {"1234", "2345", "3456", "4567", "5678"}) record.write(line);
  record.flush();
  EXPECT_EQ(text("diagnostics.jsonl"), "5678\n");
  EXPECT_EQ(text("diagnostics.1.jsonl"), "3456\n4567\n");
  EXPECT_EQ(files(), 2u);
  record.write("a line longer than the file may be");  // alone in its file
  record.write("6");
  record.flush();
  EXPECT_EQ(text("diagnostics.jsonl"), "6\n");
  EXPECT_EQ(files(), 2u);
}

TEST_F(MessageRecordTest, GoesOnWithTheFileOfBefore) {
  MessageRecord(folder_ / "d.jsonl", 10).write("1234");
  MessageRecord record(folder_ / "d.jsonl", 10);
  record.write("2345");
  record.write("3456");
  record.flush();
  EXPECT_EQ(text("d.1.jsonl"), "1234\n2345\n");
}

TEST_F(MessageRecordTest, AFileThatCannotBeWrittenIsTriedAgain) {
  const std::string path = folder_ / "later/diagnostics.jsonl";
  start_logging("test", "");
  MessageRecord record(path);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    record.write("lost");
    record.flush();
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("are not recorded"), std::string::npos) << said;
  EXPECT_EQ(said.find("are not recorded"), said.rfind("are not recorded")) << said;
  std::filesystem::create_directory(folder_ / "later");
  record.flush();
  record.write("kept");
  record.flush();
  EXPECT_EQ(text("later/diagnostics.jsonl"), "kept\n");
}

TEST_F(MessageRecordTest, WithoutAPathNothingIsRecorded) {
  MessageRecord record("");
  record.write("x");
  record.flush();
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace turbo
