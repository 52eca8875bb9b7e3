#include "lab/demo/demo.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lab/demo/http_get.h"
#include "lab/demo/live_status.h"
#include "lab/score/report.h"
#include "lab/traces/trace_recipe.h"
#include "lab/traces/trace_summary.h"
#include "process/quic_config.h"
#include "process/run_folder.h"
#include "process/server_config.h"
#include "process/supervisor.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;

constexpr const char* kCloudHost = "10.77.0.2";
constexpr Duration kRedrawEvery = 500ms, kLineEvery = 5s;
constexpr Duration kLinkPatience = 5s, kCloudPatience = 60s, kStopPatience = 12s;
constexpr Duration kStable = 2s;
constexpr Duration kCameraPatience = 30s, kCameraPoll = 100ms;

Time clock_now() { return std::chrono::steady_clock::now(); }
double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}
int blocked_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Whether somebody listens on this ZeroMQ endpoint; a stale socket file refuses.
bool is_bound(const std::string& endpoint) {
  const std::string path = endpoint.starts_with("ipc://") ? endpoint.substr(6) : endpoint;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool bound = fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return bound;
}

std::string port_of(const std::string& address) {
  const auto colon = address.rfind(':');
  return colon == std::string::npos ? "" : address.substr(colon);
}

}  // namespace

Demo::Demo(DemoOptions options)
    : options_(std::move(options)),
      config_(load_client_config(options_.client_config)),
      folder_(make_run_folder(options_.run_dir, config_.experiment_output_dir, "demo")),
      link_(folder_ + "/link.jsonl"),
      signal_fd_(blocked_signals()) {
  stamp_run_folder(folder_, options_.command_line, options_.client_config);
  for (const char* side : {"/vehicle", "/cloud"})
    supervision_.emplace_back(folder_ + side + "/supervision.jsonl");
}

Demo::~Demo() {
  while (!children_.empty()) children_.pop_back();
  if (signal_fd_ >= 0) close(signal_fd_);
}

int Demo::run() {
  terminal_.say("Logs and results: " + folder_);
  stage_ = std::make_unique<Stage>();
  start_plotter();
  start_link();
  if (!failed_ && !interrupts_) start_cloud();
  if (!failed_ && !interrupts_) {
    start_vehicle();
    watch();
  }
  stop_all();
  summarise();
  return failed_ ? 1 : 0;
}

void Demo::start_plotter() {
  start("plotter", {"--config", options_.client_config, "--run-dir", folder_ + "/plotter"}, 0);
  plotter_started_ = clock_now();
}

void Demo::start(const std::string& name, std::vector<std::string> arguments, pid_t namespaces_of) {
  arguments.insert(arguments.begin(), sibling_program("turbo-" + name));
  if (access(arguments.front().c_str(), X_OK) != 0)
    throw std::runtime_error("starting " + name + ": there is no program " + arguments.front() +
                             "; ./dev build makes it");
  children_.emplace_back(ChildPlan{name, std::move(arguments), folder_ + "/" + name + ".log", namespaces_of});
}

std::string Demo::make_trace_file() const {
  TraceRecipe recipe;
  recipe.seed = options_.seed;
  const std::string path = folder_ + "/uplink.trace";
  std::ofstream out(path, std::ios::binary);
  write_trace(make_trace(recipe), out);
  if (!out.flush()) throw std::runtime_error("writing " + path + " failed");
  return path;
}

void Demo::start_link() {
  const std::string trace = options_.trace_path.empty() ? make_trace_file() : options_.trace_path;
  terminal_.say("Uplink: " + to_text(turbo::summarise(load_delivery_trace(trace))));
  start("link",
        {"--trace", trace, "--delay-ms", std::to_string(options_.rtt_ms / 2), "--queue-ms",
         std::to_string(options_.queue_ms), "--down-rate-mbps", std::to_string(options_.down_rate_mbps),
         "--cloud-netns-pid", std::to_string(stage_->cloud_pid()), "--status", folder_ + "/link.jsonl"},
        stage_->vehicle_pid());
  wait_until("the emulated link", kLinkPatience, [this] {
    link_.read();
    return link_.started();
  });
}

void Demo::start_cloud() {
  const ServerConfig cloud = load_server_config(options_.server_config);
  start("server-main",
        {"--config", options_.server_config, "--quic-config", options_.quic_server_config, "--run-dir",
         folder_ + "/cloud"},
        stage_->cloud_pid());
  wait_until("the model servers", kCloudPatience, [&] {
    return std::all_of(cloud.servers.begin(), cloud.servers.end(),
                       [](const auto& server) { return is_bound(server.incoming_zmq_sockname); });
  });
}

void Demo::start_vehicle() {
  const auto quic = load_quic_config(options_.quic_client_config);
  start(
      "client-main",
      {"--config", options_.client_config, "--quic-config", options_.quic_client_config, "--server",
       kCloudHost + port_of(quic.server_address), "--external", "plotter", "--run-dir", folder_ + "/vehicle"},
      stage_->vehicle_pid());
  terminal_.say("Running. Dashboard: " + dashboard());
}

std::string Demo::dashboard() const {
  return "http://" + config_.plotter.host + ":" + std::to_string(config_.plotter.port);
}

// ---- while it runs

// Until every camera has sent a frame: starting is no driving. False when the demo cannot go on.
bool Demo::wait_for_cameras() {
  std::vector<int> services;
  for (const auto& client : config_.clients) services.push_back(client.service_id);
  terminal_.say("Waiting for the cameras");
  const Time end = clock_now() + kCameraPatience;
  while (!interrupts_ && look_after_children()) {
    read_status();
    const auto silent = history_.silent(services);
    if (silent.empty()) return true;
    if (clock_now() >= end) {
      std::string names;
      for (const int service : silent) names += (names.empty() ? "" : ", ") + std::to_string(service);
      terminal_.say("no frame was heard of camera " + names + " in " +
                    std::to_string(static_cast<int>(seconds(kCameraPatience))) +
                    " s: on without; see the logs in " + folder_);
      return true;
    }
    pump(kCameraPoll);
  }
  return false;
}

void Demo::watch() {
  if (!wait_for_cameras()) return;
  link_.read();
  link_.start_count();
  measured_ = MeasuredTime{unix_now(), 0};
  const Time begin = clock_now();
  const Time end = options_.keep ? Time::max() : begin + from_seconds(options_.duration_s);
  const Duration every = terminal_.redraws() ? kRedrawEvery : kLineEvery;
  for (Time next = begin + every; !interrupts_ && clock_now() < end;) {
    if (!look_after_children()) return;
    if (clock_now() >= next) {
      show(seconds(clock_now() - begin));
      next = std::max(next + every, clock_now());
    }
    pump(std::min(next, end) - clock_now());
  }
}

LiveStatus Demo::read_status() {
  tell_deaths();
  const auto answer = http_get(config_.plotter.host, config_.plotter.port,
                               "/api/history?since=" + std::to_string(history_.next()), 200ms);
  if (answer) history_.take(*answer);
  return answer ? history_.status() : LiveStatus{};
}

void Demo::show(double elapsed_s) {
  link_.read();
  LiveStatus status = read_status();
  status.capacity_mbps = link_.recent_mbps();
  const DemoClock clock{elapsed_s, options_.keep ? 0 : options_.duration_s, dashboard()};
  if (terminal_.redraws())
    terminal_.draw(status_block(status, clock, terminal_.colour()));
  else
    terminal_.say(status_line(status, clock));
}

// Of the processes that client_main and server_main look after (and start again).
void Demo::tell_deaths() {
  for (auto& events : supervision_)
    events.read([this](const std::string& line) {
      const auto event = nlohmann::json::parse(line, nullptr, false);
      const auto text = [&](const char* key) {
        const auto at = event.is_object() ? event.find(key) : event.end();
        return at != event.end() && at->is_string() ? at->get<std::string>() : "";
      };
      if (text("event") == "died")
        terminal_.say(text("process") + " died: " + text("why") + "; it is started again");
    });
}

// False when one has died without which the demo cannot go on.
bool Demo::look_after_children() {
  for (auto child = children_.begin(); child != children_.end();) {
    if (child->running()) {
      ++child;
      continue;
    }
    failed_ = true;
    terminal_.say("turbo-" + child->name() + " died: " + child->why());
    if (child->name() != "plotter") {
      children_.erase(child);
      return false;
    }
    child = children_.erase(child);
    if (clock_now() - plotter_started_ < kStable) continue;  // it cannot run here: on without a dashboard
    ++restarts_;
    start_plotter();
  }
  return true;
}

bool Demo::wait_until(const std::string& what, Duration patience, const std::function<bool()>& ready) {
  const Time end = clock_now() + patience;
  while (!interrupts_ && look_after_children()) {
    if (ready()) return true;
    if (clock_now() >= end) {
      terminal_.say("waiting for " + what + ": not there after " +
                    std::to_string(static_cast<int>(seconds(patience))) + " s; see the logs in " + folder_);
      failed_ = true;
      return false;
    }
    pump(50ms);
  }
  return false;
}

// Sleeps until a signal comes or the time is over.
void Demo::pump(Duration patience) {
  pollfd ready{signal_fd_, POLLIN, 0};
  const auto left = std::max<long long>(0, std::chrono::nanoseconds(patience).count());
  const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  if (ppoll(&ready, 1, &timeout, nullptr) <= 0) return;
  signalfd_siginfo info;
  while (read(signal_fd_, &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD) ++interrupts_;
}

// ---- the end

void Demo::stop_all() {
  if (measured_) measured_->until_unix_s = unix_now();
  terminal_.leave();
  terminal_.say(interrupts_ ? "Stopping (once more Ctrl-C: at once)" : "Stopping");
  interrupts_ = 0;
  for (const char* name : {"client-main", "server-main", "link", "plotter"}) stop(name, kStopPatience);
  tell_deaths();
  stage_.reset();
}

void Demo::stop(const std::string& name, Duration patience) {
  const auto child =
      std::find_if(children_.begin(), children_.end(), [&](const Child& c) { return c.name() == name; });
  if (child == children_.end()) return;
  child->ask_to_stop();
  const Time end = clock_now() + patience;
  while (child->running() && clock_now() < end && !interrupts_) pump(50ms);
  if (child->running()) {
    child->kill_it();
    terminal_.say("turbo-" + name + " did not stop: killed");
    failed_ = true;
  } else if (!child->ended_well()) {
    terminal_.say("turbo-" + name + " ended with " + child->why());
    failed_ = true;
  }
  children_.erase(child);
}

void Demo::summarise() {
  RunScore score;
  try {
    score = score_run(find_run_files({folder_}), measured_);
    score.restarts += restarts_;
    terminal_.say(table_of(score));
  } catch (const std::exception& error) {
    terminal_.say(std::string("no score: ") + error.what());
    failed_ = true;
  }
  link_.read();
  const std::string json = demo_json(score, link_.mean_mbps());
  std::ofstream(folder_ + "/summary.json") << json << '\n';
  std::printf("%s\n", json.c_str());
  std::fflush(stdout);
}

}  // namespace turbo
