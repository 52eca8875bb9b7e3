#include "lab/experiments/fixed_configuration.h"

#include <set>
#include <stdexcept>
#include <string_view>

namespace turbo::experiments {
namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr std::size_t kMostShown = 5;

}  // namespace

void check_fixed(const std::vector<std::string>& allocators, std::span<const Service> services) {
  std::set<std::string> known;
  for (const Service& service : services)
    for (const ModelOption& option : service.options) known.insert(option.config);
  for (const std::string& allocator : allocators) {
    if (!allocator.starts_with(kFixed) || known.contains(allocator.substr(kFixed.size()))) continue;
    std::string shown;
    std::size_t count = 0;
    for (auto it = known.begin(); it != known.end() && count < kMostShown; ++it, ++count)
      shown.append(count > 0 ? ", " : "").append(*it);
    if (known.size() > kMostShown) shown += " and " + std::to_string(known.size() - kMostShown) + " more";
    throw std::invalid_argument("--allocator " + allocator.substr(0, 100) +
                                ": no service has that configuration; there are " + shown);
  }
}

}  // namespace turbo::experiments
