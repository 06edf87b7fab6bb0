// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_decode/attention_decode.h"

#include <gtest/gtest.h>

#include "support/host_op.h"

namespace assay::attention_decode_tests {
namespace {

/// 32 slots of a cache of one head of one value; token t of the only sequence is `block_of_first` first.
std::vector<double> slots(double fill, std::initializer_list<std::pair<int, double>> set) {
  std::vector<double> values(32, fill);
  for (const auto& [slot, value] : set) values[static_cast<std::size_t>(slot)] = value;
  return values;
}

TEST(AttentionDecode, FollowsTheBlockTableUpToThePosition) {
  const AttentionDecode op({.q_heads = 1, .cache = {1, 32, 1, 1, DType::f32}, .context = 17});
  // Table {1, 0}: tokens 0..15 in the second block of the cache, token 16 at slot 0. q 0 weighs all alike.
  const Recorder y =
      expected_of(op, {{0, 99, 99}, {16}, {1, 0}, slots(1, {}), slots(1, {{0, 18}, {1, 1e6}})});
  EXPECT_DOUBLE_EQ(y.values[0][0], 2);  // (16 * 1 + 18) / 17
}

TEST(AttentionDecode, SeesOnlyTheWindow) {
  const AttentionDecode op({.q_heads = 1, .cache = {1, 32, 1, 1, DType::f32}, .context = 17, .window = 2});
  const Recorder y =
      expected_of(op, {{0, 99, 99}, {16}, {1, 0}, slots(1, {}), slots(1e6, {{31, 2}, {0, 18}})});
  EXPECT_DOUBLE_EQ(y.values[0][0], 10);  // tokens 15 and 16
}

TEST(AttentionDecode, WeighsByTheSoftmaxOfScaledAndCappedScores) {
  const double log3 = std::log(3.0);
  AttentionDecode::Params p{.q_heads = 1, .cache = {1, 16, 1, 1, DType::f32}, .context = 2, .scale = 0.5f};
  std::vector<double> k(16, 1e6), v(16, 1e6);
  k[0] = 0, k[1] = log3, v[0] = 4, v[1] = 8;
  EXPECT_NEAR(expected_of(AttentionDecode(p), {{2, 99, 99}, {1}, {0}, k, v}).values[0][0], 7, 1e-6);
  p.softcap = static_cast<float>(log3);
  k[0] = -1e5, k[1] = 1e5;
  EXPECT_NEAR(expected_of(AttentionDecode(p), {{2, 99, 99}, {1}, {0}, k, v}).values[0][0], 7.6, 1e-6);
}

TEST(AttentionDecode, SharesKeyValueHeadsAmongNeighbouringQueryHeads) {
  const AttentionDecode op({.q_heads = 4, .cache = {1, 16, 2, 1, DType::f32}, .context = 1});
  std::vector<double> k(32, 1), v(32, 1e6);
  v[0] = 70, v[16] = 80;  // row 0 of each head
  EXPECT_EQ(expected_of(op, {{1, 2, 3, 4, 9, 9, 9, 9}, {0}, {0}, k, v}).values[0],
            (std::vector<double>{70, 70, 80, 80}));
}

TEST(AttentionDecode, CountsOnlyWhatIsAttendedTo) {
  AttentionDecode::Params p{.q_heads = 6, .cache = {2, 1000, 3, 8, DType::bf16}, .context = 33};
  const Cost cost = AttentionDecode(p).cost();
  EXPECT_EQ(cost.flops, 2 * 6 * 33 * 4 * 8);
  // queries, keys and values, positions, three table entries a sequence
  EXPECT_EQ(cost.memory().read, 2 * 6 * 8 * 2 + 2 * 33 * 2 * 3 * 8 * 2 + 2 * 4 + 2 * 3 * 4);
  EXPECT_EQ(cost.memory().written, 2 * 6 * 8 * 2);
  p.window = 2;  // tokens 31 and 32: two blocks
  EXPECT_EQ(AttentionDecode(p).cost().flops, 2 * 6 * 2 * 4 * 8);
  EXPECT_EQ(AttentionDecode(p).cost().memory().read,
            2 * 6 * 8 * 2 + 2 * 2 * 2 * 3 * 8 * 2 + 2 * 4 + 2 * 2 * 4);
}

TEST(AttentionDecode, ToleranceCatchesOneTokenTooFew) {
  for (const auto& example : attention_decode_examples()) {
    const auto& op = dynamic_cast<const AttentionDecode&>(*example);
    if (op.p.context < 2 || op.p.context > 300) continue;  // for the time it takes
    if (op.p.softcap == 0 && op.p.scale > 1) continue;     // there one token has all the weight
    AttentionDecode::Params shorter = op.p;
    shorter.window = (op.p.window > 0 ? std::min(op.p.window, op.p.context) : op.p.context) - 1;
    if (shorter.window == 0) continue;
    const HostInputs inputs(op);
    EXPECT_GT(worst_error(expected_of(AttentionDecode(shorter), inputs).values[0],
                          expected_of(op, inputs).values[0]),
              op.tolerance().value())
        << op.shape() << ": " << op.tolerance().text();
  }
}

TEST(AttentionDecode, GivesASinkItsShareAndReadsACacheOfFewerBits) {
  const AttentionDecode op({.q_heads = 1,
                            .cache = {1, 16, 1, 1, DType::f32, DType::f8e4m3},
                            .context = 2,
                            .scale = 1,
                            .sinks = true});
  std::vector<double> keys(16, 3), values(16, 100);
  values[0] = 8;
  values[1] = 4;
  const Recorder y = expected_of(op, {{0, 0, 0}, {1}, {0}, keys, values, {std::log(2.0)}});
  EXPECT_NEAR(y.values[0][0], 3, 1e-6);
  // A query, a position, an entry, two keys and values of a byte each, a sink.
  EXPECT_EQ(op.cost().memory().read, 4 + 4 + 4 + 4 + 4);
}

}  // namespace
}  // namespace assay::attention_decode_tests
