// SPDX-License-Identifier: Apache-2.0
#include "reports/answer.h"

#include <gtest/gtest.h>

#include "support/example_result.h"
#include "support/golden.h"

namespace assay::answer_tests {
namespace {

std::string answer(const Result& r) {
  return answer_text(summarise({&r, 1}));
}

TEST(Answer, IsAsAccepted) {
  expect_golden("answer.txt", answer(example_result()));
}

TEST(Answer, SaysWhyACaseHasNoFigures) {
  Result r = example_result();
  r.cases.resize(1);
  r.cases[0].status = CaseStatus::skipped;
  r.cases[0].reason = "needs 9 bytes, 8 free on cpu";
  EXPECT_NE(answer(r).find("\n  skipped: needs 9 bytes, 8 free on cpu\n"), std::string::npos) << answer(r);
  EXPECT_NE(answer(r).find("These figures may not be used"), std::string::npos) << answer(r);
}

TEST(Answer, IsSilentOfAStageThatHasNoBound) {
  Result r = example_result();
  r.cases.resize(1);
  EXPECT_NE(answer(r).find(" of the bound\n"), std::string::npos) << answer(r);
  for (StageResult& stage : r.cases[0].stages) stage.place = Place::host;
  add_roofline(r);
  EXPECT_EQ(answer(r).find(" of the bound"), std::string::npos) << answer(r);
}

TEST(Answer, IsShortHoweverManyCasesThereAre) {
  Result r = example_result();
  while (r.cases.size() < 40) {
    r.cases.push_back(r.cases[0]);
    r.cases.back().id += std::to_string(r.cases.size());
  }
  EXPECT_NE(answer(r).find("\n28 more cases in the report\n"), std::string::npos) << answer(r);
}

}  // namespace
}  // namespace assay::answer_tests
