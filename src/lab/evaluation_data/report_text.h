#pragma once
// What a check of evaluation data found, and which scenarios they have, for people and for programs.

#include <string>
#include <vector>

#include "evaluation/evaluation_check.h"
#include "evaluation/scenario_list.h"

namespace turbo::lab {

std::string text_of(const EvaluationReport& report);
std::string json_of(const EvaluationReport& report);  // one object, one line

std::string text_of(const std::vector<ScenarioExtent>& scenarios);
std::string json_of(const std::vector<ScenarioExtent>& scenarios);  // one object, one line

}  // namespace turbo::lab
