#include "transport/ownership/owner_lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace turbo {
namespace {

std::string test_path() {
  return std::filesystem::temp_directory_path() / ("owner-lock-test-" + std::to_string(::getpid()));
}

// A child that takes the lock, says so, and waits to be killed.
pid_t lock_in_child(const std::string& path) {
  int ready[2];
  if (::pipe(ready) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    const OwnerLock lock(path, "socket x");
    if (::write(ready[1], "1", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST(OwnerLock, ALiveOwnerIsNamed) {
  const pid_t child = lock_in_child(test_path());
  try {
    const OwnerLock lock(test_path(), "socket x");
    FAIL() << "taken from a live owner";
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("socket x is in use by process " + std::to_string(child)));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const OwnerLock lock(test_path(), "socket x");  // a dead one's is taken over
  EXPECT_TRUE(std::filesystem::exists(test_path()));
}

TEST(OwnerLock, IsRemovedWithItsOwner) {
  { const OwnerLock lock(test_path(), "socket x"); }
  EXPECT_FALSE(std::filesystem::exists(test_path()));
}

TEST(OwnerLock, OnlyItsOwnFileIsRemoved) {
  {
    const OwnerLock lock(test_path(), "socket x");
    std::filesystem::remove(test_path());
    std::ofstream(test_path()) << "another's";
  }
  EXPECT_TRUE(std::filesystem::remove(test_path()));
}

TEST(OwnerLock, AnOwnerIsNamedByWhatItWroteOrNotAtAll) {
  const OwnerLock lock(test_path(), "socket x");
  std::string pid;
  std::ifstream(test_path()) >> pid;
  EXPECT_EQ(pid, std::to_string(::getpid()));
  EXPECT_EQ(process_text(12), "process 12");
  EXPECT_EQ(process_text(0), "another process");
}

TEST(OwnerLock, AFolderThatIsNotThereIsOneLine) {
  EXPECT_THROW(OwnerLock("/no/such/folder/lock", "socket x"), std::runtime_error);
}

}  // namespace
}  // namespace turbo
