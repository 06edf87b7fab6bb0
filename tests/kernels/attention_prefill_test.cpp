// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_prefill/attention_prefill.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "support/host_op.h"

namespace assay::attention_prefill_tests {
namespace {

const double kLog3 = std::log(3.0);

// Rows of qkv are q, k, v; head_dim 1.
TEST(AttentionPrefill, AveragesWhatCameBefore) {
  const AttentionPrefill op(
      {.sequences = 2, .tokens = 2, .q_heads = 1, .kv_heads = 1, .head_dim = 1, .type = DType::f32});
  // q 0 weighs all alike; the second sequence sees nothing of the first.
  EXPECT_EQ(expected_of(op, {{0, 1, 10, 0, 2, 20, 0, 3, 30, 0, 4, 50}}).values[0],
            (std::vector<double>{10, 15, 30, 40}));
}

TEST(AttentionPrefill, WeighsByTheSoftmaxOfScaledScores) {
  const AttentionPrefill op({.sequences = 1,
                             .tokens = 2,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .head_dim = 1,
                             .type = DType::f32,
                             .scale = 0.5f});
  const Recorder y = expected_of(op, {{2, 0, 4, 2, kLog3, 8}});  // scores 0 and log 3: weights 1/4 and 3/4
  EXPECT_NEAR(y.values[0][1], 7, 1e-6);
}

TEST(AttentionPrefill, CapsScores) {
  const AttentionPrefill op({.sequences = 1,
                             .tokens = 2,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .head_dim = 1,
                             .type = DType::f32,
                             .softcap = static_cast<float>(kLog3)});
  const Recorder y =
      expected_of(op, {{1, -1000, 4, 1, 1000, 8}});  // capped to -log 3 and log 3: 1/10 and 9/10
  EXPECT_NEAR(y.values[0][1], 0.4 + 7.2, 1e-6);
}

TEST(AttentionPrefill, SeesOnlyTheWindow) {
  const AttentionPrefill op({.sequences = 1,
                             .tokens = 4,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .head_dim = 1,
                             .type = DType::f32,
                             .window = 2});
  EXPECT_EQ(expected_of(op, {{0, 1, 2, 0, 1, 4, 0, 1, 8, 0, 1, 16}}).values[0],
            (std::vector<double>{2, 3, 6, 12}));
}

TEST(AttentionPrefill, SeesAllOfItsSequenceWhereItIsNotCausal) {
  const AttentionPrefill op({.sequences = 2,
                             .tokens = 2,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .head_dim = 1,
                             .type = DType::f32,
                             .causal = false});
  EXPECT_EQ(expected_of(op, {{0, 1, 10, 0, 2, 20, 0, 3, 30, 0, 4, 50}}).values[0],
            (std::vector<double>{15, 15, 40, 40}));
}

TEST(AttentionPrefill, HasNoWindowWhereItIsNotCausal) {
  EXPECT_THROW(AttentionPrefill({.sequences = 1,
                                 .tokens = 4,
                                 .q_heads = 1,
                                 .kv_heads = 1,
                                 .head_dim = 1,
                                 .window = 2,
                                 .causal = false}),
               std::logic_error);
}

TEST(AttentionPrefill, SharesKeyValueHeadsAmongNeighbouringQueryHeads) {
  const AttentionPrefill op(
      {.sequences = 1, .tokens = 1, .q_heads = 4, .kv_heads = 2, .head_dim = 1, .type = DType::f32});
  EXPECT_EQ(expected_of(op, {{1, 2, 3, 4, 5, 6, 70, 80}}).values[0], (std::vector<double>{70, 70, 80, 80}));
}

TEST(AttentionPrefill, CountsUnmaskedPairs) {
  AttentionPrefill::Params p{.sequences = 2, .tokens = 4, .q_heads = 6, .kv_heads = 3, .head_dim = 8};
  const Cost cost = AttentionPrefill(p).cost();
  EXPECT_EQ(cost.flops, 2 * 6 * (1 + 2 + 3 + 4) * 4 * 8);  // sequences, heads, pairs, 4 head_dim
  EXPECT_EQ(cost.memory().read, 2 * 4 * (6 + 3 + 3) * 8 * 2);
  EXPECT_EQ(cost.memory().written, 2 * 4 * 6 * 8 * 2);
  p.window = 2;
  EXPECT_EQ(AttentionPrefill(p).cost().flops, 2 * 6 * (1 + 2 + 2 + 2) * 4 * 8);
  p.window = 0;
  p.causal = false;
  EXPECT_EQ(AttentionPrefill(p).cost().flops, 2 * 6 * (4 * 4) * 4 * 8);
}

/// Attention as fast kernels do it: f32 scores, exp of the distance to the maximum, probabilities of the
/// dtype into the second product, divided by their f32 sum at the end.
std::vector<double> fast_attention(const AttentionPrefill& op, const std::vector<TensorView>& in) {
  const auto& p = op.p;
  const auto qkv = [&](std::int64_t row, std::int64_t head, std::int64_t i) {
    return static_cast<float>(in[0][row * op.row() + head * p.head_dim + i]);
  };
  std::vector<double> y;
  for (std::int64_t token = 0; token < p.sequences * p.tokens; ++token)
    for (std::int64_t head = 0; head < p.q_heads; ++head) {
      const std::int64_t kv = p.q_heads + head / (p.q_heads / p.kv_heads),
                         start = token / p.tokens * p.tokens;
      const std::int64_t first = p.window > 0 ? std::max(start, token - p.window + 1) : start;
      const std::int64_t end = start + op.end_of_keys(token - start);
      std::vector<float> scores;
      for (std::int64_t s = first; s < end; ++s) {
        float dot = 0;
        for (std::int64_t i = 0; i < p.head_dim; ++i) dot += qkv(token, head, i) * qkv(s, kv, i);
        dot *= op.scale();
        scores.push_back(p.softcap > 0 ? p.softcap * std::tanh(dot / p.softcap) : dot);
      }
      const float largest = *std::max_element(scores.begin(), scores.end());
      float sum = 0;
      for (float& x : scores) sum += x = std::exp(x - largest);
      for (std::int64_t i = 0; i < p.head_dim; ++i) {
        float total = 0;
        for (std::int64_t s = first; s < end; ++s)
          total += static_cast<float>(
                       stored(p.type, static_cast<double>(scores[static_cast<std::size_t>(s - first)]))) *
                   qkv(s, kv + p.kv_heads, i);
        y.push_back(stored(p.type, static_cast<double>(total / sum)));
      }
    }
  return y;
}

TEST(AttentionPrefill, TolerancePassesFastKernelsOnEveryExample) {
  for (const auto& example : attention_prefill_examples()) {
    const auto& op = dynamic_cast<const AttentionPrefill&>(*example);
    if (op.p.tokens * op.p.tokens * op.p.q_heads * op.p.head_dim > 20'000'000 || op.p.sinks)
      continue;  // for the time it takes
    const HostInputs inputs(op);
    EXPECT_LE(worst_error(fast_attention(op, inputs.views()), expected_of(op, inputs).values[0]),
              op.tolerance().value())
        << op.shape() << ": " << op.tolerance().text();
  }
}

TEST(AttentionPrefill, ToleranceCatchesASequenceThatMissesItsLastToken) {
  for (const auto& example : attention_prefill_examples()) {
    const auto& op = dynamic_cast<const AttentionPrefill&>(*example);
    if (op.p.causal || op.p.tokens == 1 || op.p.tokens * op.p.tokens * op.p.q_heads > 100'000) continue;
    const HostInputs inputs(op);
    const Recorder right = expected_of(op, inputs);
    AttentionPrefill::Params shorter = op.p;
    shorter.sequences = 1;
    --shorter.tokens;
    const AttentionPrefill cut(shorter);
    Recorder wrong(cut);
    for (std::int64_t unit = 0; unit < cut.units(); ++unit) cut.reference(inputs.views(), unit, wrong);
    const std::vector<double> of_those(
        right.values[0].begin(),
        right.values[0].begin() + static_cast<std::ptrdiff_t>(wrong.values[0].size()));
    EXPECT_GT(worst_error(wrong.values[0], of_those), op.tolerance().value())
        << op.shape() << ": " << op.tolerance().text();
  }
}

TEST(AttentionPrefill, ToleranceCatchesAWindowThatIsOneTokenOff) {
  for (const auto& example : attention_prefill_examples()) {
    const auto& op = dynamic_cast<const AttentionPrefill&>(*example);
    if (op.p.window == 0 || op.p.window >= op.p.tokens) continue;
    AttentionPrefill::Params wider = op.p;
    ++wider.window;
    const HostInputs inputs(op);
    EXPECT_GT(worst_error(expected_of(AttentionPrefill(wider), inputs).values[0],
                          expected_of(op, inputs).values[0]),
              op.tolerance().value())
        << op.shape() << ": " << op.tolerance().text();
  }
}

// Two keys of score 0 and a sink of log 2: a quarter of the weight each, half of it nowhere.
TEST(AttentionPrefill, GivesASinkItsShareOfTheWeight) {
  const AttentionPrefill op({.sequences = 1,
                             .tokens = 2,
                             .q_heads = 1,
                             .kv_heads = 1,
                             .head_dim = 1,
                             .type = DType::f32,
                             .scale = 1,
                             .sinks = true});
  const Recorder y = expected_of(op, {{0, 1, 8, 0, 1, 4}, {std::log(2.0)}});
  EXPECT_NEAR(y.values[0][0], 8.0 / 3, 1e-6);
  EXPECT_NEAR(y.values[0][1], 3, 1e-6);
}

}  // namespace
}  // namespace assay::attention_prefill_tests
