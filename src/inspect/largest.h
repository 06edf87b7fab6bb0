// SPDX-License-Identifier: Apache-2.0
// The largest value (of a batch, of a context) of which a plan fits a memory, with few plans: each costs
// about a millisecond.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace assay {

/// Bytes that the plan of a value takes; nothing where the workload refuses the value.
using BytesAt = std::function<std::optional<std::int64_t>(std::int64_t)>;

struct ValueRange {
  std::int64_t least = 1, most = 1;  // that is asked for
  std::int64_t start = 1;            // asked first
};

/// Value v such that v fits into `room` and v + 1 does not, or is beyond the range, or refused;
/// least - 1 where none fits. Bytes grow with the value, nearly in a line from `fixed` at least - 1: a line
/// through two values tells where to ask next, and halving ends it where memory is no line.
std::int64_t largest_that_fits(const BytesAt& bytes_at, const ValueRange& range, std::int64_t fixed,
                               std::int64_t room);

/// The largest value in [1, most] that is not refused, where all below it are not either; 0 where 1 is. From
/// the highest bit down: limits are round numbers, so that nearly all questions are refused, which is cheap.
std::int64_t largest_accepted(const std::function<bool(std::int64_t)>& accepted, std::int64_t most);

}  // namespace assay
