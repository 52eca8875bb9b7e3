// A connection's streams: whose bytes go into the next packet, and what has left flight.

#include <algorithm>
#include <array>

#include "transport/quic/connection.h"

namespace turbo {
Connection::Turn Connection::next_turn(Time now) {
  const auto may_send = [&](const SendStream& stream) {
    return stream.has_unsent() && stream.blocked_in_burst != bursts_;
  };
  auto at = services_.upper_bound(last_served_);
  for (std::size_t tried = 0; tried < services_.size(); ++tried, ++at) {
    if (at == services_.end()) at = services_.begin();
    if (!may_send(at->second)) continue;
    last_served_ = at->first;
    return {&at->second, at->first, at->second.unsent_bytes()};
  }
  if (frames_.empty()) return {};
  if (redoing_) {
    redoing_ = false;
    for (auto& [id, stream] : frames_) {
      if (stream.owed_bytes() == 0) continue;
      redoing_ = true;
      if (may_send(stream)) return {&stream, id, stream.owed_bytes(), true};
    }
  }
  const auto turn = common_.handler->next_turn(common_.id, now);
  if (!turn) return {};
  const auto found = turn->stream == kOldestStream
                         ? std::find_if(frames_.begin(), frames_.end(),
                                        [&](const auto& frame) { return may_send(frame.second); })
                         : frames_.find(turn->stream);
  if (found == frames_.end() || !may_send(found->second)) return {};
  return {&found->second, found->first, std::min(turn->max_bytes, found->second.unsent_bytes())};
}

ngtcp2_ssize Connection::write_packet(std::uint8_t* to, std::size_t size, ngtcp2_path* path, Time now) {
  for (;;) {
    const Turn turn = established_ ? next_turn(now) : Turn{};
    std::array<std::span<const std::uint8_t>, 4> pieces;
    std::array<ngtcp2_vec, 4> vectors{};
    // One packet never takes more than this; a small bound also keeps ngtcp2 from looking at megabytes.
    const std::size_t count =
        turn.stream ? turn.stream->next(std::min<std::uint64_t>(turn.max_bytes, 65'536), pieces) : 0;
    std::uint64_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<std::uint8_t*>(pieces[i].data()), pieces[i].size()};
      offered += pieces[i].size();
    }
    const bool last = turn.stream && turn.stream->ends() && offered == turn.stream->unsent_bytes();
    ngtcp2_ssize taken = -1;
    std::uint32_t flags = turn.stream ? NGTCP2_WRITE_STREAM_FLAG_MORE : NGTCP2_WRITE_STREAM_FLAG_NONE;
    if (last) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    const ngtcp2_ssize written = ngtcp2_conn_writev_stream(
        conn_.get(), path, nullptr, to, size, &taken, flags, turn.id, vectors.data(), count, timestamp(now));
    if (turn.stream && taken >= 0) {
      const auto bytes = static_cast<std::uint64_t>(taken);
      turn.stream->advance(bytes, last && bytes == offered);
      if (is_unidirectional(turn.id) && !turn.again)
        common_.handler->on_sent(common_.id, turn.id, bytes, now);
    }
    if (written == NGTCP2_ERR_WRITE_MORE) continue;
    if (written == NGTCP2_ERR_STREAM_DATA_BLOCKED || written == NGTCP2_ERR_STREAM_SHUT_WR ||
        written == NGTCP2_ERR_STREAM_NOT_FOUND) {
      turn.stream->blocked_in_burst = bursts_;
      continue;
    }
    return written;
  }
}

bool Connection::can_open_stream() const {
  return established_ && ended_.empty() &&
         (!unused_.empty() || ngtcp2_conn_get_streams_uni_left(conn_.get()) > 0);
}

std::optional<StreamId> Connection::open_stream() {
  StreamId id = -1;
  if (!established_ || !ended_.empty()) return std::nullopt;
  if (!unused_.empty()) {
    id = unused_.back();
    unused_.pop_back();
  } else if (ngtcp2_conn_open_uni_stream(conn_.get(), &id, nullptr) != 0) {
    return std::nullopt;
  }
  frames_[id];
  return id;
}

bool Connection::send(StreamId id, Chunk chunk, bool last) {
  auto& streams = is_unidirectional(id) ? frames_ : services_;
  const auto found = streams.find(id);
  if (found == streams.end() || !ended_.empty()) return false;
  has_news_ = true;
  found->second.push(std::move(chunk));
  if (last) found->second.finish();
  return true;
}

void Connection::reset(StreamId id) {
  const auto found = frames_.find(id);
  if (found == frames_.end() || !ended_.empty()) return;
  if (!found->second.was_sent()) {
    frames_.erase(found);
    unused_.push_back(id);
    return;
  }
  has_news_ = true;
  found->second.cut();  // its chunks stay until ngtcp2 has let go of them: see stream_close
  ngtcp2_conn_shutdown_stream_write(conn_.get(), 0, id, kGivenUp);
}

std::uint64_t Connection::unsent_bytes(StreamId id) const {
  const auto& streams = is_unidirectional(id) ? frames_ : services_;
  const auto found = streams.find(id);
  return found == streams.end() ? 0 : found->second.unsent_bytes();
}

std::uint64_t Connection::unacknowledged_bytes(StreamId id) const {
  const auto& streams = is_unidirectional(id) ? frames_ : services_;
  const auto found = streams.find(id);
  return found == streams.end() ? 0 : found->second.unacknowledged_bytes();
}

std::uint64_t Connection::bytes_in_flight() const {
  ngtcp2_conn_info figures;
  ngtcp2_conn_get_conn_info(conn_.get(), &figures);
  return figures.bytes_in_flight;
}

// ngtcp2 tells how much is in flight, and of each stream how many packets were lost: what else left flight
// was acknowledged.
void Connection::tell_flight(Time now) {
  std::size_t lost_packets = 0;
  for (auto& [id, stream] : frames_) {
    const std::size_t losses = ngtcp2_conn_get_stream_loss_count(conn_.get(), id);
    lost_packets += losses - std::min(losses, stream.losses_seen);
    stream.losses_seen = losses;
  }
  const std::uint64_t in_flight = bytes_in_flight();
  const std::uint64_t left = in_flight_seen_ - std::min(in_flight, in_flight_seen_);
  in_flight_seen_ = in_flight;
  const std::uint64_t lost =
      std::min<std::uint64_t>(left, lost_packets * ngtcp2_conn_get_path_max_tx_udp_payload_size(conn_.get()));
  if (left > 0) common_.handler->on_flight(common_.id, {0, left - lost, lost}, now);
}

}  // namespace turbo
