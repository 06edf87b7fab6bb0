// SPDX-License-Identifier: Apache-2.0
// In which order two sides take turns. Blocks of four, each "abba" or "baab": within a block a drift that
// goes straight on costs both sides the same; which of the two it is is drawn, so that no rhythm of the
// machine goes with the sides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay {

inline constexpr std::int64_t kTurnsOfASide = 2;  // in a block

/// `sessions` of each side, a multiple of kTurnsOfASide. The same seed gives the same order everywhere.
std::vector<std::string> turn_order(std::uint64_t seed, std::int64_t sessions);

/// "STARTED/SEED/RANDOM", by which both sides know each other: of no other run, though it began in the same
/// second.
std::string turns_id(const std::string& started_at, std::uint64_t seed);

}  // namespace assay
