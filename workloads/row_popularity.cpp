// SPDX-License-Identifier: Apache-2.0
#include "workloads/row_popularity.h"

#include <algorithm>
#include <cmath>

namespace assay {

RowPopularity::RowPopularity(std::span<const std::int64_t> rows, std::span<const std::int64_t> lookups,
                             double skew) {
  for (std::size_t t = 0; t < rows.size(); ++t) {
    tables_.push_back({ZipfLaw(rows[t], skew), static_cast<double>(lookups[t])});
    lookups_ += static_cast<double>(lookups[t]);
  }
}

std::int64_t RowPopularity::Table::at_least(double rate) const {
  std::int64_t yes = 0, no = law.limit() + 1;  // ranks fall in popularity
  while (no - yes > 1) {
    const std::int64_t rows = yes + (no - yes) / 2;
    (lookups * law.probability(rows - 1) >= rate ? yes : no) = rows;
  }
  return yes;
}

// The rate that parts the rows inside from those outside, to the last bit that matters; rows of that very
// rate (a uniform table has no others) fill what is left.
double RowPopularity::share_of_best(std::int64_t cached) const {
  constexpr int kSteps = 100;
  double above = 0, below = -700;  // logarithms of rates: more than one lookup a sample, and none
  for (const Table& table : tables_) above = std::max(above, std::log(table.lookups) + 1);
  for (int step = 0; step < kSteps; ++step) {
    const double middle = (above + below) / 2;
    std::int64_t rows = 0;
    for (const Table& table : tables_) rows += table.at_least(std::exp(middle));
    (rows <= cached ? above : below) = middle;
  }
  std::int64_t left = cached;
  for (const Table& table : tables_) left -= table.at_least(std::exp(above));
  double served = 0;
  for (const Table& table : tables_) {
    const std::int64_t sure = table.at_least(std::exp(above));
    const std::int64_t more = std::min(left, table.at_least(std::exp(below)) - sure);
    left -= more;
    served += table.lookups * table.law.share_of_first(sure + more);
  }
  return served / lookups_;
}

}  // namespace assay
