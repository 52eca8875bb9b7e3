#include "lab/command_line/command_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace turbo {
namespace {

TEST(CommandLine, StandsAsAShellWouldTakeIt) {
  std::vector<std::string> words{"/usr/bin/sweep", "--a", "1,2", "two words", "it's", ""};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  EXPECT_EQ(command_line_of(static_cast<int>(argv.size()), argv.data()),
            "sweep --a 1,2 'two words' 'it'\\''s' ''");
}

}  // namespace
}  // namespace turbo
