// SPDX-License-Identifier: Apache-2.0
// The gate on real results that differ in nothing (tests/data/noise/): how often it cries wolf, and what it
// catches. Prints the tables that stand in docs/measuring.md.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iostream>

#include "gate/calibration.h"
#include "gate/limits.h"
#include "gate/noise_data.h"

namespace assay::proof_tests {
namespace {

constexpr std::int64_t kSuites = 20000;
constexpr std::uint64_t kSeed = 11;

std::filesystem::path data_folder() {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/data/noise";
}

Limits default_limits() {
  return read_limits(std::filesystem::path(ASSAY_SOURCE_DIR) / "configs/limits/default.json");
}

double binomial_tail(std::int64_t at_least, std::int64_t n, double p) {
  double sum = 0;
  for (std::int64_t k = at_least; k <= n; ++k)
    sum += std::exp(std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
                    std::lgamma(static_cast<double>(n - k) + 1) + static_cast<double>(k) * std::log(p) +
                    static_cast<double>(n - k) * std::log1p(-p));
  return sum;
}

/// C. J. Clopper and E. S. Pearson (1934): the share for which so few, or fewer, would be seen in 2.5 %.
double upper_bound(std::int64_t seen, std::int64_t n) {
  double low = 0, high = 1;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (1 - binomial_tail(seen + 1, n, middle) > 0.025 ? low : high) = middle;
  }
  return high;
}

TEST(ClopperPearson, IsThatOfTheTables) {
  EXPECT_NEAR(upper_bound(0, 10), 0.3085, 1e-4);
  EXPECT_NEAR(upper_bound(1, 20), 0.2487, 1e-4);
}

/// All pairs as they were recorded, each half judged by bounds made from the other.
struct RealPairs {
  std::int64_t pairs = 0, alarms = 0;
};
RealPairs real_pairs(const Recording& all, const Limits& limits) {
  RealPairs found;
  for (std::size_t half = 0; half < 2; ++half) {
    Limits calibrated = limits;
    calibrated.noise = noise_of(every_other(all, half));
    const PairCounts counts = judge_pairs(every_other(all, 1 - half), calibrated);
    found.pairs += counts.pairs;
    found.alarms += counts.alarms;
  }
  return found;
}

void print(const std::string& name, const CalibratedKind& kind, const RealPairs& real) {
  std::cout << fmt::format(
      "{}, {}: {} results, {} sessions a side; real pairs {} of {} failed (at most {:.1f} %); of {} suites "
      "{:.2f} % "
      "failed, {:.1f} % undecided\n",
      name, kind.turns ? "interleaved" : "one after the other", kind.results, kind.sessions, real.alarms,
      real.pairs, 100 * upper_bound(real.alarms, real.pairs), kind.suites, 100 * kind.alarms,
      100 * kind.undecided);
  for (const CalibratedFigure& f : kind.figures)
    std::cout << fmt::format("  {:<40} {:<24} floor {:5.1f} %  allowed {:5.1f} %  caught {}\n", f.case_id,
                             f.metric, 100 * f.floor, 100 * f.bound,
                             f.caught_loss ? fmt::format("{:5.1f} %", 100 * *f.caught_loss) : "never");
}

/// Figures whose noise floor is at most this, and that they have such a loss caught in 95 % of the suites.
struct LossClass {
  double floor, loss;
  int recordings = 0;  // that hold kFewest figures of it: fewer prove nothing

  static constexpr int kFewest = 3;

  void judge(const std::string& name, const CalibratedKind& kind) {
    int figures = 0, caught = 0;
    for (const CalibratedFigure& f : kind.figures) {
      if (f.floor > floor) continue;
      ++figures;
      caught += f.caught_loss && *f.caught_loss <= loss ? 1 : 0;
    }
    std::cout << fmt::format(
        "  {} of {} figures with a floor of at most {:.0f} % have a loss of {:.0f} % caught\n", caught,
        figures, 100 * floor, 100 * loss);
    if (!kind.turns || figures < kFewest) return;
    ++recordings;
    EXPECT_EQ(caught, figures) << name;
    EXPECT_LE(kind.undecided, 0.1) << name;
  }
};

TEST(Proof, OnRealResultsTheGateKeepsItsRates) {
  LossClass classes[] = {{.floor = 0.02, .loss = 0.05}, {.floor = 0.04, .loss = 0.1}};
  for (const auto& file : std::filesystem::directory_iterator(data_folder())) {
    if (file.path().extension() != ".txt") continue;
    const std::string name = file.path().stem().string();
    const std::vector<Result> results = gate_test::read_packed(file.path().string());
    const Limits limits = default_limits();
    const Calibration found = calibrate(results, limits, kSuites, kSeed);
    const Recordings recorded = record(results, limits);
    for (const CalibratedKind& kind : found.kinds) {
      ASSERT_TRUE(kind.held_out) << name;
      const Recording& recording = kind.turns ? recorded.turns : recorded.runs;
      print(name, kind, real_pairs(recording, found.limits));
      EXPECT_LE(kind.alarms, 1.0 / 200) << name;
      for (LossClass& one : classes) one.judge(name, kind);
    }
  }
  for (const LossClass& one : classes) EXPECT_GT(one.recordings, 0) << one.floor;
}

}  // namespace
}  // namespace assay::proof_tests
