#pragma once
// Which scenarios evaluation data have, and how long each is.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace turbo {

struct ScenarioExtent {
  std::string name;
  std::map<int, int> frames;  // by camera
  double seconds = 0;         // from its first frame to its last, of any camera
};

// By name, of the data of this model, or of the first there is when it has none. Reads one file, and says
// nothing of the others: they should have the same (evaluation_check.h). Throws std::runtime_error: one line,
// which begins with the file or folder.
std::vector<ScenarioExtent> list_scenarios(const std::filesystem::path& folder, const std::string& model);

}  // namespace turbo
