#include "transport/resolver/host_lookup.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>

namespace turbo {
namespace {

HostLookup::Result wait_for(HostLookup& lookup) {
  pollfd watched{lookup.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&watched, 1, 60'000), 1);  // the system may ask several name servers, several times
  auto result = lookup.take();
  EXPECT_TRUE(result);
  return result.value_or(HostLookup::Result{});
}

TEST(HostLookup, APlainAddressNeedsNoThread) {
  HostLookup lookup([](const std::string&) -> HostLookup::Result { throw std::logic_error("asked"); });
  for (const auto& [host, family] : {std::pair{"10.77.0.2", AF_INET}, std::pair{"::1", AF_INET6}}) {
    lookup.start(host);
    EXPECT_FALSE(lookup.busy());
    const auto result = lookup.take();
    ASSERT_TRUE(result && result->addresses.size() == 1) << host;
    EXPECT_EQ(result->addresses[0].storage.ss_family, family);
    EXPECT_FALSE(lookup.take()) << "once";
  }
}

TEST(HostLookup, ANameIsLookedUpWithoutWaiting) {
  std::promise<void> answer;
  HostLookup lookup([answered = answer.get_future().share()](const std::string& host) {
    answered.wait();
    return HostLookup::Result{{}, "nothing of " + host};
  });
  lookup.start("cloud.example");
  EXPECT_TRUE(lookup.busy());
  EXPECT_FALSE(lookup.take());
  lookup.start("other.example");
  answer.set_value();
  EXPECT_EQ(wait_for(lookup).error, "nothing of cloud.example");
  EXPECT_FALSE(lookup.busy());
  lookup.start("other.example");
  EXPECT_EQ(wait_for(lookup).error, "nothing of other.example");
}

TEST(HostLookup, OneThatGoesFirstLeavesItsThreadBehind) {
  std::promise<void> answer;
  auto lookup = std::make_unique<HostLookup>([answered = answer.get_future().share()](const std::string&) {
    answered.wait();
    return HostLookup::Result{};
  });
  lookup->start("cloud.example");
  lookup.reset();
  answer.set_value();
}

TEST(HostLookup, TheSystemsOwnSaysWhyThereIsNone) {
  HostLookup lookup;
  lookup.start("name.invalid");
  const auto result = wait_for(lookup);
  EXPECT_TRUE(result.addresses.empty());
  EXPECT_FALSE(result.error.empty());
}

}  // namespace
}  // namespace turbo
