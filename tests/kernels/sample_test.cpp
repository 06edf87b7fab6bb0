// SPDX-License-Identifier: Apache-2.0
#include "kernels/sample/sample.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::sample_tests {
namespace {

using Tokens = std::vector<std::int64_t>;
// Probabilities 1/8, 2/8, 5/8: tokens 2, 1, 0 from the most likely down.
const std::vector<double> kLogits = {std::log(1.0), std::log(2.0), std::log(5.0)};

struct Draw {
  float temperature = 0;
  std::int64_t top_k = 0;
  float top_p = 1;
};
Tokens right(const Draw& draw, const std::vector<double>& logits, float u) {
  return Sample({.sequences = 1,
                 .vocab = static_cast<std::int64_t>(logits.size()),
                 .capacity = 4,
                 .type = DType::f32,
                 .temperature = draw.temperature,
                 .top_k = draw.top_k,
                 .top_p = draw.top_p})
      .right_tokens(logits, u);
}

TEST(Sample, TakesTheLowestIdAmongTheLargest) {
  EXPECT_EQ(right({}, {1, 7, 3, 7, 7}, 0.99f), Tokens{1});
}

TEST(Sample, WalksFromTheMostLikelyDown) {
  const Draw p{.temperature = 1};
  EXPECT_EQ(right(p, kLogits, 0), Tokens{2});
  EXPECT_EQ(right(p, kLogits, 0.6f), Tokens{2});
  EXPECT_EQ(right(p, kLogits, 0.7f), Tokens{1});
  EXPECT_EQ(right(p, kLogits, 0.9f), Tokens{0});
}

TEST(Sample, AcceptsBothTokensWhereRoundingDecides) {
  EXPECT_EQ(right({.temperature = 1}, kLogits, 0.625f), (Tokens{2, 1}));
  EXPECT_EQ(right({.temperature = 1}, kLogits, 0.6250005f), (Tokens{2, 1}));
  EXPECT_EQ(right({.temperature = 1}, kLogits, 0.62501f), Tokens{1});
}

TEST(Sample, DividesByTheTemperature) {
  // Temperature 1/2 squares the weights: 1, 4, 25 of 30.
  EXPECT_EQ(right({.temperature = 0.5f}, kLogits, 0.82f), Tokens{2});
  EXPECT_EQ(right({.temperature = 0.5f}, kLogits, 0.84f), Tokens{1});
}

TEST(Sample, KeepsTopKWithTiesByLowestId) {
  EXPECT_EQ(right({.temperature = 1, .top_k = 2}, kLogits, 0.999f), Tokens{1});
  EXPECT_EQ(right({.temperature = 1, .top_k = 2}, kLogits, 0.70f), Tokens{2});  // below 5/7
  EXPECT_EQ(right({.temperature = 1, .top_k = 1}, {3, 4, 4}, 0.999f), Tokens{1});
  EXPECT_EQ(right({.temperature = 1, .top_k = 99}, kLogits, 0.9f), Tokens{0});
}

TEST(Sample, KeepsTheSmallestSetThatReachesTopP) {
  // 5/8 falls short of 0.7, 7/8 reaches it: u 0.9 of 7/8 is 0.7875.
  EXPECT_EQ(right({.temperature = 1, .top_p = 0.7f}, kLogits, 0.9f), Tokens{1});
  EXPECT_EQ(right({.temperature = 1, .top_p = 0.6f}, kLogits, 0.999f), Tokens{2});
  EXPECT_EQ(right({.temperature = 1, .top_p = 0}, kLogits, 0.999f), Tokens{2});
}

TEST(Sample, AcceptsBothSetsWhereRoundingDecidesTopP) {
  // The most likely token alone reaches 5/8 or just does not: u 0.8 gives it, or 0.8 of 7/8, the next.
  EXPECT_EQ(right({.temperature = 1, .top_p = 0.625f}, kLogits, 0.8f), (Tokens{2, 1}));
  EXPECT_EQ(right({.temperature = 1, .top_p = 0.625f}, kLogits, 0.5f), Tokens{2});
}

TEST(Sample, TakesTopPOfWhatTopKLeft) {
  // Of 5/7 and 2/7, the first reaches 0.7; of all three its 5/8 would not.
  EXPECT_EQ(right({.temperature = 1, .top_k = 2, .top_p = 0.7f}, kLogits, 0.999f), Tokens{2});
}

TEST(Sample, MovesThePositionAndWritesTheHistory) {
  const Sample op({.sequences = 2, .vocab = 3, .capacity = 4, .type = DType::f32});
  const Recorder out = expected_of(op, {{1, 2, 3, 9, 8, 7}, {1, 1}, {10, 11, 12, 13, 20, 21, 22, 23}});
  EXPECT_EQ(out.values[0], (std::vector<double>{2, 0}));
  EXPECT_EQ(out.values[1], (std::vector<double>{2, 2}));
  EXPECT_EQ(out.values[2], (std::vector<double>{10, 11, 2, 13, 20, 21, 0, 23}));
}

TEST(Sample, StaysAtTheEndOfTheHistory) {
  const Sample op({.sequences = 1, .vocab = 3, .capacity = 2, .type = DType::f32});
  const Recorder out = expected_of(op, {{1, 2, 3}, {1}, {7, 7}});
  EXPECT_EQ(out.values[1][0], 1);
  EXPECT_EQ(out.values[2], (std::vector<double>{7, 2}));
}

TEST(Sample, DrawsFromTheCounterOfSequenceAndNewPosition) {
  const Sample op(
      {.sequences = 2, .vocab = 3, .capacity = 8, .type = DType::f32, .temperature = 1, .seed = 3});
  std::vector<double> logits = kLogits;
  logits.insert(logits.end(), kLogits.begin(), kLogits.end());
  const Recorder out = expected_of(op, {logits, {4, 4}, std::vector<double>(16, 0)});
  for (std::uint64_t b = 0; b < 2; ++b) {
    const float u = uniform_element(random_key(3, "sample"), b * 8 + 5);
    EXPECT_EQ(out.choices[0].at(static_cast<std::int64_t>(b)), op.right_tokens(kLogits, u));
  }
}

TEST(Sample, DrawsTokensAsOftenAsTheyAreLikely) {
  const Draw p{.temperature = 1};
  std::vector<int> drawn(3, 0);
  for (std::uint64_t i = 0; i < 8000; ++i)
    ++drawn[static_cast<std::size_t>(right(p, kLogits, uniform_element(random_key(1, "sample"), i)).front())];
  EXPECT_NEAR(drawn[0], 1000, 120);  // 4 standard deviations
  EXPECT_NEAR(drawn[2], 5000, 175);
}

TEST(Sample, CountsLogitsByHand) {
  Sample::Params p{.sequences = 2, .vocab = 100, .capacity = 7, .type = DType::bf16};
  EXPECT_EQ(Sample(p).cost().flops, 200);
  EXPECT_EQ(Sample(p).cost().memory().read, 200 * 2 + 2 * 4);
  EXPECT_EQ(Sample(p).cost().memory().written, 3 * 2 * 4);
  p.temperature = 1;
  EXPECT_EQ(Sample(p).cost().flops, 5 * 200);
}

}  // namespace
}  // namespace assay::sample_tests
