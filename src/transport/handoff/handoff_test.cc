#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>

#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;

class Handoff : public ::testing::Test {
 protected:
  Handoff() {
    std::filesystem::create_directories(folder_);
    endpoint_ = "ipc://" + folder_ + "/socket";
  }
  ~Handoff() override { std::filesystem::remove_all(folder_); }

  // A whole message: header of `text`, no payload.
  static Buffer message(const std::string& text) {
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(payload_offset(text.size() + 4));
    const auto size = static_cast<std::uint32_t>(text.size());
    std::memcpy(bytes->data(), &size, 4);
    std::memcpy(bytes->data() + 4, text.data(), text.size());
    return bytes;
  }
  void run_until(const std::function<bool()>& done) {
    const Time give_up = EventLoop::now() + 5s;
    while (!done() && EventLoop::now() < give_up) loop_.run_once(EventLoop::now() + 20ms);
    ASSERT_TRUE(done());
  }
  std::string ask(const Parts& parts) {
    Requester asker(context_, loop_, endpoint_, 2s);
    std::optional<std::string> answer;
    asker.request(EventLoop::now(), parts,
                  [&](Time, std::optional<Parts> reply) { answer = reply ? reply->front() : "no answer"; });
    run_until([&] { return answer.has_value(); });
    return answer.value_or("");
  }

  std::string folder_ = ::testing::TempDir() + "turbo_handoff_" + std::to_string(getpid());
  std::string region_ = "turbo-handoff-test-" + std::to_string(getpid());
  std::string endpoint_;
  IpcContext context_;
  EventLoop loop_;
};

TEST_F(Handoff, AMessageGoesFromOneRegionToTheOtherSide) {
  Region region(region_, 100'000);
  std::vector<std::pair<std::uint64_t, Buffer>> taken;
  MessageInbox inbox(context_, loop_, endpoint_, region_, 100'000,
                     [&](Time, std::uint64_t id, const Buffer& bytes) {
                       taken.emplace_back(id, bytes);
                       return std::string();
                     });
  std::vector<std::string> troubles;
  MessageOutbox outbox(context_, loop_, endpoint_, region_, 1s,
                       [&](const std::string& why) { troubles.push_back(why); });
  const Buffer first = message("first"), third = message("a third, longer one");
  outbox.post(EventLoop::now(), 1, first);
  outbox.post(EventLoop::now(), 2, message("second"));
  outbox.post(EventLoop::now(), 3, third);  // the first is on its way: this one takes the second's place
  run_until([&] { return outbox.delivered() == 2; });
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].first, 1u);
  EXPECT_EQ(*taken[0].second, *first);
  EXPECT_EQ(taken[1].first, 3u);
  EXPECT_EQ(*taken[1].second, *third);
  EXPECT_EQ(outbox.counts().displaced, 1u);
  EXPECT_TRUE(troubles.empty());
}

TEST_F(Handoff, TheInboxAnswersGarbageWithAReason) {
  Region region(region_, 1'000);
  MessageInbox inbox(context_, loop_, endpoint_, region_, 5'000,
                     [](Time, std::uint64_t, const Buffer&) { return std::string("not wanted"); });
  EXPECT_EQ(ask({"hello"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(ask({"1", "-5"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(ask({"1", "18446744073709551615"}).rfind("ERROR: a message of", 0), 0u);
  EXPECT_EQ(ask({"1", "2000"}).rfind("ERROR: a message of 2000 bytes does not fit", 0), 0u);
  EXPECT_EQ(ask({"1", "64"}).rfind("ERROR: ", 0), 0u) << "nothing was written yet";
  ASSERT_TRUE(write_message(region.file(), *message("x")));
  EXPECT_EQ(ask({"1", "64"}), "ERROR: not wanted");
}

TEST_F(Handoff, AnInboxWithoutRegionSaysSo) {
  MessageInbox inbox(context_, loop_, endpoint_, region_, 5'000,
                     [](Time, std::uint64_t, const Buffer&) { return std::string(); });
  EXPECT_EQ(ask({"1", "64"}), "ERROR: there is no region " + region_);
}

TEST_F(Handoff, AnAbsentPeerCostsItsMessagesAndIsReportedOnce) {
  std::vector<std::string> troubles;
  MessageOutbox outbox(context_, loop_, endpoint_, region_, 50ms,
                       [&](const std::string& why) { troubles.push_back(why); });
  outbox.post(EventLoop::now(), 1, message("no region"));
  outbox.post(EventLoop::now(), 2, message("no region"));
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0], "there is no region " + region_);
  Region region(region_, 1'000);
  outbox.post(EventLoop::now(), 3, message("nobody there"));
  outbox.post(EventLoop::now(), 4, message("too late"), EventLoop::now() + 1ms);
  run_until([&] { return outbox.failed() == 3; });
  EXPECT_EQ(outbox.counts().expired, 1u);
  MessageInbox inbox(context_, loop_, endpoint_, region_, 5'000,
                     [](Time, std::uint64_t, const Buffer&) { return std::string(); });
  run_until([&] {  // on a busy machine one may be given up although the peer is there
    if (!outbox.busy() && outbox.delivered() == 0) outbox.post(EventLoop::now(), 5, message("there"));
    return outbox.delivered() > 0;
  });
  EXPECT_EQ(troubles, (std::vector<std::string>{"there is no region " + region_, ""}));
  outbox.post(EventLoop::now(), 6, std::make_shared<std::vector<std::uint8_t>>(2'000));
  EXPECT_NE(troubles.back().find("no room"), std::string::npos);
}

}  // namespace
}  // namespace turbo
