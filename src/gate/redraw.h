// SPDX-License-Identifier: Apache-2.0
// Suites drawn by lot from results that differ in nothing.
#pragma once

#include <cstddef>

#include "gate/dice.h"
#include "gate/recording.h"

namespace assay {

/// One suite: the same runs for all figures, each figure's sessions (or blocks of turns) drawn anew with
/// replacement; either may be the base.
AaPair redrawn(const Recording& recording, Dice& dice);

/// Which side of a block went first was drawn by lot: with the sides of any of its blocks taken for each
/// other, a pair that differs in nothing is as likely as it was. The standard deviation of the shifts of all
/// these pairs; of turns only.
double relabelled_deviation(const Recording& recording, std::size_t figure, ShiftTest& test);

/// Drawing a pair's blocks anew adds their scatter to a shift that holds it already: suites would lie apart
/// by up to twice the variance of real pairs. So shifts of pairs are shrunk until suites scatter as pairs do,
/// and no less than pairs with their turns relabelled: J. R. Carpenter, H. Goldstein and J. Rasbash, "A novel
/// bootstrap procedure for assessing the relationship between class size and achievement" (2003). Results
/// that were not interleaved stay as they are.
Recording as_scattered_as_pairs(Recording recording);

}  // namespace assay
