// SPDX-License-Identifier: Apache-2.0
#include "gate/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/error.h"
#include "gate/gate.h"
#include "gate/simulated.h"

namespace assay::calibration_tests {
namespace {

using gate_test::loss_limits;
using gate_test::Machine;
using gate_test::result;

std::vector<Result> runs(int count, const Machine& machine, int cases = 4) {
  std::vector<Result> all;
  for (int i = 0; i < count; ++i)
    all.push_back(result(cases, 8, 1000 + static_cast<std::uint64_t>(i), 1, machine));
  return all;
}

TEST(Calibration, FindsTheNoiseThatAMachineHas) {
  const Calibration found =
      calibrate(runs(24, {.between_runs = 0.004, .between_sessions = 0.01}), loss_limits(), 2000, 1);
  ASSERT_EQ(found.kinds.size(), 1u);
  const CalibratedKind& kind = found.kinds[0];
  EXPECT_EQ(kind.results, 24);
  EXPECT_EQ(kind.pairs, 24 * 23 / 2);
  EXPECT_TRUE(kind.held_out);
  for (const CalibratedFigure& figure : kind.figures) {
    EXPECT_EQ(figure.metric, "latency_s");
    EXPECT_NEAR(figure.within, 0.01, 0.002);
    // sqrt(2 (0.004^2 + 1.57 x 0.01^2 / 8)) = 0.0084, and 1.96 of it
    EXPECT_NEAR(figure.floor, 0.0165, 0.006);
    ASSERT_TRUE(figure.caught_loss.has_value());
    EXPECT_GT(*figure.caught_loss, figure.bound);
    EXPECT_LT(*figure.caught_loss, 0.06);
  }
  EXPECT_LE(kind.alarms, 0.005);
  EXPECT_EQ(found.limits.noise.size(), 4u);
  EXPECT_FALSE(found.limits.calibrated_on.empty());
}

TEST(Calibration, RaisesBoundsUntilTheWantedRateIsKept) {
  const Calibration found =
      calibrate(runs(24, {.between_runs = 0.03, .between_sessions = 0.01}), loss_limits(), 2000, 1);
  EXPECT_LE(found.kinds[0].alarms, 0.005);
  for (const CalibratedFigure& figure : found.kinds[0].figures) EXPECT_GT(figure.bound, 0.08);
}

TEST(Calibration, SaysWhereItsRatesAreOfTheVeryResults) {
  const Calibration found = calibrate(runs(6, {}), loss_limits(), 500, 1);
  EXPECT_FALSE(found.kinds[0].held_out);
  ASSERT_FALSE(found.notes.empty());
  EXPECT_NE(found.notes.back().find("flatters"), std::string::npos);
}

TEST(Calibration, RefusesResultsWithNothingInCommon) {
  EXPECT_THROW(calibrate(runs(1, {}), loss_limits(), 10, 1), Error);
  EXPECT_THROW(calibrate(std::vector<Result>{}, loss_limits(), 10, 1), Error);
}

TEST(Plan, AsksForTheSessionsThatALossNeeds) {
  const Calibration found =
      calibrate(runs(24, {.between_runs = 0, .between_sessions = 0.02}), loss_limits(), 500, 1);
  const std::vector<Planned> small = plan_sessions(found, 0.02, 3.0), large = plan_sessions(found, 0.1, 3.0);
  ASSERT_EQ(small.size(), 4u);
  ASSERT_TRUE(large[0].sessions.has_value());
  EXPECT_EQ(*large[0].seconds, 3.0 * static_cast<double>(*large[0].sessions));
  for (std::size_t i = 0; i < small.size(); ++i)
    EXPECT_TRUE(!small[i].sessions || *small[i].sessions > *large[i].sessions);
  const Calibration moving =
      calibrate(runs(24, {.between_runs = 0.05, .between_sessions = 0.02}), loss_limits(), 500, 1);
  const Planned never = plan_sessions(moving, 0.02, std::nullopt)[0];
  EXPECT_FALSE(never.sessions.has_value());
  EXPECT_NE(never.why.find("interleave"), std::string::npos);
}

/// Interleaved pairs on a machine that drifts by far more than the sides differ.
std::vector<Result> pairs(int count, double slower = 1) {
  std::vector<Result> all;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (int i = 0; i < count; ++i) {
    Interleaving turns{
        .id = std::to_string(i), .side = "a", .seed = 1, .blocks = {"abba", "baab", "abba", "baab"}};
    Result a = result(3, 8, 7), b = a;
    turns.side = "a";
    a.interleaving = turns;
    turns.side = "b";
    b.interleaving = turns;
    for (std::size_t c = 0; c < 3; ++c) {
      std::size_t session[2] = {0, 0};
      for (const std::string& block : turns.blocks) {
        const double drift = std::exp(0.2 * normal(random));
        for (const char turn : block) {
          Result& side = turn == 'a' ? a : b;
          auto& blocks = side.cases[c].series["stage/decode"].blocks;
          const double time = drift * std::exp(0.005 * normal(random)) * (turn == 'b' && c == 0 ? slower : 1);
          for (std::size_t k = 0; k < 6; ++k) blocks[6 * session[turn == 'b'] + k] = {time};
          ++session[turn == 'b'];
        }
      }
    }
    all.push_back(std::move(a));
    all.push_back(std::move(b));
  }
  return all;
}

TEST(Plan, AsksForTheSessionsOfEachFigureOfACase) {
  std::vector<Result> all = pairs(16);
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (Result& one : all)
    for (CaseResult& timed : one.cases) {
      SeriesResult noisy = timed.series["stage/decode"];
      for (std::size_t block = 0; block < noisy.blocks.size(); block += 6) {
        const double session = std::exp(0.03 * normal(random));
        for (std::size_t i = 0; i < 6; ++i) noisy.blocks[block + i] = {session};
      }
      timed.series["stage/prefill"] = noisy;
      timed.metrics["time_to_first_token_s"] = timed.metrics["latency_s"];
      timed.metrics["time_to_first_token_s"].of = "stage/prefill";
    }
  const std::vector<Planned> plans = plan_sessions(calibrate(all, loss_limits(), 500, 1), 0.02, {});
  ASSERT_EQ(plans.size(), 6u);
  for (std::size_t i = 0; i < plans.size(); i += 2) {
    EXPECT_EQ(plans[i].metric, "latency_s");
    EXPECT_EQ(plans[i + 1].metric, "time_to_first_token_s");
    EXPECT_GT(*plans[i + 1].sessions, 2 * *plans[i].sessions);
  }
}

TEST(Calibration, OfInterleavedPairsLeavesOutWhatBothSidesShare) {
  const Calibration found = calibrate(pairs(16), loss_limits(), 1000, 1);
  ASSERT_EQ(found.kinds.size(), 1u);
  EXPECT_TRUE(found.kinds[0].turns);
  EXPECT_EQ(found.kinds[0].pairs, 16);
  EXPECT_LE(found.kinds[0].alarms, 0.005);
  for (const CalibratedFigure& figure : found.kinds[0].figures) {
    EXPECT_LT(figure.floor, 0.01);
    EXPECT_LT(*figure.caught_loss, 0.05);
  }
}

TEST(Gate, CatchesInTurnsWhatDriftHides) {
  const std::vector<Result> slower = pairs(1, 1.06);
  const Limits limits = loss_limits();
  const GateVerdict verdict =
      gate({.base = slower[0], .candidate = slower[1], .limits = limits, .today = "2026-06-01"});
  EXPECT_EQ(verdict.verdict, Outcome::fail) << verdict.summary;
  EXPECT_TRUE(verdict.entries[0].turns);
  Result alone[] = {slower[0], slower[1]};
  for (Result& side : alone) side.interleaving.reset();
  EXPECT_EQ(gate({.base = alone[0], .candidate = alone[1], .limits = limits, .today = "2026-06-01"}).verdict,
            Outcome::cannot_tell);
}

}  // namespace
}  // namespace assay::calibration_tests
