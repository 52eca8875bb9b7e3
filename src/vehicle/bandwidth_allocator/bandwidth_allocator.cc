#include "vehicle/bandwidth_allocator/bandwidth_allocator.h"

#include <algorithm>
#include <utility>

#include "process/logging.h"
#include "vehicle/bandwidth_allocator/allocation_messages.h"
#include "vehicle/bandwidth_allocator/report_parser.h"

namespace turbo {
namespace {

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

BandwidthAllocator::BandwidthAllocator(Process& process, const BandwidthAllocatorConfig& config,
                                       Planner planner, Duration silence)
    : loop_(process.loop()),
      planner_(std::move(planner)),
      silence_(silence),
      silence_timer_(loop_.timer([this](Time now) { on_silence(now); })),
      services_(config.service_id_list),
      diagnostics_(process.ipc(), config.outgoing_zmq_diagnostic_sockname),
      ping_(process.ipc(), loop_, config.bidirectional_zmq_ping_handler_sockname, kPingTimeout),
      responder_(process.ipc(), loop_, config.bidirectional_zmq_quic_sockname,
                 [this](Time now, const Parts& parts) { return on_request(now, parts); }) {
  for (const std::string& endpoint : config.outgoing_zmq_client_socknames)
    clients_.push_back(std::make_unique<Publisher>(process.ipc(), endpoint));
  const Time now = EventLoop::now();
  loop_.arm(silence_timer_, now + silence_);
  loop_.every(kPingPeriod, [this](Time at) { ask_ping_handler(at); });
  ask_ping_handler(now);
}

void BandwidthAllocator::ask_ping_handler(Time now) {
  ping_.request(now, {"ping"}, [this](Time at, const std::optional<Parts>& reply) {
    std::optional<double> ping_ms;
    if (reply && reply->size() == 1) ping_ms = parse_ping_answer(reply->front());
    rtt_.on_ping(at, ping_ms);
    if (std::exchange(ping_is_silent_, !ping_ms) == !ping_ms) return;
    if (ping_ms)
      log_info("the ping handler answers");
    else
      log_warning("the ping handler does not answer with a time");
  });
}

Parts BandwidthAllocator::on_request(Time now, const Parts& parts) {
  loop_.arm(silence_timer_, now + silence_);
  std::string error = "expected one message part";
  auto report = parts.size() == 1 ? parse_link_report(parts[0], error) : std::nullopt;
  if (!report) return refuse(error);
  drop_unknown_services(*report);
  const RttChoice::Choice rtt = rtt_.choose(now, report->rtt_ms);
  report->rtt_ms = rtt.rtt_ms;
  report->rtt_source = rtt.source;
  if (std::exchange(last_rtt_source_, report->rtt_source) != report->rtt_source)
    log_info(rtt.source == "ping"   ? "the round-trip time is the pings'"
             : rtt.source == "quic" ? "no pings come back: the round-trip time is QUIC's"
                                    : "no round-trip time is known: nothing is sent");
  const auto decision =
      report->connected ? planner_.decide(now, *report) : std::optional(planner_.all_on_vehicle(now));
  if (!decision) return refuse("no decision is possible from these values");
  if (std::exchange(quic_is_silent_, false)) log_info("the QUIC client asks for bandwidth");
  if (report_trouble_.end()) log_info("the QUIC client's reports are usable again");
  return {publish(*decision)};
}

Parts BandwidthAllocator::refuse(const std::string& why) {
  if (report_trouble_.begin(why))
    log_warning("the QUIC client's report is of no use: ", why, "; the last decision stays");
  return error_reply(why);
}

// The QUIC client may serve more services than are allocated here.
void BandwidthAllocator::drop_unknown_services(LinkReport& report) {
  const auto unknown = [this](const ServiceReport& service) {
    return std::find(services_.begin(), services_.end(), service.service_id) == services_.end();
  };
  const auto first = std::find_if(report.services.begin(), report.services.end(), unknown);
  if (first == report.services.end()) return;
  if (!std::exchange(unknown_told_, true))
    log_warning("the QUIC client reports on service ", first->service_id,
                ", which is not in service_id_list: left out, as are all such");
  std::erase_if(report.services, unknown);
}

void BandwidthAllocator::on_silence(Time now) {
  loop_.arm(silence_timer_, now + kPeriod);  // told again and again: a client may start any time
  if (!std::exchange(quic_is_silent_, true))
    log_warning("no request from the QUIC client for ", milliseconds(silence_),
                " ms: every service on the vehicle");
  publish(planner_.all_on_vehicle(now));
}

std::string BandwidthAllocator::publish(const Decision& decision) {
  const double timestamp = unix_now();
  std::string answer = format_decision(decision, timestamp);
  for (const auto& client : clients_) client->publish(answer);
  diagnostics_.publish(format_decision_diagnostic(decision, timestamp));
  std::string choices;
  for (const ServiceChoice& choice : decision.services) choices += choice.config + " ";
  if (std::exchange(last_choices_, choices) != choices) log_info(describe(decision));
  return answer;
}

}  // namespace turbo
