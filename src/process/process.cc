#include "process/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "process/logging.h"
#include "process/run_folder.h"
#include "process/version.h"

namespace turbo {

namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 ended as asked, 1 could not go on, 2 wrong arguments or configuration.";

std::string log_name(const ProcessInfo& info, const Arguments& arguments) {
  return info.per_service ? info.name + "-" + std::to_string(arguments.service_id) : info.name;
}

// Nothing when the process is to end with *exit_code (help, version, a wrong argument).
std::optional<Arguments> parse_arguments(int argc, char** argv, const ProcessInfo& info, int* exit_code) {
  Arguments out;
  out.command_line.assign(argv, argv + argc);
  out.config = info.config;
  out.quic_config = info.quic_config;
  std::string program = "turbo-" + info.name;
  CLI::App app(info.about, program);
  app.footer(kExitCodes);
  app.set_version_flag("--version", std::string("TURBO ") + version() + " (" + commit() + ")");
  app.add_option("-c,--config", out.config, "Configuration file (YAML)")->capture_default_str();
  if (info.per_service)
    app.add_option("--service-id", out.service_id,
                   "Which service's entry of the configuration this process is")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
  if (!info.server_help.empty()) {
    app.add_option("-s,--server", out.server, info.server_help);
    app.add_option("CONFIG", out.config, "The same as --config");
    app.add_option("HOST:PORT", out.server, "The same as --server");
  }
  if (info.is_main) {
    app.add_option("-q,--quic-config", out.quic_config, "Configuration file of the QUIC end (YAML)")
        ->capture_default_str();
    app.add_option("--external", out.external,
                   "Processes that you run yourself and that are not started, as named in the log (" +
                       info.external_example + ")")
        ->delimiter(',')
        ->allow_extra_args(false);
  }
  app.add_option("--run-dir", out.run_dir,
                 "Folder for this run's log and results (default: a new one below experiment_output_dir)");
  app.add_flag("--check", out.check, "Check the configuration, say whether it is right, and exit");
  std::vector<std::pair<std::string, bool>> given;
  given.reserve(info.flags.size());
  for (const Flag& flag : info.flags) {
    given.emplace_back(flag.name, false);
    app.add_flag("--" + flag.name, given.back().second, flag.help);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) {
      *exit_code = app.exit(e);
    } else {
      std::cerr << program << ": " << e.what() << "; see " << program << " --help\n";
      *exit_code = 2;
    }
    return std::nullopt;
  }
  for (const auto& [name, on] : given)
    if (on) out.flags.insert(name);
  return out;
}

}  // namespace

Process::Process(ProcessInfo info, Arguments arguments)
    : info_(std::move(info)), arguments_(std::move(arguments)), name_(log_name(info_, arguments_)) {
  start_logging(name_, "");
  // Blocked before any thread starts, so that only the signal descriptor sees them. A parent that ignores
  // SIGINT (a main, whose children stop on ABORT) has made us ignore it too.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  for (const int signal : {SIGINT, SIGHUP}) {
    struct sigaction now {};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signal_fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  ipc_ = std::make_unique<IpcContext>();
  loop_.on_readable(signal_fd_, [this](Time) {
    signalfd_siginfo signal{};
    if (::read(signal_fd_, &signal, sizeof signal) == sizeof signal) loop_.stop();
  });
  watch_lifeline();
}

void Process::watch_lifeline() {
  const char* const text = std::getenv(kLifelineVariable);
  if (text == nullptr || info_.is_main) return;
  lifeline_fd_ = std::atoi(text);
  struct stat file {};
  if (lifeline_fd_ <= 2 || ::fstat(lifeline_fd_, &file) != 0 || !S_ISFIFO(file.st_mode)) {
    lifeline_fd_ = -1;
    return;
  }
  ::fcntl(lifeline_fd_, F_SETFD, FD_CLOEXEC);
  loop_.on_readable(lifeline_fd_, [this](Time) {
    log_warning("the main that started this process is gone: stopping");
    loop_.stop();
  });
}

Process::~Process() {
  kill_switch_.reset();
  ipc_.reset();
  if (signal_fd_ >= 0) ::close(signal_fd_);
}

int Process::checked() const {
  std::cout << arguments_.config << (info_.is_main ? " and " + arguments_.quic_config : "")
            << ": the configuration of " << name_ << " is right\n";
  return 0;
}

std::string Process::open_run_folder(const std::string& experiment_output_dir) {
  const std::string folder = make_run_folder(arguments_.run_dir, experiment_output_dir, name_);
  stamp_run_folder(folder, arguments_.command_line, arguments_.config);
  start_logging(name_, folder + "/log.txt");
  return folder;
}

void Process::listen_for_abort(const std::string& endpoint) {
  kill_switch_.emplace(*ipc_, loop_, endpoint, [this](Time, const std::string& message) {
    if (message == kAbort) loop_.stop();
  });
}

int Process::run() {
  loop_.run();
  log_info("stopped");
  return 0;
}

int run_process(int argc, char** argv, const ProcessInfo& info, const std::function<int(Process&)>& body) {
  int exit_code = 0;
  const auto arguments = parse_arguments(argc, argv, info, &exit_code);
  if (!arguments) return exit_code;
  try {
    Process process(info, *arguments);
    return body(process);
  } catch (const UsageError& e) {
    std::cerr << "turbo-" << info.name << ": " << e.what() << '\n';
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "turbo-" << log_name(info, *arguments) << ": " << e.what() << '\n';
    return 1;
  }
}

}  // namespace turbo
