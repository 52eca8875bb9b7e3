#include "core/allocation/allocator.h"

#include <array>
#include <stdexcept>

#include "core/allocation/constant.h"
#include "core/allocation/exact.h"
#include "core/allocation/greedy.h"
#include "core/allocation/shares.h"
#include "core/allocation/turns_need.h"
#include "core/utility/model_config.h"

namespace turbo {
namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr std::array<AllocatorName, 6> kNames{{
    {"exact", "the most utility that the bandwidth allows (the default)"},
    {"greedy", "step by step, where a megabit brings most"},
    {"proportional", "every service a share by what its best configuration needs"},
    {"equal", "every service the same share"},
    {"vehicle", "everything on the vehicle"},
    {"fixed:<configuration>", "this one for all, in their order, as far as the bandwidth goes"},
}};

}  // namespace

std::span<const AllocatorName> allocator_names() { return kNames; }

std::unique_ptr<Allocator> make_allocator(std::string_view name) {
  if (name == "exact") return std::make_unique<ExactAllocator>();
  if (name == "greedy") return std::make_unique<GreedyAllocator>();
  if (name == "proportional") return std::make_unique<ShareAllocator>(ShareAllocator::Rule::kProportional);
  if (name == "equal") return std::make_unique<ShareAllocator>(ShareAllocator::Rule::kEqual);
  if (name == "vehicle") return std::make_unique<VehicleAllocator>();
  if (name.starts_with(kFixed)) {
    std::string error;
    const std::string config(name.substr(kFixed.size()));
    if (!parse_model_config(config, &error)) throw std::invalid_argument("allocator " + error);
    return std::make_unique<FixedAllocator>(config);
  }
  std::string known;
  for (const AllocatorName& row : kNames) known.append(known.empty() ? "" : ", ").append(row.name);
  throw std::invalid_argument("no allocator is called \"" + std::string(name.substr(0, 60)) +
                              "\"; expected one of " + known);
}

void total(const AllocationProblem& problem, Allocation* allocation) {
  allocation->total_value = allocation->total_utility = 0;
  for (std::size_t i = 0; i < problem.services.size(); ++i) {
    const Service& service = problem.services[i];
    const auto option = allocation->options[i];
    const double utility = option ? service.options[*option].utility : 0;
    allocation->total_utility += utility;
    allocation->total_value += value_of(service, utility);
  }
  allocation->total_needed_mbps =
      needed_together_mbps(problem.services, allocation->options, problem.rtt_ms).value_or(0);
}

}  // namespace turbo
