// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "gate/recording.h"
#include "gate/redraw.h"

namespace assay {
namespace {

/// Standard deviation of sessions of one side, within what they share.
double within_of(const Recording& recording, std::size_t figure) {
  double squares = 0, degrees = 0;
  const auto add = [&](const std::vector<double>& costs) {
    if (costs.size() < 2) return;
    squares += variance(costs) * static_cast<double>(costs.size() - 1);
    degrees += static_cast<double>(costs.size() - 1);
  };
  for (const auto& run : recording.runs) add(run[figure]);
  for (const AaPair& pair : recording.pairs)
    for (const Stratum& s : pair[figure]) {
      add(s.base);
      add(s.other);
    }
  return degrees > 0 ? std::sqrt(squares / degrees) : 0;
}

struct Deviation {
  double value = 0;
  std::int64_t degrees = 0;
};

/// The 95th percentile of chi squared, divided by its degrees: E. B. Wilson and M. M. Hilferty (1931).
double largest_by_chance(std::int64_t degrees) {
  const double part = 2 / (9 * static_cast<double>(degrees));
  return std::pow(1 - part + kCaught * std::sqrt(part), 3);
}

/// Of pairs around no change, which is known to be the truth. Of turns, where pairs do not lie further apart
/// than by chance (5 %) than their own turns, those of relabelled turns, with a degree of freedom a
/// block.
Deviation deviation_of(const Recording& recording, std::size_t figure, std::span<const double> shifts,
                       ShiftTest& test) {
  double squares = 0;
  for (const double shift : shifts) squares += shift * shift;
  const double square = squares / static_cast<double>(shifts.size());
  const Deviation of_pairs = {std::sqrt(square), recording.independent() - (recording.turns ? 0 : 1)};
  if (!recording.turns) return of_pairs;
  Deviation of_turns = {relabelled_deviation(recording, figure, test), 0};
  for (const AaPair& pair : recording.pairs) of_turns.degrees += std::ssize(pair[figure]);
  const bool by_chance = square <= largest_by_chance(of_pairs.degrees) * of_turns.value * of_turns.value;
  return by_chance ? of_turns : of_pairs;
}

}  // namespace

std::vector<Noise> noise_of(const Recording& recording) {
  std::vector<Noise> all;
  if (recording.pair_count() == 0 || recording.independent() < 2) return all;
  ShiftTest test;
  for (std::size_t f = 0; f < recording.figures.size(); ++f) {
    const RecordedFigure& figure = recording.figures[f];
    Noise noise{.case_id = figure.case_id,
                .device = figure.device,
                .of = figure.of,
                .statistic = figure.statistic,
                .turns = recording.turns,
                .sessions = recording.sessions,
                .pairs = static_cast<std::int64_t>(recording.pair_count())};
    std::vector<double> shifts, shares;
    for (std::size_t p = 0; p < recording.pair_count(); ++p) {
      shifts.push_back(test(recording.pair(p)[f]).value);
      noise.largest = std::max(noise.largest, std::abs(shifts.back()));
      for (const double either : {shifts.back(), -shifts.back()})  // either may be the base
        shares.push_back(std::abs(share_of_log(either)));
    }
    noise.floor = quantile(shares, 0.95);
    const Deviation deviation = deviation_of(recording, f, shifts, test);
    noise.deviation = deviation.value;
    noise.degrees = deviation.degrees;
    noise.within = within_of(recording, f);
    if (!recording.turns)
      noise.between = std::sqrt(std::max(
          0.0, noise.deviation * noise.deviation / 2 - kVarianceOfMedian * noise.within * noise.within /
                                                           static_cast<double>(recording.sessions)));
    all.push_back(noise);
  }
  return all;
}

}  // namespace assay
