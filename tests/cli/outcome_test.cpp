// SPDX-License-Identifier: Apache-2.0
#include "cli/outcome.h"

#include <gtest/gtest.h>

namespace assay::outcome_tests {
namespace {

TEST(ExitOutcome, TheWorstStaysWhateverComesLater) {
  ExitOutcome outcome;
  EXPECT_EQ(outcome.worst(), ExitCode::ok);
  outcome.add(ExitCode::inconclusive);
  EXPECT_EQ(outcome.worst(), ExitCode::inconclusive);
  outcome.add(ExitCode::wrong_result);
  outcome.add(ExitCode::device_failed);
  EXPECT_EQ(outcome.worst(), ExitCode::wrong_result) << "a lost device does not make wrong numbers right";
  outcome.add(ExitCode::ok);
  EXPECT_EQ(outcome.worst(), ExitCode::wrong_result);
}

}  // namespace
}  // namespace assay::outcome_tests
