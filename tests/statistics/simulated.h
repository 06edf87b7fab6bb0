// SPDX-License-Identifier: Apache-2.0
// Seeded series whose truth is known, for asking how often intervals hold. The same on every machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "statistics/blocks.h"

namespace assay::test {

// A sanitizer makes these programs ten times slower: they then show that nothing is read out of bounds, with
// a twentieth of the trials, and compare no figures.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kFewTrials = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kFewTrials = true;
#else
inline constexpr bool kFewTrials = false;
#endif
#else
inline constexpr bool kFewTrials = false;
#endif
constexpr int trials(int wanted) {
  return kFewTrials ? std::max(50, wanted / 20) : wanted;
}

class Dice {
 public:
  explicit Dice(std::string_view name) : key_(random_key(20, name)) {}

  double normal() {
    if (!second_) block_ = philox(key_, counter_++);
    second_ = !second_;
    const std::uint32_t* pair = block_.word + (second_ ? 0 : 2);
    return kScale * irwin_hall(pair[0], pair[1]);
  }
  bool one_in(std::uint32_t n) { return philox(key_, counter_++).word[0] % n == 0; }

 private:
  static constexpr double kScale = 2.6428997921303014e-05;  // 1 / sqrt(4 (2^32 - 1) / 12): a deviation of 1
  std::uint64_t key_, counter_ = 0;
  PhiloxBlock block_ = {};
  bool second_ = false;
};

/// How draws of a block scatter, and blocks among each other; both with a standard deviation of 1.
enum class Shape {
  normal,
  skewed,      // lognormal (sigma 1/2), and one draw in 20 takes three times as long
  correlated,  // normal; within a block each draw has a correlation of 0.6 with the last: AR(1)
  slow_blocks  // skewed, and one block in 20 has a level three times as high
};

inline double slow_tail(Dice& dice) {
  return std::exp(dice.normal() / 2) * (dice.one_in(20) ? 3 : 1) / 0.869;
}
inline double level(Shape shape, Dice& dice) {
  if (shape == Shape::slow_blocks) return slow_tail(dice);
  return shape == Shape::skewed ? std::exp(dice.normal() / 2) / 0.604 : dice.normal();
}

/// The draws of a block, around 0 (skewed: from it).
inline void scatter(Shape shape, Dice& dice, std::vector<double>& draws) {
  for (std::size_t i = 0; i < draws.size(); ++i) {
    draws[i] = shape == Shape::skewed || shape == Shape::slow_blocks ? slow_tail(dice) : dice.normal();
    if (shape == Shape::correlated && i > 0) draws[i] = 0.6 * draws[i - 1] + 0.8 * draws[i];
  }
}

/// Blocks' levels and scatter, drawn once and put together for several ratios of the one to the other.
class Clusters {
 public:
  Clusters(Shape shape, std::size_t blocks, std::size_t draws, Dice& dice)
      : levels_(blocks), scatter_(blocks, std::vector<double>(draws)), series_{.blocks = scatter_} {
    for (double& value : levels_) value = level(shape, dice);
    for (auto& block : scatter_) scatter(shape, dice, block);
  }
  const BlockedSeries& at(double ratio) {
    for (std::size_t b = 0; b < levels_.size(); ++b)
      for (std::size_t i = 0; i < scatter_[b].size(); ++i)
        series_.blocks[b][i] = ratio * levels_[b] + scatter_[b][i];
    return series_;
  }

 private:
  std::vector<double> levels_;
  std::vector<std::vector<double>> scatter_;
  BlockedSeries series_;
};

/// How often an interval held.
struct Count {
  int held = 0, given = 0, asked = 0, refused = 0;
  double width = 0;

  void add(const Estimate& estimate, double truth) {
    ++asked;
    refused += estimate.hang_together;
    if (!estimate.ci95) return;
    ++given;
    held += estimate.ci95->low <= truth && truth <= estimate.ci95->high;
    width += estimate.ci95->high - estimate.ci95->low;
  }
  double coverage() const { return static_cast<double>(held) / given; }
  double no_interval() const { return 1 - static_cast<double>(given) / asked; }
};

}  // namespace assay::test
