#pragma once
// A run's late frames, and one frame's way, for people and for programs (one line of JSON each).

#include <string>

#include "lab/score/run_history.h"

namespace turbo {

// What made them late, counted, and the `most` worst of them.
std::string late_table(const RunHistory& history, std::size_t most);
std::string late_json(const RunHistory& history, std::size_t most);

// A frame of the history, stage by stage.
std::string frame_timeline(const RunHistory& history, const FrameStory& story);
std::string frame_json(const RunHistory& history, const FrameStory& story);

// What the run's folder lacks to tell more; empty: nothing.
std::string missing_records(const RunHistory& history);

}  // namespace turbo
