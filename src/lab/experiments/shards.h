#pragma once
// Whether the parts of an experiment that was split by --shard are all there, once each.

#include <filesystem>
#include <string>
#include <vector>

namespace turbo::experiments {

// A line for each of them that lacks shards: "shards 2, 5 to 7 of 8 of the sweep are missing". What each
// policy, allocator, budget and trace lacks is looked at by itself, so that parts of several runs may be read
// together. Throws std::runtime_error (one line) when a shard stands twice, for shards of different
// experiments, and for a file that cannot be read; of files that are no shards nothing is known, and nothing
// said.
std::vector<std::string> missing_shards(const std::vector<std::filesystem::path>& files);

// "2, 5 to 7"; rising.
std::string ranges_text(const std::vector<std::size_t>& numbers);

}  // namespace turbo::experiments
