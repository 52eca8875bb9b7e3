#include "lab/simulate/cloud.h"

#include <algorithm>

#include "core/framing/frame.h"
#include "lab/simulate/chance.h"

namespace turbo::simulate {

Cloud::Cloud(const Scenario& scenario, const SendSide::Settings& quic, Time now, PacketPool& pool,
             Direction& down, Wire& wire, std::vector<FrameRecord>& frames)
    : settings_(scenario.server),
      dice_(scenario.seed, 1),
      wire_(wire),
      frames_(frames),
      services_(scenario.cameras.size()),
      end_(quic, now, *this, *this, pool, down) {}

void Cloud::on_packets(Time now, Direction& from) {
  while (const auto packet = from.pop(now)) {
    std::uint32_t connection = 0;
    if (!end_.on_packet(now, *packet, connection)) continue;
    if (connection > end_.connection()) {
      end_.begin_connection(now, connection);
      answers_.clear();
    }
    if (connection == end_.connection()) end_.send_handshake(now, PacketKind::kWelcome, connection);
  }
  end_.write(now);
}

void Cloud::on_timer(Time now) {
  end_.on_timer(now);
  for (Service& service : services_) {
    if (now < service.done_at) continue;
    answer(now, *service.running, false);
    service.running.reset();
    service.done_at = kNever;
    start(now, service);
  }
  end_.write(now);
}

Time Cloud::next_deadline() const {
  Time next = end_.next_deadline();
  for (const Service& service : services_) next = std::min(next, service.done_at);
  return next;
}

std::optional<SendOwner::Turn> Cloud::next_turn(Time) {
  for (; !answers_.empty(); answers_.pop_front())
    if (const std::int64_t unsent = end_.send().unsent_bytes(answers_.front()); unsent > 0)
      return Turn{answers_.front(), unsent};
  return std::nullopt;
}

// The budget ran since the vehicle wrote the header: the way here and the way back take a round trip of it.
void Cloud::on_stream_begun(Time now, StreamId stream) {
  if (deadlines_.size() <= stream) deadlines_.resize(stream + 1024);
  const Duration budget = wire_.up.of(stream).budget;
  deadlines_[stream] = budget >= kNever - now ? kNever : now + budget - end_.send().min_rtt();
}

void Cloud::on_stream_complete(Time now, StreamId stream) {
  const UpContent& content = wire_.up.of(stream);
  if (content.frame == UpContent::kJunk) return;
  frames_[content.frame].received = now;
  Service& service = services_[content.service];
  // A displaced request is answered with nothing, as by the real cloud.
  service.waiting = Request{content.frame, deadlines_[stream], end_.connection()};
  if (!service.running) start(now, service);
}

void Cloud::start(Time now, Service& service) {
  if (!service.waiting) return;
  const Request request = *service.waiting;
  service.waiting.reset();
  if (now >= request.deadline) return answer(now, request, true);
  service.running = request;
  const double frames_own_ms = frames_[request.frame].server_ms;
  const double mean_ms = frames_own_ms >= 0 ? frames_own_ms : settings_.service_ms;
  service.done_at = now + from_milliseconds(log_normal(dice_, mean_ms, settings_.spread));
}

void Cloud::answer(Time now, const Request& request, bool dropped) {
  if (!dropped) frames_[request.frame].served = now;
  if (request.connection != end_.connection()) return;  // who asked is gone
  const std::int64_t bytes = kFrameHeaderBytes + (dropped ? 0 : settings_.answer_bytes);
  const StreamId stream = end_.send().open_stream(bytes);
  wire_.down.add(stream, {request.frame, dropped});
  answers_.push_back(stream);
}

}  // namespace turbo::simulate
