// SPDX-License-Identifier: Apache-2.0
// The sentences of an answer.
#pragma once

#include <string>
#include <vector>

#include "acceptance/recommendation.h"

namespace assay {

std::string sentence_of(const Recommendation& answer, const Grounds& grounds);
std::string reason_text(const Contender& contender, const Grounds& grounds);
/// `sessions`: the fewest that a verdict rests on; `no_interval`: one rests on a percentile without its own.
std::string confidence_text(Confidence confidence, std::int64_t sessions, bool disturbed, bool no_interval);
/// What would change the answer: the limit with the least room, limits that keep others out, and what is not
/// decided.
std::vector<std::string> changes(const Recommendation& answer, const Grounds& grounds);

/// "Time to first token at most 0.5 s"; of a percentile, which.
std::string limit_text(const AcceptanceLimit& limit, const std::string& unit);

}  // namespace assay
