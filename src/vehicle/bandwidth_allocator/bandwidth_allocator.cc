#include "vehicle/bandwidth_allocator/bandwidth_allocator.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "process/logging.h"

namespace turbo {
namespace {

constexpr std::uintmax_t kMaxTableBytes = 1 << 20;
constexpr double kFramesPerS = 5;

std::string read_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kMaxTableBytes)
    throw UsageError("reading the model table " + path +
                     ": no file of at most 1 MiB; set model_info_csv_path to one that turbo-profile made");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    throw UsageError("reading the model table " + path + ": it cannot be read; check its permissions");
  return text.str();
}

LinkReport report_of(const AllocationRequest& request, double rtt_ms) {
  LinkReport report;
  report.bandwidth_mbps = request.bandwidth_mbps;
  report.rtt_ms = rtt_ms;
  return report;
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Planner make_planner(const BandwidthAllocatorConfig& config) {
  if (config.model_info_csv_path.empty())
    throw UsageError("bandwidth_allocator_config: model_info_csv_path: expected the model table's path");
  if (config.service_id_list.empty())
    throw UsageError("bandwidth_allocator_config: service_id_list: expected one service or more");
  const std::string text = read_file(config.model_info_csv_path);
  try {
    const ModelTable table = parse_model_table(text, config.model_info_csv_path);
    for (const std::string& note : table.notes) log_info(note);
    std::vector<Service> services;
    for (const int id : config.service_id_list)
      services.push_back({.id = id,
                          .options = options_of(table, config.onvehicle_model_name, kFramesPerS),
                          .slo_ms = milliseconds(config.t_slo),
                          .frames_per_s = kFramesPerS});
    return Planner({}, std::make_unique<StaticPolicy>(std::move(services)), make_allocator("exact"),
                   std::make_unique<FixedShare>(config.bandwidth_safety));
  } catch (const std::runtime_error& error) {
    throw UsageError(error.what());
  }
}

BandwidthAllocator::BandwidthAllocator(Process& process, const BandwidthAllocatorConfig& config,
                                       Planner planner, Duration silence)
    : loop_(process.loop()),
      planner_(std::move(planner)),
      silence_(silence),
      silence_timer_(loop_.timer([this](Time now) { on_silence(now); })),
      diagnostics_(process.ipc(), config.outgoing_zmq_diagnostic_sockname),
      ping_(process.ipc(), loop_, config.bidirectional_zmq_ping_handler_sockname, kPingTimeout),
      responder_(process.ipc(), loop_, config.bidirectional_zmq_quic_sockname,
                 [this](Time now, const Parts& parts) { return on_request(now, parts); }) {
  for (const std::string& endpoint : config.outgoing_zmq_client_socknames)
    clients_.push_back(std::make_unique<Publisher>(process.ipc(), endpoint));
  loop_.arm(silence_timer_, EventLoop::now() + silence_);
}

// The answer is given when the ping handler has answered, or did not in its time.
std::optional<Parts> BandwidthAllocator::on_request(Time now, const Parts& parts) {
  std::string error = "expected one message part";
  const auto request = parts.size() == 1 ? parse_allocation_request(parts[0], error) : std::nullopt;
  if (!request) return error_reply(error);
  ping_.request(now, {"ping"}, [this, request = *request](Time at, const std::optional<Parts>& reply) {
    on_ping(at, request, reply);
  });
  return std::nullopt;
}

void BandwidthAllocator::on_ping(Time now, const AllocationRequest& request,
                                 const std::optional<Parts>& reply) {
  loop_.arm(silence_timer_, now + silence_);
  if (std::exchange(quic_is_silent_, false)) log_info("the QUIC client asks for bandwidth");
  const auto decision = planner_.decide(now, report_of(request, rtt_for(request, reply)));
  if (!decision) return responder_.reply(error_reply("no decision is possible from these values"));
  responder_.reply({publish(*decision)});
}

double BandwidthAllocator::rtt_for(const AllocationRequest& request, const std::optional<Parts>& reply) {
  std::optional<double> ping_ms;
  if (reply && reply->size() == 1) ping_ms = parse_ping_answer(reply->front());
  if (std::exchange(ping_is_silent_, !ping_ms) != !ping_ms) {
    if (ping_ms)
      log_info("the ping handler answers");
    else
      log_warning("the ping handler does not answer with a time: QUIC's round-trip time is used");
  }
  const double rtt_ms = rtt_.choose(ping_ms, request.rtt_ms);
  if (std::exchange(rtt_is_quics_, rtt_.from_quic()) != rtt_.from_quic() && ping_ms)
    log_info(rtt_.from_quic() ? "pings are lost: QUIC's round-trip time is used"
                              : "pings come back: their time is used");
  return rtt_ms;
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
  log_change(decision);
  return answer;
}

void BandwidthAllocator::log_change(const Decision& decision) {
  std::string choices;
  for (const ServiceChoice& choice : decision.services)
    choices += text_of(" ", choice.service_id, ":", choice.config);
  if (std::exchange(last_choices_, choices) == choices) return;
  log_info("choice", choices, " at ", decision.available_mbps, " Mbps, RTT ", decision.rtt_ms, " ms");
}

}  // namespace turbo
