// SPDX-License-Identifier: Apache-2.0
// Metrics, facts and statuses as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyse/summary.h"

namespace assay {

/// "time_to_first_token_s" -> "Time to first token"; "output_tokens_per_s" -> "Output tokens per second"
std::string metric_label(std::string_view metric);
std::string metric_text(const Headline& headline);  // its value, or "withheld"
std::string metric_text(const Headline& headline, const std::optional<double>& value);
std::string interval_text(const Headline& headline);  // "±0.8 %", or "-"
std::string plus_minus(const std::optional<double>& half_width);
/// "150 in 10 blocks", "900 in 60 blocks of 6 sessions"
std::string draws_text(const Headline& headline);
/// "lowest of 3 batches: batch=1"; empty where there is one.
std::string best_text(const BestFigure& best, const Headline& headline);

/// "These figures may be used as they are", or not; without a full stop.
std::string_view usable_text(Usable verdict);

std::string setting_label(std::string_view name);  // "prompt_tokens" -> "Prompt tokens"
std::string setting_text(const Json& value);       // 1024 -> "1,024", "bf16" as it is
std::string fact_text(const Fact& fact);
std::string bound_text(const std::optional<Bound>& bound);
std::string spaced(std::string text);  // "not_a_measurement" -> "not a measurement"

std::string capitalised(std::string text);
std::string uncapitalised(std::string text);  // "FLOP utilisation" stays as it is
/// "1 case", "3 cases"
std::string counted(std::int64_t count, std::string_view noun);

}  // namespace assay
