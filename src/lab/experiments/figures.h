#pragma once
// Figures of experiments' results.

#include <filesystem>
#include <string>
#include <vector>

#include "lab/experiments/result_rows.h"
#include "lab/figure/figure.h"

namespace turbo::experiments {

struct NamedFigure {
  std::string name;  // of its file, without the ending
  figure::Figure figure;
};

// Of a sweep, each with a panel for every RTT and SLO (twelve at most), means over the scenarios by their
// frames:
//   utility    against bandwidth, for every allocator with one policy (empty: static, else the first), and
//              the clairvoyant's
//   gain       the same, in percentage points over everything on the vehicle
//   cost       points lost against the clairvoyant, by policy (exact allocator), and against the exact
//              allocator, by allocator (the same policy); mean over the bandwidths, whiskers to the worst
//   policies   utility against bandwidth, for every policy with the exact allocator, where there are several
// Lines are steps: what fits at one bandwidth is chosen up to the next one that was tried. Throws
// std::invalid_argument for a policy that is not among the rows.
std::vector<NamedFigure> sweep_figures(const std::vector<SweepRow>& rows, const std::string& caption,
                                       const std::string& of_policy = "");

// Of drives, means over the scenarios:
//   drives     share of the clairvoyant's utility, by link, for every policy and budget; a panel for each
//              allocator
//   promises   promised against attained, a point for each drive
std::vector<NamedFigure> drive_figures(const std::vector<DriveRow>& rows, const std::string& caption);

// Throws std::invalid_argument when this can be no folder for figures: what is there is none, or it has a
// figure's name.
void check_figures_folder(const std::string& option, const std::filesystem::path& folder);
// Into the folder, which is made; ending: svg, png or pdf. The files' names. Throws std::invalid_argument or
// std::runtime_error.
std::vector<std::string> write_figures(const std::vector<NamedFigure>& figures,
                                       const std::filesystem::path& folder, const std::string& ending);

}  // namespace turbo::experiments
