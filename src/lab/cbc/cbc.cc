#include "lab/cbc/cbc.h"

#include <coin/Cbc_C_Interface.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace turbo {
namespace {

// CBC's tolerances are absolute, 1e-7 at most times: the bandwidth counts as so much, and a utility of 1.
constexpr double kBandwidth = 1e6, kUtility = 1e6;
constexpr double kNothing = 1e-9;  // on that scale; it is confused by smaller coefficients

struct Variable {
  std::size_t service;
  std::optional<std::size_t> option;
  double needed_mbps, value;
};

std::vector<Variable> variables_of(const AllocationProblem& problem, double bandwidth_mbps) {
  std::vector<Variable> variables;
  for (std::size_t s = 0; s < problem.services.size(); ++s) {
    const Service& service = problem.services[s];
    bool has_free = false;
    for (std::size_t i = 0; i < service.options.size(); ++i) {
      const ModelOption& option = service.options[i];
      const auto needed = needed_mbps(option, service.slo_ms, problem.rtt_ms);
      if (!needed || *needed > bandwidth_mbps) continue;
      variables.push_back({s, i, *needed, value_of(service, option.utility)});
      has_free |= variables.back().needed_mbps == 0;
    }
    if (!has_free) variables.push_back({s, std::nullopt, 0, value_of(service, 0)});
  }
  return variables;
}

// Columns of the program: a variable is in its service's row, and in the bandwidth's, which is the last.
struct Columns {
  std::vector<int> starts, rows;
  std::vector<double> coefficients, objective;
};

Columns columns_of(const std::vector<Variable>& variables, int bandwidth_row, double bandwidth_mbps) {
  Columns columns;
  for (const Variable& variable : variables) {
    columns.starts.push_back(static_cast<int>(columns.rows.size()));
    columns.rows.push_back(static_cast<int>(variable.service));
    columns.coefficients.push_back(1);
    const double share = variable.needed_mbps > 0 ? variable.needed_mbps / bandwidth_mbps : 0;
    if (share * kBandwidth > kNothing) {
      columns.rows.push_back(bandwidth_row);
      columns.coefficients.push_back(share * kBandwidth);
    }
    columns.objective.push_back(variable.value * kUtility);
  }
  columns.starts.push_back(static_cast<int>(columns.rows.size()));
  return columns;
}

using Model = std::unique_ptr<Cbc_Model, decltype(&Cbc_deleteModel)>;

Model make_model(const std::vector<Variable>& variables, std::size_t services, double bandwidth_mbps) {
  const Columns columns = columns_of(variables, static_cast<int>(services), bandwidth_mbps);
  const std::vector<double> zeros(variables.size(), 0), ones(variables.size(), 1);
  std::vector<double> least(services + 1, 1), most(services + 1, 1);
  least.back() = 0, most.back() = kBandwidth;
  Model model(Cbc_newModel(), &Cbc_deleteModel);
  Cbc_setLogLevel(model.get(), 0);
  Cbc_loadProblem(model.get(), static_cast<int>(variables.size()), static_cast<int>(services) + 1,
                  columns.starts.data(), columns.rows.data(), columns.coefficients.data(), zeros.data(),
                  ones.data(), columns.objective.data(), least.data(), most.data());
  for (int i = 0; i < static_cast<int>(variables.size()); ++i) Cbc_setInteger(model.get(), i);
  Cbc_setObjSense(model.get(), -1);
  for (const auto& [name, value] : {std::pair{"log", "0"},
                                    {"ratioGap", "0"},
                                    {"allowableGap", "0"},
                                    {"integerTolerance", "1e-9"},
                                    {"primalTolerance", "1e-9"}})
    Cbc_setParameter(model.get(), name, value);
  return model;
}

}  // namespace

Allocation CbcAllocator::allocate(const AllocationProblem& problem) {
  Allocation allocation;
  allocation.options.resize(problem.services.size());
  if (problem.services.empty()) return allocation;
  const double bandwidth_mbps = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  const std::vector<Variable> variables = variables_of(problem, bandwidth_mbps);
  const Model model = make_model(variables, problem.services.size(), bandwidth_mbps);
  Cbc_solve(model.get());
  const double* solution = Cbc_isProvenOptimal(model.get()) ? Cbc_bestSolution(model.get()) : nullptr;
  if (!solution) throw std::runtime_error("cbc: it found no best allocation");
  for (std::size_t i = 0; i < variables.size(); ++i)
    if (solution[i] > 0.5) allocation.options[variables[i].service] = variables[i].option;
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
