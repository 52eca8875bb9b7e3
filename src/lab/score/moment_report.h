#pragma once
// What the link and the decision were when a frame was captured, for people and for programs.

#include <nlohmann/json.hpp>
#include <string>

#include "lab/score/run_history.h"

namespace turbo {

std::string moment_text(const Moment& moment, const FrameStory& story);  // some lines
// "link", "expected_cloud_ms", "decision" (that held), "chosen" (that made the choice), "emulated_link";
// null: not recorded.
nlohmann::ordered_json moment_json(const Moment& moment, const FrameStory& story);

}  // namespace turbo
