#pragma once
// Answers from a file instead of a model, for runs without a GPU whose network behaviour matters and whose
// detections do not. Clearly no measurement: the log says so.

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cloud/model_server/answerer.h"
#include "cloud/model_server/latency_table.h"

namespace turbo {

// The file has one of two forms, told apart by its name. Boxes are in pixels of the camera frame.
// NAME.jsonl, one line a frame:
//   {"context_id": 17, "detections": [[x_min, y_min, x_max, y_max, score, label], ...]}
// NAME.csv, one line a detection, the columns in any order:
//   frame,x_min,y_min,x_max,y_max,score,label
// A request gets the frame that has its context id (in JSON; "context_id" may be left out). If there is none,
// the recording is played in its order, from the start again at its end: the k-th such request gets the k-th
// frame.
class RecordedAnswers : public Answerer {
 public:
  // Throws std::runtime_error, "file:line: what was expected". Without a latency table, or for a
  // configuration that is not in it, an answer takes no time.
  RecordedAnswers(const std::string& path, LatencyTable latencies);

  ModelServerResponse answer(const ModelServerRequest& request,
                             std::span<const std::uint8_t> payload) override;
  std::string description() const override;

  void hurry() override;

 private:
  void read_json_lines();
  void read_csv();
  void add_json_line(const std::string& line);
  const Detections& frame_for(std::uint64_t context_id);
  [[noreturn]] void fail(const std::string& expected) const;

  std::string path_;
  int line_number_ = 0;  // while reading
  LatencyTable latencies_;
  std::vector<Detections> frames_;
  std::map<std::uint64_t, std::size_t> by_context_id_;
  std::size_t next_ = 0;
  std::mutex mutex_;
  std::condition_variable hurried_;
  bool hurry_ = false;
};

}  // namespace turbo
