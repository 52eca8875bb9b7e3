#pragma once
// What became of every frame of a run, written as JSON lines when the run is over (nothing is written while
// times are taken). Times are of CLOCK_MONOTONIC, in ns; 0: it never happened.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/time.h"

namespace turbo {

class FrameRecord {
 public:
  explicit FrameRecord(std::size_t services) : services_(services) {}

  // A new frame's context id; ids differ from service to service.
  std::uint64_t hand_over(std::size_t service, std::uint64_t bytes, Time now);
  // Both ignore an id that was not given out.
  void arrived(std::uint64_t context_id, Time now);   // whole, at the model server
  void answered(std::uint64_t context_id, Time now);  // at the client
  // A JSON object of somebody else's, as it came.
  void note(const char* kind, const std::string& json, Time now) { notes_.push_back({kind, json, now}); }

  void write(std::FILE* to) const;

 private:
  struct Frame {
    std::uint64_t bytes = 0;
    Time handed, arrived, answered;
  };
  struct Note {
    const char* kind;
    std::string json;
    Time at;
  };
  Frame* find(std::uint64_t context_id);

  std::vector<std::vector<Frame>> services_;
  std::vector<Note> notes_;
};

}  // namespace turbo
