#include "process/supervisor.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : folder_(fs::temp_directory_path() / ("supervisor-test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~SupervisorTest() override { fs::remove_all(folder_); }
  std::string events_path() const { return (folder_ / "supervision.jsonl").string(); }
  int count(const std::string& event) const {
    std::ifstream file(events_path());
    int n = 0;
    for (std::string line; std::getline(file, line);) n += nlohmann::json::parse(line)["event"] == event;
    return n;
  }
  ChildSpec shell(const std::string& name, const std::string& script) {
    return {.name = name, .command = {"/bin/sh", "-c", script}, .kill_switch = ""};
  }
  // Stops the process as soon as the condition holds.
  void stop_when(Process& process, std::function<bool()> condition) {
    process.loop().every(20ms, [&process, condition](Time) {
      if (condition()) process.loop().stop();
    });
  }
  fs::path folder_;
};

TEST_F(SupervisorTest, StartsWatchesRestartsAndStops) {
  Process process({.name = "test-main"}, {});
  Supervisor supervisor(process, {shell("steady", "exec sleep 100"), shell("dies", "kill -9 $$")},
                        events_path());
  stop_when(process, [&] { return supervisor.restarts() >= 2; });
  EXPECT_EQ(supervisor.run(), 0);
  EXPECT_EQ(count("killed"), 0);
  EXPECT_GE(count("started"), 3);
  EXPECT_GE(count("died"), 2);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // nobody is left
}

TEST_F(SupervisorTest, AChildThatDoesNotStopIsKilled) {
  Process process({.name = "test-main"}, {});
  Supervisor supervisor(
      process,
      {shell("deaf", "trap '' TERM; touch " + (folder_ / "up").string() + "; while :; do sleep 0.1; done")},
      events_path());
  stop_when(process, [&] { return fs::exists(folder_ / "up"); });
  EXPECT_EQ(supervisor.run(), 0);
  EXPECT_EQ(count("killed"), 1);
}

TEST_F(SupervisorTest, AChildThatRefusesItsConfigurationEndsTheRun) {
  Process process({.name = "test-main"}, {});
  Supervisor supervisor(process, {shell("steady", "exec sleep 100"), shell("wrong", "exit 2")},
                        events_path());
  EXPECT_EQ(supervisor.run(), 1);
}

TEST_F(SupervisorTest, AMissingProgramIsNamedBeforeAnythingStarts) {
  Process process({.name = "test-main"}, {});
  Supervisor supervisor(process, {{.name = "ghost", .command = {"/no/such/program"}, .kill_switch = ""}},
                        events_path());
  EXPECT_THROW(supervisor.run(), std::runtime_error);
}

TEST_F(SupervisorTest, ExternalProcessesAreLeftOut) {
  std::vector<ChildSpec> children{shell("a", ""), shell("b", "")};
  leave_out_external(children, {"a"});
  ASSERT_EQ(children.size(), 1u);
  EXPECT_EQ(children[0].name, "b");
  EXPECT_THROW(leave_out_external(children, {"nobody"}), UsageError);
}

}  // namespace
}  // namespace turbo
