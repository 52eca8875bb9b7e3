#include "transport/quic/send_stream.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace turbo {
namespace {

Chunk chunk_of(std::size_t size, std::uint8_t first) {
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(size);
  std::iota(bytes->begin(), bytes->end(), first);
  return bytes;
}

TEST(SendStream, GivesPiecesAcrossChunksAndKeepsThemUntilAcknowledged) {
  SendStream stream;
  const Chunk a = chunk_of(10, 0), b = chunk_of(10, 10);
  stream.push(a);
  stream.push(b);
  stream.push(nullptr);
  EXPECT_EQ(stream.unsent_bytes(), 20u);
  std::span<const std::uint8_t> pieces[4];
  ASSERT_EQ(stream.next(15, pieces), 2u);
  EXPECT_EQ(pieces[0].size(), 10u);
  EXPECT_EQ(pieces[1].size(), 5u);
  stream.advance(15);
  ASSERT_EQ(stream.next(100, pieces), 1u);
  EXPECT_EQ(pieces[0][0], 15);
  EXPECT_EQ(a.use_count(), 2);
  stream.acknowledge(9);
  EXPECT_EQ(a.use_count(), 2);
  stream.acknowledge(12);
  EXPECT_EQ(a.use_count(), 1);
  stream.acknowledge(3);
  EXPECT_EQ(stream.unacknowledged_bytes(), 8u) << "acknowledgements do not go back";
  stream.acknowledge(1'000);
  EXPECT_EQ(stream.unacknowledged_bytes(), 5u) << "not beyond what was sent";
}

TEST(SendStream, ItsEndIsStillToBeSentAfterItsLastByte) {
  SendStream stream;
  stream.push(chunk_of(10, 0));
  EXPECT_TRUE(stream.has_unsent());
  stream.advance(10);
  EXPECT_FALSE(stream.has_unsent());
  stream.finish();
  EXPECT_TRUE(stream.has_unsent());
  stream.advance(0, true);
  EXPECT_FALSE(stream.has_unsent());
}

TEST(SendStream, EveryByteComesOutOnceInOrder) {
  std::mt19937 random(1);
  SendStream stream;
  std::vector<std::uint8_t> in, out;
  for (int step = 0; step < 2'000; ++step) {
    if (random() % 3 == 0) {
      const Chunk chunk = chunk_of(random() % 300, static_cast<std::uint8_t>(random()));
      in.insert(in.end(), chunk->begin(), chunk->end());
      stream.push(chunk);
    }
    std::span<const std::uint8_t> pieces[3];
    const std::size_t count = stream.next(random() % 400, pieces);
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
      out.insert(out.end(), pieces[i].begin(), pieces[i].end());
      taken += pieces[i].size();
    }
    stream.advance(taken);
    stream.acknowledge(random() % (out.size() + 1));
    ASSERT_EQ(stream.unsent_bytes(), in.size() - out.size());
  }
  in.resize(out.size());
  EXPECT_EQ(in, out);
}

}  // namespace
}  // namespace turbo
