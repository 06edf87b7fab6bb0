// SPDX-License-Identifier: Apache-2.0
// How far one set of values lies from another, by ranks: nothing is assumed of their distribution. Values
// that were taken under the same conditions stand in one stratum (a block of an interleaved run) and are
// compared with each other alone; two runs as they are make one stratum.
//
// Sources: W. Hoeffding's U statistics by F. Wilcoxon (1945), H. B. Mann and D. R. Whitney (1947); within
// strata P. van Elteren (1960); the shift and its interval J. L. Hodges and E. L. Lehmann (1963); N. Cliff's
// delta (1993), its classes J. Romano and others (2006); S. Holm (1979).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "statistics/statistics.h"

namespace assay {

/// Of either side at least one value; strata in which a side has none say nothing.
struct Stratum {
  std::vector<double> base, other;
};

struct Shift {
  double value = 0;  // median of all differences other - base within strata
  /// Of the value, from the very test that gives p. Nothing where so few values could lie apart by chance
  /// however far they are.
  std::optional<Interval> ci95, ci90;
  double p = 1;  // two-sided: that values without a difference lie apart as far; exact below kExactPairs
  double least_p = 1;  // that so many values can give at all
  double delta = 0;    // Cliff's: P(other > base) - P(other < base), within strata
};

/// Differences up to which the null distribution is exact; beyond it is taken as normal.
inline constexpr std::int64_t kExactPairs = 4096;

/// Keeps the null distributions of the sizes that it has met: thousands of cases share one.
class ShiftTest {
 public:
  /// At least one stratum with values of both sides; else std::logic_error.
  Shift operator()(std::span<const Stratum> strata);
  /// Of the shift, with `tail` on either side.
  std::optional<Interval> interval(std::span<const Stratum> strata, double tail);

 private:
  using Sizes = std::vector<std::pair<std::size_t, std::size_t>>;
  /// below[u]: P(U <= u), of U = pairs in which other > base.
  const std::vector<double>& null_of(const Sizes& sizes);
  std::map<Sizes, std::vector<double>> nulls_;
};

/// p values made good for asking so many questions at once, in their order; each at most 1.
std::vector<double> holm(std::span<const double> p);

/// "negligible", "small", "medium" or "large", by the size of Cliff's delta.
std::string_view effect_class(double delta);

}  // namespace assay
