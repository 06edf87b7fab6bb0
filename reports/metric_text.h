// SPDX-License-Identifier: Apache-2.0
// Metrics as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyse/summary.h"

namespace assay {

/// "time_to_first_token_s" -> "Time to first token"; "output_tokens_per_s" -> "Output tokens per second"
std::string metric_label(std::string_view metric);
/// The unit to print: of "output_tokens_per_s", whose result unit is "1/s", it is "tokens/s".
std::string metric_unit(std::string_view metric, std::string_view unit);
std::string metric_text(const Headline& headline);  // its median
std::string metric_text(const Headline& headline, const std::optional<double>& value);
std::string interval_text(const Headline& headline);  // "±0.8 %", or "-"
std::string plus_minus(const std::optional<double>& half_width);

std::string peak_label(std::string_view peak);  // "flops_per_s bf16" -> "bf16 arithmetic"

std::string capitalised(std::string text);
/// "1 case", "3 cases"
std::string counted(std::int64_t count, std::string_view noun);

}  // namespace assay
