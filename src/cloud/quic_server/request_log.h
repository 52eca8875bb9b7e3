#pragma once
// requests.jsonl: what became of every complete request in the cloud, a JSON line a step. Lines are gathered
// and written by flush(), off the hot path.

#include <fstream>
#include <string>

#include "cloud/quic_server/request_desk.h"
#include "core/time.h"

namespace turbo {

enum class RequestStep {
  kHanded,     // to the model server, and has a second line if that answers or does not take it
  kDisplaced,  // a fresher one of this vehicle took its waiting place
  kExpired,    // its time was up; the vehicle is told
  kFailed,     // the model server did not take it
  kAnswered
};

class RequestLog {
 public:
  explicit RequestLog(const std::string& path);  // throws std::runtime_error
  ~RequestLog();

  void add(Time now, int service_id, const RequestDesk::Asker& asker, RequestStep step);
  void flush();

 private:
  std::ofstream file_;
  std::string lines_;
};

}  // namespace turbo
