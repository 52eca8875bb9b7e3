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
  int count_pid_zero() const {
    std::ifstream file(events_path());
    int n = 0;
    for (std::string line; std::getline(file, line);) n += nlohmann::json::parse(line)["pid"] == 0;
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
  EXPECT_EQ(count_pid_zero(), 0);
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

TEST_F(SupervisorTest, AnExternalProcessHearsAbortButIsNotStarted) {
  const std::string endpoint = "ipc://" + (folder_ / "switch").string();
  Process process({.name = "test-main"}, {});
  EventLoop loop;
  std::string heard;
  IpcContext context;
  Subscriber subscriber(context, loop, endpoint, [&](Time, const std::string& message) { heard = message; });
  ChildSpec theirs{
      .name = "theirs", .command = {"/no/such/program"}, .kill_switch = endpoint, .external = true};
  Supervisor supervisor(process, {theirs, shell("steady", "exec sleep 100")}, events_path());
  stop_when(process, [&] {
    loop.run_once(EventLoop::now());  // a subscriber tells of its subscription when it is looked at
    return count("started") == 1;
  });
  EXPECT_EQ(supervisor.run(), 0);
  loop.run_once(EventLoop::now());
  EXPECT_EQ(heard, "ABORT");
}

TEST_F(SupervisorTest, AChildWithoutTheKernelsSignalSeesTheEndOfItsMain) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::setenv(kLifelineVariable, std::to_string(ends[0]).c_str(), 1);
  Process child({.name = "test-child"}, {});
  ::unsetenv(kLifelineVariable);
  ::close(ends[1]);  // as the kernel does when the main dies
  EXPECT_EQ(child.run(), 0);
}

TEST_F(SupervisorTest, AMissingProgramIsNamedBeforeAnythingStarts) {
  Process process({.name = "test-main"}, {});
  Supervisor supervisor(process, {{.name = "ghost", .command = {"/no/such/program"}, .kill_switch = ""}},
                        events_path());
  EXPECT_THROW(supervisor.run(), std::runtime_error);
}

TEST_F(SupervisorTest, ExternalProcessesAreNotStarted) {
  std::vector<ChildSpec> children{shell("a", ""), shell("b", "")};
  mark_external(children, {"a"});
  EXPECT_TRUE(children[0].external);
  EXPECT_FALSE(children[1].external);
  EXPECT_THROW(mark_external(children, {"nobody"}), UsageError);
}

}  // namespace
}  // namespace turbo
