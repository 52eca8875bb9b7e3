#include "process/child_check.h"

#include <sys/wait.h>

namespace turbo {
namespace {

// $0 is "--check", which follows the script.
ChildSpec shell(const std::string& name, const std::string& script) {
  return {.name = name, .command = {"/bin/sh", "-c", script}, .kill_switch = ""};
}

std::string refusal(const std::vector<ChildSpec>& children) {
  try {
    check_children(children);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(ChildCheck, EveryChildIsAskedForItsOwnCheck) {
  EXPECT_EQ(
      refusal({shell("plotter", "[ $0 = --check ]"), shell("client-1", "echo right; [ $0 = --check ]")}), "");
  EXPECT_EQ(refusal({shell("plotter", "exit 0"),
                     shell("client-1", "echo 'turbo-client: x.yaml:3: bad' >&2; exit 2")}),
            "client-1: x.yaml:3: bad");
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "nobody is left";
}

TEST(ChildCheck, OnlyTheLineOfTheRefusalIsSaid) {
  EXPECT_EQ(refusal({shell("a", "echo a note >&2; echo 'turbo-a: wrong' >&2; exit 2"), shell("b", "exit 2")}),
            "a: wrong");
  EXPECT_EQ(refusal({shell("a", "exit 1")}), "a: it ended without saying why");
  EXPECT_EQ(refusal({shell("a", "kill -9 $$")}), "a: it ended without saying why");
  EXPECT_EQ(refusal({shell("a", "head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; echo last >&2; exit 1")}),
            "a: last");
}

TEST(ChildCheck, OneThatTheUserRunsIsNotAsked) {
  ChildSpec theirs = shell("a", "exit 2");
  theirs.external = true;
  EXPECT_EQ(refusal({theirs}), "");
}

TEST(ChildCheck, AMissingProgramIsNamed) {
  EXPECT_EQ(refusal({{.name = "a", .command = {"/nowhere/turbo-a"}, .kill_switch = ""}}),
            "a: starting /nowhere/turbo-a: No such file or directory");
}

}  // namespace
}  // namespace turbo
