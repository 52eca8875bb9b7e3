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

// Of a sweep, means over the scenarios by their frames, policies and allocators in the order of the rows:
//   utility   against bandwidth, for every allocator with one policy (of_policy; empty: static, else the
//             first), and the clairvoyant's
//   gain      the same, in percentage points over everything on the vehicle
//   cost      points lost against the clairvoyant, by policy (exact allocator), and against the exact
//             allocator, by allocator (the same policy); mean over the grid, whiskers to the least and most
//   policies  utility against bandwidth, for every policy with the exact allocator, where there are several
// Against bandwidth there is a panel for every SLO (a row) and RTT (a column), and lines are steps: what fits
// at one bandwidth is chosen up to the next one that was tried. Throws std::invalid_argument for a policy
// that is not among the rows.
std::vector<NamedFigure> sweep_figures(const std::vector<SweepRow>& rows, const std::string& caption,
                                       const std::string& of_policy = "");

// Of drives, means over the scenarios, in the order of the rows:
//   drives    gain over the vehicle alone, by link, for every policy and budget, beside the clairvoyant's;
//             a panel an allocator
//   promises  promised against attained, a point a drive; a panel for every policy, allocator and budget
std::vector<NamedFigure> drive_figures(const std::vector<DriveRow>& rows, const std::string& caption);

// Throws std::invalid_argument when this can be no folder for figures: what is there is none, or it has a
// figure's name.
void check_figures_folder(const std::string& option, const std::filesystem::path& folder);
// Into the folder, which is made; ending: svg, png or pdf. The files' names. Throws std::invalid_argument or
// std::runtime_error.
std::vector<std::string> write_figures(const std::vector<NamedFigure>& figures,
                                       const std::filesystem::path& folder, const std::string& ending);

}  // namespace turbo::experiments
