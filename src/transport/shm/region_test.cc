#include "transport/shm/region.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

namespace turbo {
namespace {

std::string test_name(const char* what) {
  return std::string("turbo-region-test-") + what + "-" + std::to_string(::getpid());
}

TEST(Region, AttachedPeersSeeTheSameBytes) {
  Region region(test_name("peers"), 10'000);
  ASSERT_TRUE(region.reserve(10'000));
  AttachedRegion attached(test_name("peers"));
  ASSERT_TRUE(attached.refresh());
  ASSERT_EQ(attached.bytes().size(), 10'000u);
  region.bytes()[7] = 42;
  EXPECT_EQ(attached.bytes()[7], 42);
  EXPECT_FALSE(region.reserve(10'001));
}

TEST(Region, IsRemovedWithItsCreator) {
  AttachedRegion attached(test_name("gone"));
  EXPECT_FALSE(attached.refresh());
  {
    Region region(test_name("gone"), 100);
    EXPECT_TRUE(attached.refresh());
  }
  EXPECT_FALSE(attached.refresh());
  EXPECT_EQ(attached.bytes().size(), 100u);  // what it had stays readable
}

TEST(Region, AnAttachedPeerFollowsANewRegionOfTheName) {
  AttachedRegion attached(test_name("new"));
  std::optional<Region> region;
  region.emplace(test_name("new"), 100);
  ASSERT_TRUE(attached.refresh());
  region.reset();
  region.emplace(test_name("new"), 200);
  ASSERT_TRUE(attached.refresh());
  EXPECT_EQ(attached.bytes().size(), 200u);
}

TEST(Region, AnAttachedPeerNoticesAnotherSize) {
  const Region region(test_name("size"), 10'000);
  AttachedRegion attached(test_name("size"));
  ASSERT_TRUE(attached.refresh());
  const std::string path = "/dev/shm/" + test_name("size");
  ASSERT_EQ(::truncate(path.c_str(), 100), 0);
  ASSERT_TRUE(attached.refresh());
  EXPECT_EQ(attached.bytes().size(), 100u);
  EXPECT_EQ(attached.file().size_bytes(), 100u);
  ASSERT_EQ(::truncate(path.c_str(), 0), 0);
  EXPECT_FALSE(attached.refresh());
}

TEST(Region, OnlyItsOwnObjectIsRemoved) {
  const std::string path = "/dev/shm/" + test_name("other");
  {
    const Region region(test_name("other"), 100);
    ASSERT_EQ(::unlink(path.c_str()), 0);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    ASSERT_GE(fd, 0);
    ::close(fd);
  }
  EXPECT_EQ(::unlink(path.c_str()), 0) << "somebody else's was removed";
}

TEST(Region, AFailedOneLeavesNothingBehind) {
  const int next_fd = ::dup(0);
  ::close(next_fd);
  EXPECT_THROW(Region(test_name("large"), std::size_t{1} << 62), std::runtime_error);
  EXPECT_NE(::access(("/dev/shm/" + test_name("large")).c_str(), F_OK), 0);
  const int fd = ::dup(0);
  EXPECT_EQ(fd, next_fd) << "a descriptor was lost";
  ::close(fd);
}

TEST(Region, ALiveOwnerIsRefusedAndADeadOnesReplaced) {
  const std::string name = test_name("owner");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Region region(name, 100);
    if (!region.reserve(100) || ::write(ready[1], "1", 1) != 1) ::_exit(1);
    region.bytes()[0] = 9;
    for (;;) ::pause();
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  try {
    Region region(name, 100);
    FAIL() << "taken from a live owner";
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("in use by process " + std::to_string(child)));
  }
  AttachedRegion reader(name);
  ASSERT_TRUE(reader.refresh());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  Region region(name, 100);
  EXPECT_EQ(region.bytes()[0], 0);  // a new object: whoever reads the old one keeps what it sees
  EXPECT_EQ(reader.bytes()[0], 9);
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(reader.bytes()[0], 0);
}

}  // namespace
}  // namespace turbo
