#include "lab/link/status_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace turbo {
namespace {

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}
double thousandths(double value) {
  return static_cast<double>(static_cast<long long>(value * 1e3 + 0.5)) / 1e3;
}

}  // namespace

std::string status_json(LinkModel& link, const LinkCounters& before, Time from, Time to, Time now) {
  const LinkCounters& after = link.counters();
  const double micros = seconds(to - from) * 1e6;
  const Sojourns sojourns = link.take_sojourns();
  const double mean_ms =
      sojourns.packets == 0 ? 0 : milliseconds(sojourns.total) / static_cast<double>(sojourns.packets);
  const nlohmann::ordered_json row = {
      {"capacity_mbps", thousandths(link.capacity().bits_between(from, to) / micros)},
      {"delivered_mbps", thousandths(static_cast<double>(after.bytes_out - before.bytes_out) * 8 / micros)},
      {"queue_bytes", link.queued_bytes(now)},
      {"queue_packets", link.queued_packets(now)},
      {"queue_ms", thousandths(milliseconds(link.queued_time(now)))},
      {"sojourn_ms", thousandths(mean_ms)},
      {"sojourn_max_ms", thousandths(milliseconds(sojourns.longest))},
      {"lost", after.packets_lost - before.packets_lost},
      {"dropped", after.packets_dropped - before.packets_dropped},
      {"dropped_at_head", after.packets_dropped_at_head - before.packets_dropped_at_head}};
  return row.dump();
}

StatusLog::StatusLog(const std::string& path, const std::string& command_line, Time start, Duration interval)
    : file_(std::fopen(path.c_str(), "we")),
      interval_(interval),
      start_(start),
      from_(start),
      until_(start + interval) {
  if (!file_) throw std::runtime_error("opening " + path + " for the status: " + std::strerror(errno));
  std::setvbuf(file_, nullptr, _IOLBF, 4096);
  const nlohmann::ordered_json first = {
      {"command", command_line}, {"unix_s", unix_seconds()}, {"interval_ms", milliseconds(interval)}};
  std::fprintf(file_, "%s\n", first.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

StatusLog::~StatusLog() { std::fclose(file_); }

void StatusLog::write(Time now, LinkModel& up, LinkModel& down) {
  std::fprintf(file_, "{\"t_s\":%.3f,\"unix_s\":%.3f,\"up\":%s,\"down\":%s}\n", seconds(until_ - start_),
               unix_seconds(), status_json(up, up_before_, from_, until_, now).c_str(),
               status_json(down, down_before_, from_, until_, now).c_str());
  up_before_ = up.counters();
  down_before_ = down.counters();
  from_ = until_;
  until_ += interval_;
}

}  // namespace turbo
