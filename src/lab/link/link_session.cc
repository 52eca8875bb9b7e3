#include "lab/link/link_session.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "lab/link/command.h"
#include "lab/link/link_loop.h"
#include "lab/link/net_namespace.h"

namespace turbo {
namespace {

// A descriptor that can be read when one of SIGINT and SIGTERM has come.
int signal_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int either(int a, int b) {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  for (const int one : {a, b}) {
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(fd, EPOLL_CTL_ADD, one, &event);
  }
  return fd;
}

}  // namespace

LinkSession::LinkSession(const SessionRequest& request)
    : request_(request),
      vehicle_address_(parse_interface_address(request.vehicle_address)),
      cloud_address_(parse_interface_address(request.cloud_address)) {
  if (request.command.empty() && !request.cloud_command.empty())
    throw LinkConfigError("--cloud-command: expected a COMMAND beside it, after --");
  make_link_pair(request.link, {});  // what is wrong with it is told before anything is made
}

int LinkSession::run() {
  signals_ = signal_descriptor();
  if (!request_.command.empty()) return run_with_command();
  return carry(cloud_end());
}

TunDevice LinkSession::cloud_end() {
  if (request_.cloud_pid == 0 && request_.cloud_netns.empty()) {
    std::fprintf(
        stderr,
        "turbo-link: both ends are in one network namespace, whose packets between them take no link; "
        "see -- COMMAND and --cloud-netns-pid\n");
    return TunDevice(request_.cloud_if, cloud_address_);
  }
  const auto home = NetNamespace::current();
  const auto cloud = request_.cloud_netns.empty() ? NetNamespace::of_process(request_.cloud_pid)
                                                  : NetNamespace::at_path(request_.cloud_netns);
  cloud.enter();
  bring_up_loopback();
  TunDevice device(request_.cloud_if, cloud_address_);
  home.enter();
  return device;
}

int LinkSession::run_with_command() {
  if (geteuid() == 0)
    unshare_network();
  else
    unshare_user_and_network();
  bring_up_loopback();
  const auto home = NetNamespace::current();
  unshare_network();
  bring_up_loopback();
  TunDevice cloud(request_.cloud_if, cloud_address_);
  std::optional<Command> at_cloud;
  if (!request_.cloud_command.empty())
    at_cloud.emplace(std::vector<std::string>{"sh", "-c", request_.cloud_command});
  home.enter();
  return carry(std::move(cloud));
}

int LinkSession::carry(TunDevice cloud) {
  TunDevice vehicle(request_.vehicle_if, vehicle_address_);
  const Time start = std::chrono::steady_clock::now();
  LinkPair links = make_link_pair(request_.link, start);
  std::unique_ptr<StatusLog> status;
  if (!request_.status_path.empty())
    status = std::make_unique<StatusLog>(request_.status_path, request_.command_line, start,
                                         from_milliseconds(request_.status_interval_ms));
  if (request_.command.empty()) {
    std::printf("turbo-link: up: %s %s <-> %s %s\n", request_.vehicle_if.c_str(),
                request_.vehicle_address.c_str(), request_.cloud_if.c_str(), request_.cloud_address.c_str());
    std::fflush(stdout);
    run_link(links, vehicle, cloud, status.get(), signals_);
    return 0;
  }
  Command at_vehicle(request_.command);
  run_link(links, vehicle, cloud, status.get(), either(signals_, at_vehicle.fd()));
  pollfd ended{at_vehicle.fd(), POLLIN, 0};
  return poll(&ended, 1, 0) == 1 ? at_vehicle.wait() : 1;  // 1: stopped before its end
}

}  // namespace turbo
