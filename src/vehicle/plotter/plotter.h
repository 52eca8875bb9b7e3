#pragma once
// Collects the diagnostics of the vehicle's processes and serves them: GET / (the page), GET
// /api/history[?since=N]. Collecting is on the process's loop; serving has a thread of its own.

#include <set>
#include <string>

#include "process/client_config.h"
#include "process/process.h"
#include "vehicle/plotter/history.h"
#include "vehicle/plotter/http_server.h"
#include "vehicle/plotter/message_record.h"

namespace turbo {

class Plotter {
 public:
  // record_path: every message that was taken is also written there, a line each; empty: nowhere.
  Plotter(Process& process, const PlotterConfig& config, const std::string& record_path);
  Plotter(const Plotter&) = delete;

  int port() const { return server_.port(); }
  const History& history() const { return history_; }

 private:
  HttpAnswer answer(std::string_view path, std::string_view query) const;
  void collect(Time now, const std::string& message);

  History history_;
  MessageRecord record_;
  std::set<std::string> refusals_;  // the reasons that were logged
  HttpServer server_;
  Subscriber subscriber_;
};

}  // namespace turbo
