// SPDX-License-Identifier: Apache-2.0
// What the seeded weights of all networks share.
#pragma once

#include <cstdint>

namespace assay {

/// Of a bias, as a multiple of the spread of what it is added to: large enough that a dropped one shows.
inline constexpr double kBiasDeviation = 0.1;

/// A count, for the formulas of a weight's spread.
inline double real(std::int64_t value) {
  return static_cast<double>(value);
}

}  // namespace assay
