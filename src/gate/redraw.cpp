// SPDX-License-Identifier: Apache-2.0
#include "gate/redraw.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "statistics/shift.h"

namespace assay {
namespace {

constexpr int kDraws = 256;  // a pair, for a deviation
constexpr std::uint64_t kSeed = 1;

std::vector<double> redrawn(const std::vector<double>& costs, Dice& dice) {
  std::vector<double> drawn;
  for (std::size_t i = 0; i < costs.size(); ++i) drawn.push_back(costs[dice.below(costs.size())]);
  return drawn;
}

std::vector<Stratum> blocks_drawn(const std::vector<Stratum>& blocks, Dice& dice) {
  std::vector<Stratum> drawn;
  for (std::size_t i = 0; i < blocks.size(); ++i) drawn.push_back(blocks[dice.below(blocks.size())]);
  return drawn;
}

double square(double x) {
  return x * x;
}

/// The variance that drawing blocks anew adds to the shift of a pair.
double added_by_drawing(const Recording& recording, std::size_t figure, ShiftTest& test) {
  Dice dice(kSeed);
  double squares = 0;
  for (const AaPair& pair : recording.pairs) {
    const double own = test(pair[figure]).value;
    for (int i = 0; i < kDraws; ++i) squares += square(test(blocks_drawn(pair[figure], dice)).value - own);
  }
  return squares / (kDraws * static_cast<double>(recording.pairs.size()));
}

}  // namespace

AaPair redrawn(const Recording& recording, Dice& dice) {
  AaPair suite = recording.pair(dice.below(recording.pair_count()));
  const bool swapped = dice.below(2) == 1;
  for (auto& strata : suite) {
    if (recording.turns) {
      strata = blocks_drawn(strata, dice);
    } else {
      strata.front().base = redrawn(strata.front().base, dice);
      strata.front().other = redrawn(strata.front().other, dice);
    }
    if (swapped)
      for (Stratum& s : strata) std::swap(s.base, s.other);
  }
  return suite;
}

double relabelled_deviation(const Recording& recording, std::size_t figure, ShiftTest& test) {
  Dice dice(kSeed);
  double squares = 0;
  for (const AaPair& pair : recording.pairs) {
    std::vector<Stratum> blocks = pair[figure];
    for (int i = 0; i < kDraws; ++i) {
      for (Stratum& block : blocks)
        if (dice.below(2) == 1) std::swap(block.base, block.other);
      squares += square(test(blocks).value);
    }
  }
  return std::sqrt(squares / (kDraws * static_cast<double>(recording.pairs.size())));
}

Recording as_scattered_as_pairs(Recording recording) {
  if (!recording.turns) return recording;
  ShiftTest test;
  for (std::size_t f = 0; f < recording.figures.size(); ++f) {
    std::vector<double> shifts;
    double squares = 0;
    for (const AaPair& pair : recording.pairs) {
      shifts.push_back(test(pair[f]).value);
      squares += square(shifts.back());
    }
    const double of_pairs = squares / static_cast<double>(shifts.size());
    if (!(of_pairs > 0)) continue;
    const double wanted = std::max(of_pairs, square(relabelled_deviation(recording, f, test)));
    const double left = std::max(0.0, wanted - added_by_drawing(recording, f, test));
    const double kept = std::min(1.0, std::sqrt(left / of_pairs));
    for (std::size_t p = 0; p < shifts.size(); ++p)
      for (Stratum& block : recording.pairs[p][f])
        for (double& cost : block.other) cost -= (1 - kept) * shifts[p];
  }
  return recording;
}

}  // namespace assay
