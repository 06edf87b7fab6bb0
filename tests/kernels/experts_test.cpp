// SPDX-License-Identifier: Apache-2.0
// A mixture of experts: where tokens go, what experts say, and how it is put together.
#include <gtest/gtest.h>

#include "kernels/expert_matmul/expert_matmul.h"
#include "kernels/expert_sum/expert_sum.h"
#include "kernels/route/route.h"
#include "support/expect_error.h"
#include "support/host_op.h"

namespace assay::experts_tests {
namespace {

std::string objection_to(const Route& op, const std::vector<double>& logits,
                         const std::vector<std::int32_t>& experts, const std::vector<float>& weights,
                         const std::vector<double>& bias = {}) {
  std::vector<std::vector<double>> values = {logits};
  if (!bias.empty()) values.push_back(bias);
  const HostInputs inputs(op, values);
  const TensorView out[] = {{experts.data(), DType::i32, static_cast<std::int64_t>(experts.size())},
                            {weights.data(), DType::f32, static_cast<std::int64_t>(weights.size())}};
  return op.objection(inputs.views(), out, 0);
}

const std::vector<double> kLogits = {std::log(1.0), std::log(5.0), std::log(2.0), std::log(2.0)};  // of 10

TEST(Route, TakesTheLikeliestExpertsAndTheirShares) {
  const Route plain({.tokens = 1, .experts = 4, .used = 2, .type = DType::f32});
  EXPECT_EQ(objection_to(plain, kLogits, {1, 2}, {0.5f, 0.2f}), "");
  EXPECT_EQ(objection_to(plain, kLogits, {1, 3}, {0.5f, 0.2f}), "");  // as likely
  ASSAY_EXPECT_HAS(objection_to(plain, kLogits, {1, 0}, {0.5f, 0.1f}), "place 1: expert 0 has the score 0.1");
  ASSAY_EXPECT_HAS(objection_to(plain, kLogits, {1, 2}, {0.5f, 0.3f}), "place 1: weight 0.3, not 0.2");
  ASSAY_EXPECT_HAS(objection_to(plain, kLogits, {1, 1}, {0.5f, 0.5f}), "stands there twice");
  ASSAY_EXPECT_HAS(objection_to(plain, kLogits, {1, 4}, {0.5f, 0.2f}), "expert 4 of 4");
  const Route normalised(
      {.tokens = 1, .experts = 4, .used = 2, .type = DType::f32, .normalised = true, .scale = 7});
  EXPECT_EQ(objection_to(normalised, kLogits, {1, 2}, {5, 2}), "");
}

TEST(Route, ChoosesByTheBiasAndWeighsWithoutIt) {
  const Route op({.tokens = 1, .experts = 2, .used = 1, .type = DType::f32, .sigmoid = true, .bias = true});
  EXPECT_EQ(objection_to(op, {0, std::log(3.0)}, {1}, {0.75f}, {0, 0}), "");
  EXPECT_EQ(objection_to(op, {0, std::log(3.0)}, {0}, {0.5f}, {0.5, 0}), "");
}

TEST(Route, GoesToTheBestGroupsAlone) {
  // Shares 4, 1 | 3, 3: the first group has the best expert, the second the best two.
  const std::vector<double> logits = {std::log(4.0), std::log(1.0), std::log(3.0), std::log(3.0)};
  Route::Params p{.tokens = 1, .experts = 4, .used = 2, .type = DType::f32, .groups = 2, .groups_used = 1};
  const Route by_best(p);
  const HostInputs inputs(by_best, {logits});
  EXPECT_EQ(by_best.choice(inputs.views(), 0).experts, (std::vector<std::int64_t>{0, 1}));
  ASSAY_EXPECT_HAS(objection_to(by_best, logits, {0, 2}, {0.36f, 0.27f}), "not among the best");
  p.sigmoid = p.bias = true;
  const Route by_two(p);
  const HostInputs biased(by_two, {logits, {0, 0, 0, 0}});
  EXPECT_EQ(by_two.choice(biased.views(), 0).experts, (std::vector<std::int64_t>{2, 3}));
}

TEST(Route, ObjectsToNoChoiceOfItsOwn) {
  for (const auto& example : route_examples()) {
    const auto& op = dynamic_cast<const Route&>(*example);
    const HostInputs inputs(op);
    std::vector<std::int32_t> experts(static_cast<std::size_t>(op.p.tokens * op.p.used));
    std::vector<float> weights(experts.size());
    for (std::int64_t t = 0; t < op.p.tokens; ++t) {
      const Route::Choice choice = op.choice(inputs.views(), t);
      for (std::size_t i = 0; i < choice.experts.size(); ++i) {
        experts[static_cast<std::size_t>(t * op.p.used) + i] = static_cast<std::int32_t>(choice.experts[i]);
        weights[static_cast<std::size_t>(t * op.p.used) + i] = static_cast<float>(choice.weights[i]);
      }
    }
    const TensorView out[] = {{experts.data(), DType::i32, static_cast<std::int64_t>(experts.size())},
                              {weights.data(), DType::f32, static_cast<std::int64_t>(weights.size())}};
    for (std::int64_t t = 0; t < op.p.tokens; ++t)
      EXPECT_EQ(op.objection(inputs.views(), out, t), "") << op.shape();
  }
}

// 8 experts of which a token goes to 2: the second token meets each of the first's with 1/4.
TEST(Route, CountsTheExpertsThatTokensTouchOnAverage) {
  EXPECT_DOUBLE_EQ(experts_touched(1, 8, 2), 2);
  EXPECT_DOUBLE_EQ(experts_touched(2, 8, 2), 3.5);
  EXPECT_NEAR(experts_touched(1000, 8, 2), 8, 1e-9);
  EXPECT_DOUBLE_EQ(experts_touched(3, 5, 5), 5);
}

TEST(ExpertMatMul, MultipliesEachTokenWithItsExperts) {
  // Experts: [1, 0], [0, 1], [1, 1] as single rows; a token goes to 2 and 0, another to 1 and 2.
  const ExpertMatMul op({.tokens = 2, .used = 2, .experts = 3, .n = 1, .k = 2, .type = DType::f32});
  const Recorder y = expected_of(op, HostInputs(op, {{3, 5, 7, 11}, {2, 0, 1, 2}, {1, 0, 0, 1, 1, 1}}));
  EXPECT_EQ(y.values[0], (std::vector<double>{8, 3, 11, 18}));
  const ExpertMatMul spread({.tokens = 1,
                             .used = 2,
                             .experts = 3,
                             .n = 1,
                             .k = 2,
                             .type = DType::f32,
                             .spread = true,
                             .bias = true});
  const Recorder z =
      expected_of(spread, HostInputs(spread, {{3, 5, 7, 11}, {2, 0}, {1, 0, 0, 1, 1, 1}, {100, 200, 300}}));
  EXPECT_EQ(z.values[0], (std::vector<double>{308, 107}));
}

TEST(ExpertMatMul, CountsTheWeightsOfTheExpertsThatAreTouched) {
  const ExpertMatMul op({.tokens = 2, .used = 2, .experts = 8, .n = 16, .k = 32, .type = DType::bf16});
  const Cost cost = op.cost();
  EXPECT_EQ(cost.flops, 2.0 * 4 * 16 * 32);
  EXPECT_EQ(cost.memory().read, 2 * 2 * 32 + 4 * 4 + 3.5 * 16 * 32 * 2);
  EXPECT_EQ(cost.memory().written, 4 * 16 * 2);
}

TEST(ExpertMatMul, ObjectsToAnExpertThatIsNotThere) {
  const ExpertMatMul op({.tokens = 2, .used = 1, .experts = 3, .n = 1, .k = 1, .type = DType::f32});
  EXPECT_EQ(op.check_inputs(HostInputs(op, {{1, 1}, {2, 0}, {1, 1, 1}}).views()), "");
  EXPECT_EQ(op.check_inputs(HostInputs(op, {{1, 1}, {2, 3}, {1, 1, 1}}).views()),
            "token 1 goes to expert 3 of 3");
}

TEST(ExpertSum, AddsWhatExpertsSayByTheirWeights) {
  const ExpertSum op({.tokens = 1, .used = 2, .cols = 2, .type = DType::f32});
  EXPECT_EQ(expected_of(op, HostInputs(op, {{1, 2, 10, 20}, {0.5, 0.25}})).values[0],
            (std::vector<double>{3, 6}));
  const ExpertSum gated(
      {.tokens = 1, .used = 1, .cols = 1, .type = DType::f32, .shared = true, .gated = true});
  EXPECT_NEAR(expected_of(gated, HostInputs(gated, {{8}, {0.5}, {4}, {std::log(3.0)}})).values[0][0],
              4 + 0.75 * 4, 1e-6);
  const Cost cost = gated.cost();
  EXPECT_EQ(cost.flops, 4);
  EXPECT_EQ(cost.memory().both(), 5 * 4);
}

}  // namespace
}  // namespace assay::experts_tests
