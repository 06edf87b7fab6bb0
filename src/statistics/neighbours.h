// SPDX-License-Identifier: Apache-2.0
// Do neighbouring blocks have to do with each other, and how many must be taken as one until they do not?
// Grouping as in G. S. Fishman, "Grouping Observations in Digital Simulation", Management Science 24 (1978):
// test, merge neighbouring pairs, test again. The test is rank-based, so that one wild block decides nothing:
// R. Bartels, "The Rank Version of von Neumann's Ratio Test for Randomness", JASA 77 (1982).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay {

/// 1 .. n by size; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values);

struct Order {
  double correlation = 0;  // of each value's rank with the next one's
  double likeness = 0;     // how far neighbours are more alike than in random order, in standard deviations
};
/// Of at least 3 values; 0 and 0 where all are equal.
Order order_of(std::span<const double> values);

/// Sums over `merged` neighbours; what is left over joins the last unit.
std::vector<double> unit_sums(std::span<const double> blocks, std::int64_t merged);

struct Grouping {
  std::int64_t merged = 1, units = 0;
  bool hang_together = false;
  double lag1 = 0;  // rank correlation of neighbouring blocks
};

/// A block's value is sum / size. Merges by two until the units' values are in no order that shows, while at
/// least 6 units are left.
Grouping group(std::span<const double> sums, std::span<const double> sizes);

}  // namespace assay
