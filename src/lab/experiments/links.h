#pragma once
// The links of a drive by what a command line calls them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/experiments/drive.h"
#include "lab/experiments/identity.h"

namespace turbo::experiments {

struct LinkChoice {
  std::vector<std::string> traces;   // files in Mahimahi's format, or turbo-trace's recipes
  std::vector<double> rates_mbps;    // constant links
  std::vector<double> rtts_ms;       // each link with each; none: the recipe's own, else 50
  std::optional<double> duration_s;  // else a file's period, a recipe's two minutes, a constant link's one
  std::uint64_t seed = 1;
};

// The same trace from another part on; share: of its period.
std::shared_ptr<const DeliveryTrace> rotated(const DeliveryTrace& trace, double share);

struct NamedLink {
  DriveLink link;
  Duration duration{};
};

// Throws LinkConfigError or std::invalid_argument.
std::vector<NamedLink> make_links(const LinkChoice& choice);

// By the options' names: traces by name and what is in them, in whichever order they were named.
Identity identity_of(std::span<const NamedLink> links);

}  // namespace turbo::experiments
