// SPDX-License-Identifier: Apache-2.0
#include "gate/judge.h"

#include <gtest/gtest.h>

namespace assay::judge_tests {
namespace {

const Noise kNoise{
    .case_id = "a", .turns = true, .sessions = 8, .pairs = 12, .deviation = 0.01, .degrees = 48};
const GateScale kScale{.questions = 24};
const Limit kLimit{.loss = 0.03};

/// A loss of 20 %: far beyond the noise of the calibration.
Evidence lost(double p_of_sessions, const Noise* noise) {
  Evidence evidence;
  evidence.shift = {.value = 0.18, .ci90 = Interval{-0.1, 0.3}, .p = p_of_sessions, .least_p = 1e-4};
  evidence.base_sessions = evidence.candidate_sessions = 8;
  evidence.turns = true;
  evidence.noise = noise;
  return evidence;
}

Judgement judged(const Evidence& evidence) {
  const auto p = p_of(evidence, kScale);
  const auto over_all = p ? std::optional(*p * static_cast<double>(kScale.questions)) : p;
  return judge_loss(kLimit, evidence, bounds_of(kLimit, evidence, kScale), over_all, kScale);
}

TEST(JudgeLoss, ACalibrationMakesGoodForSoManyQuestions) {
  EXPECT_EQ(judged(lost(0.02, nullptr)).verdict, Outcome::cannot_tell) << "0.02 x 24";
  EXPECT_EQ(judged(lost(0.02, &kNoise)).verdict, Outcome::fail);
}

TEST(JudgeLoss, CannotTellInARunThatIsNoisierThanItsCalibration) {
  const Judgement judgement = judged(lost(0.2, &kNoise));
  EXPECT_EQ(judgement.verdict, Outcome::cannot_tell);
  EXPECT_NE(judgement.why.find("scatter"), std::string::npos) << judgement.why;
  EXPECT_NE(judgement.advice.find("calibrate"), std::string::npos) << judgement.advice;
}

TEST(JudgeLoss, AsksTheCalibrationAloneWhereSoFewSessionsCannotTell) {
  Evidence few = lost(0.3, &kNoise);
  few.base_sessions = few.candidate_sessions = 2;
  few.shift.least_p = 0.3;
  EXPECT_EQ(judged(few).verdict, Outcome::fail);
  few.noise = nullptr;
  EXPECT_EQ(judged(few).verdict, Outcome::cannot_tell);
}

TEST(POf, OfACalibrationWithoutNoiseIsOneOrNothing) {
  Noise none = kNoise;
  none.deviation = 0;
  EXPECT_EQ(p_of(lost(0.02, &none), kScale), 0);
  Evidence same = lost(1, &none);
  same.shift.value = 0;
  EXPECT_EQ(p_of(same, kScale), 1);
}

TEST(SignificantShift, IsThatOfStudentsT) {
  // Student's t of 48 degrees: 2.5 % lie above 2.0106
  EXPECT_NEAR(*significant_shift(lost(1, &kNoise), 0.05), 0.0201, 4e-4);
  EXPECT_FALSE(significant_shift(lost(1, nullptr), 0.05).has_value());
}

}  // namespace
}  // namespace assay::judge_tests
