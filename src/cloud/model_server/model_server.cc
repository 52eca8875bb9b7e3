#include "cloud/model_server/model_server.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "process/logging.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

constexpr Duration kAckTimeout = std::chrono::seconds(1);
constexpr Duration kQuiet = std::chrono::seconds(1);  // after a line about a refused request
constexpr std::size_t kMaxErrorBytes = 500;

Time now() { return EventLoop::now(); }

}  // namespace

ModelServer::ModelServer(IpcContext& ipc, EventLoop& loop, const ModelServerConfig& config,
                         Answerer& answerer)
    : config_(config),
      answerer_(answerer),
      loop_(loop),
      requests_region_(config.incoming_shm_filename, config.shm_filesize),
      answers_region_(config.outgoing_shm_filename, config.shm_filesize),
      answers_socket_(ipc, loop, config.outgoing_zmq_sockname, kAckTimeout) {
  answer_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (answer_event_ < 0)
    throw std::runtime_error(std::string("making an event descriptor: ") + std::strerror(errno));
  answer_source_ = loop.on_readable(answer_event_, [this](Time at) { on_answer(at); });
  requests_socket_.emplace(ipc, loop, config.incoming_zmq_sockname,
                           [this](Time at, const Parts& parts) { return on_request(at, parts); });
  worker_ = std::thread([this] { answer_until_closed(); });
}

ModelServer::~ModelServer() {
  requests_socket_.reset();
  work_.close();
  answerer_.hurry();
  if (worker_.joinable()) worker_.join();
  loop_.remove(answer_source_);
  ::close(answer_event_);
}

std::optional<Parts> ModelServer::on_request(Time at, const Parts& parts) {
  std::string error;
  const auto notice = parse_size_notice(parts, error);
  Work work{.arrival = at, .request = {}, .message = std::move(spare_)};
  if (!notice || !read_request(*notice, work, error)) {
    spare_ = std::move(work.message);
    ++counts_.refused;
    if (error != last_refusal_ && at >= quiet_until_) {
      log_warning("request refused: ", error);
      last_refusal_ = error;
      quiet_until_ = at + kQuiet;
    }
    return error_reply(error);
  }
  ++counts_.requests;
  work.deserialization_s = seconds(now() - at);
  if (auto replaced = work_.put(std::move(work))) {
    ++counts_.replaced;
    spare_ = std::move(replaced->message);
  }
  return Parts{std::string(kAck)};
}

bool ModelServer::read_request(const SizeNotice& notice, Work& work, std::string& error) {
  if (!copy_message(requests_region_.file(), notice.size_bytes, work.message, error)) return false;
  const auto parts = split_message(work.message);
  const auto request = decode_server_request(parts.header, error);
  if (!request) return false;
  if (request->context_id != notice.context_id) {
    error = "the region holds the context id " + std::to_string(request->context_id) + ", not " +
            std::to_string(notice.context_id);
    return false;
  }
  if (request->payload_bytes != parts.payload.size()) {
    error = "a payload of " + std::to_string(parts.payload.size()) + " bytes, announced as " +
            std::to_string(request->payload_bytes);
    return false;
  }
  work.request = *request;
  return true;
}

void ModelServer::answer_until_closed() {
  while (auto work = work_.take()) {
    auto response = answer(*work);
    // One that still waits there, because the loop has not come to it, is staler than this one.
    answers_.put(std::move(response));
    const std::uint64_t one = 1;
    (void)!::write(answer_event_, &one, sizeof one);
  }
}

ModelServerResponse ModelServer::answer(const Work& work) {
  const Time begin = now();
  ModelServerResponse response;
  try {
    response = answerer_.answer(work.request, split_message(work.message).payload);
  } catch (const std::exception& failure) {  // out of memory, say
    response.status = Status::kFailed;
    response.error = failure.what();
  }
  if (response.error.size() > kMaxErrorBytes) response.error.resize(kMaxErrorBytes);
  response.context_id = work.request.context_id;
  response.service_id = work.request.service_id;
  response.model_config = work.request.model_config;
  response.deserialization_s = work.deserialization_s;
  response.queue_s = seconds(begin - work.arrival);
  response.overall_s = seconds(now() - work.arrival);
  return response;
}

void ModelServer::on_answer(Time at) {
  std::uint64_t count = 0;
  (void)!::read(answer_event_, &count, sizeof count);
  auto answer = answers_.try_take();
  if (!answer) return;
  if (count > 1) counts_.replaced += count - 1;
  if (answer->status != Status::kOk) {
    ++counts_.failed;
    if (answer->error != last_failure_)
      log_warning("frame ", answer->context_id, " (", answer->model_config,
                  ") has no answer: ", answer->error);
  }
  last_failure_ = answer->error;
  if (waiting_answer_) ++counts_.replaced;
  waiting_answer_ = std::move(answer);
  deliver(at);
}

void ModelServer::deliver(Time at) {
  if (!waiting_answer_ || answers_socket_.busy()) return;
  const auto answer = std::exchange(waiting_answer_, std::nullopt);
  const auto header = encode(*answer);
  std::size_t size_bytes = 0;
  if (answers_region_.reserve(header.size())) {
    begin_message(answers_region_.bytes());
    size_bytes = publish_message(answers_region_.bytes(), header, 0);
  }
  if (size_bytes == 0) {
    ++counts_.undelivered;
    log_error("answer ", answer->context_id, " of ", header.size(), " bytes: no room in ",
              config_.outgoing_shm_filename);
    return;
  }
  answers_socket_.request(at, format_size_notice({answer->context_id, size_bytes}),
                          [this](Time later, std::optional<Parts> reply) {
                            on_acknowledged(reply);
                            deliver(later);
                          });
}

void ModelServer::on_acknowledged(const std::optional<Parts>& reply) {
  if (reply && reply->size() == 1 && reply->front() == kAck) {
    ++counts_.delivered;
    if (peer_silent_) log_info("the QUIC server takes answers again");
    peer_silent_ = false;
    return;
  }
  ++counts_.undelivered;
  if (!peer_silent_)
    log_warning("the QUIC server ",
                reply ? "refuses answers: " + (reply->empty() ? "" : reply->front().substr(0, 200))
                      : "has not acknowledged an answer in 1000 ms");
  peer_silent_ = true;
}

}  // namespace turbo
