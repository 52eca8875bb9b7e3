#pragma once
// What a check of evaluation data found, for people and for programs.

#include <string>

#include "evaluation/evaluation_check.h"

namespace turbo::lab {

std::string text_of(const EvaluationReport& report);
std::string json_of(const EvaluationReport& report);  // one object, one line

}  // namespace turbo::lab
