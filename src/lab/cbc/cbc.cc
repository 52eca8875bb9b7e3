#include "lab/cbc/cbc.h"

#include <coin/Cbc_C_Interface.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/allocation/turns_need.h"

namespace turbo {
namespace {

// CBC's tolerances are absolute, 1e-7 at most times: the bandwidth counts as so much, and a utility of 1.
constexpr double kBandwidth = 1e6, kUtility = 1e6;
constexpr double kNothing = 1e-9;  // on that scale; it is confused by smaller coefficients

constexpr double kUnbounded = 1e30;

struct Turn {  // an option whose frames are kept apart from others at its rate
  std::size_t service, option;
  double needed_mbps;
  std::int64_t rate;
};

struct Variable {
  std::optional<std::size_t> service;  // none: a part of the bandwidth that turns share
  std::optional<std::size_t> option;
  double needed_mbps, value;
  std::vector<std::pair<std::size_t, double>> in_turns;  // coefficients, by place among the turns
};

struct Program {
  std::vector<Variable> variables;
  std::vector<Turn> turns;
};

void add_service(const AllocationProblem& problem, std::size_t s, double bandwidth_mbps, Program* program) {
  const Service& service = problem.services[s];
  bool has_free = false;
  for (std::size_t i = 0; i < service.options.size(); ++i) {
    const ModelOption& option = service.options[i];
    const auto needed = needed_mbps(option, service.slo_ms, problem.rtt_ms);
    if (!needed || *needed > bandwidth_mbps) continue;
    const double value = value_of(service, option.utility);
    program->variables.push_back({s, i, *needed, value, {}});
    has_free |= *needed == 0;
    if (*needed == 0 || !keeps_apart(service, option, problem.services.size(), problem.rtt_ms)) continue;
    program->variables.push_back({s, i, 0, value, {{program->turns.size(), 1}}});
    program->turns.push_back({s, i, *needed, rate_of(service, option)});
  }
  if (!has_free) program->variables.push_back({s, std::nullopt, 0, value_of(service, 0), {}});
}

Program program_of(const AllocationProblem& problem, double bandwidth_mbps) {
  Program program;
  for (std::size_t s = 0; s < problem.services.size(); ++s) add_service(problem, s, bandwidth_mbps, &program);
  std::set<std::pair<std::int64_t, double>> parts;
  for (const Turn& turn : program.turns) parts.emplace(turn.rate, turn.needed_mbps);
  for (const auto& [rate, mbps] : parts) {
    Variable part{std::nullopt, std::nullopt, mbps, 0, {}};
    for (std::size_t i = 0; i < program.turns.size(); ++i)
      if (program.turns[i].rate == rate && program.turns[i].needed_mbps <= mbps)
        part.in_turns.push_back({i, -1});
    program.variables.push_back(std::move(part));
  }
  return program;
}

// Columns of the program. Rows: a service's each, the bandwidth's, the one part's, and a turn's each.
struct Columns {
  std::vector<int> starts, rows;
  std::vector<double> coefficients, objective;

  void add(std::size_t row, double coefficient) {
    rows.push_back(static_cast<int>(row));
    coefficients.push_back(coefficient);
  }
};

Columns columns_of(const Program& program, std::size_t services, double bandwidth_mbps) {
  const std::size_t bandwidth_row = services, part_row = services + 1, first_turn_row = services + 2;
  Columns columns;
  for (const Variable& variable : program.variables) {
    columns.starts.push_back(static_cast<int>(columns.rows.size()));
    if (variable.service) columns.add(*variable.service, 1);
    const double share = variable.needed_mbps > 0 ? variable.needed_mbps / bandwidth_mbps : 0;
    if (share * kBandwidth > kNothing) columns.add(bandwidth_row, share * kBandwidth);
    if (!variable.service) columns.add(part_row, 1);
    for (const auto& [turn, coefficient] : variable.in_turns) columns.add(first_turn_row + turn, coefficient);
    columns.objective.push_back(variable.value * kUtility);
  }
  columns.starts.push_back(static_cast<int>(columns.rows.size()));
  return columns;
}

using Model = std::unique_ptr<Cbc_Model, decltype(&Cbc_deleteModel)>;

Model make_model(const Program& program, std::size_t services, double bandwidth_mbps) {
  const Columns columns = columns_of(program, services, bandwidth_mbps);
  const std::size_t variables = program.variables.size();
  const std::vector<double> zeros(variables, 0), ones(variables, 1);
  std::vector<double> least(services, 1), most(services, 1);
  least.push_back(0), most.push_back(kBandwidth);
  least.push_back(0), most.push_back(1);
  least.resize(least.size() + program.turns.size(), -kUnbounded);
  most.resize(least.size(), 0);
  Model model(Cbc_newModel(), &Cbc_deleteModel);
  Cbc_setLogLevel(model.get(), 0);
  Cbc_loadProblem(model.get(), static_cast<int>(variables), static_cast<int>(least.size()),
                  columns.starts.data(), columns.rows.data(), columns.coefficients.data(), zeros.data(),
                  ones.data(), columns.objective.data(), least.data(), most.data());
  for (int i = 0; i < static_cast<int>(variables); ++i) Cbc_setInteger(model.get(), i);
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
  const Program program = program_of(problem, bandwidth_mbps);
  const Model model = make_model(program, problem.services.size(), bandwidth_mbps);
  Cbc_solve(model.get());
  const double* solution = Cbc_isProvenOptimal(model.get()) ? Cbc_bestSolution(model.get()) : nullptr;
  if (!solution) throw std::runtime_error("cbc: it found no best allocation");
  for (std::size_t i = 0; i < program.variables.size(); ++i)
    if (const Variable& variable = program.variables[i]; variable.service && solution[i] > 0.5)
      allocation.options[*variable.service] = variable.option;
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
