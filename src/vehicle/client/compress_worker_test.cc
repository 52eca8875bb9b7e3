#include "vehicle/client/compress_worker.h"

#include <poll.h>
#include <unistd.h>

#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

template <typename AnyWorker>
auto wait_for_result(AnyWorker& worker) {
  pollfd item{worker.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&item, 1, 30'000), 1);
  EXPECT_FALSE(worker.idle());  // not before its result is taken
  auto result = worker.take();
  EXPECT_TRUE(worker.idle());
  EXPECT_FALSE(worker.take());
  return result.value();
}

TEST(CompressWorkerTest, WritesTheFrameAndSaysSo) {
  const std::string name = "turbo-compress-worker-test-" + std::to_string(::getpid());
  const std::vector<std::uint8_t> pixels(108 * 192 * 3, 7);
  CompressWorker worker(name, 4'000'000, 2, {{"td2", {64, 96}}});
  EXPECT_TRUE(worker.idle());
  EXPECT_TRUE(worker.can_send(*parse_model_config("td2-imgcompPNG-inpcompNone")));
  for (std::uint64_t id = 1; id <= 3; ++id) {
    worker.start(id, {}, *parse_model_config("td2-imgcompPNG-inpcompNone"),
                 packed_view(pixels.data(), 108, 192));
    const auto result = wait_for_result(worker);
    EXPECT_EQ(result.context_id, id);
    EXPECT_EQ(result.error, "");
    AttachedRegion region(name);
    ASSERT_TRUE(region.refresh());
    std::vector<std::uint8_t> message;
    std::string error;
    ASSERT_TRUE(copy_message(region.file(), result.size_bytes, message, error)) << error;
    const auto request = decode_server_request(split_message(message).header, error);
    ASSERT_TRUE(request) << error;
    EXPECT_EQ(request->context_id, id);
  }
  worker.start(9, {}, *parse_model_config("td9-imgcompPNG-inpcompNone"),
               packed_view(pixels.data(), 108, 192));
  const auto result = wait_for_result(worker);
  EXPECT_EQ(result.size_bytes, 0u);
  EXPECT_NE(result.error, "");
}

TEST(WorkerTest, WhatTheWorkThrowsIsItsError) {
  struct Job {
    std::uint64_t context_id = 0;
  };
  struct Result {
    std::uint64_t context_id = 0;
    std::string error;
  };
  Worker<Job, Result> worker([](const Job& job) -> Result {
    if (job.context_id == 1) throw std::runtime_error("no memory\nat all");
    return {job.context_id, ""};
  });
  worker.start({1});
  const Result failed = wait_for_result(worker);
  EXPECT_EQ(failed.context_id, 1u);
  EXPECT_EQ(failed.error, "failed: no memory");
  worker.start({2});
  EXPECT_EQ(wait_for_result(worker).error, "");
}

}  // namespace
}  // namespace turbo
