// SPDX-License-Identifier: Apache-2.0
// Latent attention: its ops alone, and that a decode step over latent vectors says what attention over the
// keys and values made of them says.
#include <gtest/gtest.h>

#include "kernels/latent_attention_decode/latent_attention_decode.h"
#include "kernels/latent_attention_prefill/latent_attention_prefill.h"
#include "kernels/latent_rope/latent_rope.h"
#include "kernels/latent_write/latent_write.h"
#include "support/host_op.h"

namespace assay::latent_attention_tests {
namespace {

TEST(LatentRope, TurnsNeighboursAndNormalisesTheVector) {
  // One head of a plain and two rotated elements, a vector of 2; at position 1 the table turns by 90 degrees.
  const LatentRope op({.tokens = 1,
                       .heads = {.heads = 1, .rank = 2, .plain = 1, .rotary = 2, .value = 1},
                       .positions = 2,
                       .type = DType::f32,
                       .eps = 0});
  const Recorder y = expected_of(op, HostInputs(op, {{7, 1, 2}, {3, 4, 5, 6}, {1}, {1, 0, 0, 1}, {1, 10}}));
  EXPECT_EQ(y.values[0], (std::vector<double>{7, -2, 1}));
  const double rms = std::sqrt(12.5);
  EXPECT_DOUBLE_EQ(y.values[1][0], 3 / rms);
  EXPECT_DOUBLE_EQ(y.values[1][1], 40 / rms);
  EXPECT_EQ(y.values[2], (std::vector<double>{-6, 5}));
}

TEST(LatentWrite, PutsVectorAndKeyBehindOneAnother) {
  const LatentHeads heads{.heads = 1, .rank = 2, .plain = 1, .rotary = 1, .value = 1};
  const LatentWrite op({.tokens = 1, .heads = heads, .cache = latent_cache(heads, 1, 17, DType::f32)});
  // Position 16 is the first of the sequence's second block, which is block 0.
  std::vector<double> cache(2 * 16 * 3, 9);
  const Recorder y = expected_of(op, HostInputs(op, {{1, 2}, {3}, {16}, {1, 0}, cache}));
  EXPECT_EQ((std::vector<double>(y.values[0].begin(), y.values[0].begin() + 3)),
            (std::vector<double>{1, 2, 3}));
  EXPECT_TRUE(std::isnan(y.values[0][3]));
}

/// Keys and values of every token made of vectors that all sequences share, the last query of a prompt.
TEST(LatentAttentionDecode, SaysWhatAttentionOverMadeKeysAndValuesSays) {
  const LatentHeads h{.heads = 3, .rank = 5, .plain = 4, .rotary = 2, .value = 3};
  constexpr std::int64_t kTokens = 19;
  const LatentAttentionPrefill prefill(
      {.sequences = 1, .tokens = kTokens, .heads = h, .type = DType::f32, .scale = 0.4f});
  const LatentAttentionDecode decode(
      {.heads = h, .cache = latent_cache(h, 1, 32, DType::f32), .context = kTokens, .scale = 0.4f});
  const auto value = [](std::int64_t i) { return std::sin(static_cast<double>(i * 7 % 23)); };
  const auto made = [&](std::int64_t count, std::int64_t from) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i)
      values.push_back(static_cast<double>(static_cast<float>(value(i + from))));
    return values;
  };
  const std::vector<double> q = made(kTokens * h.q_width(), 1), latent = made(kTokens * h.rank, 2),
                            key = made(kTokens * h.rotary, 3), w = made(h.kv_width() * h.rank, 4);
  std::vector<double> kv(static_cast<std::size_t>(kTokens * h.kv_width()));
  for (std::int64_t t = 0; t < kTokens; ++t)
    for (std::int64_t n = 0; n < h.kv_width(); ++n)
      for (std::int64_t c = 0; c < h.rank; ++c)
        kv[static_cast<std::size_t>(t * h.kv_width() + n)] +=
            w[static_cast<std::size_t>(n * h.rank + c)] * latent[static_cast<std::size_t>(t * h.rank + c)];
  const Recorder all = expected_of(prefill, HostInputs(prefill, {q, kv, key}));

  std::vector<double> cache(static_cast<std::size_t>(2 * 16 * h.cached()));
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const std::int64_t at = (t / 16 == 0 ? 16 + t : t - 16) * h.cached();  // blocks 1, then 0
    for (std::int64_t c = 0; c < h.rank; ++c)
      cache[static_cast<std::size_t>(at + c)] = latent[static_cast<std::size_t>(t * h.rank + c)];
    for (std::int64_t c = 0; c < h.rotary; ++c)
      cache[static_cast<std::size_t>(at + h.rank + c)] = key[static_cast<std::size_t>(t * h.rotary + c)];
  }
  const std::vector<double> last_q(q.end() - h.q_width(), q.end());
  const Recorder last = expected_of(decode, HostInputs(decode, {last_q, {kTokens - 1}, {1, 0}, cache, w}));
  for (std::int64_t i = 0; i < h.y_width(); ++i)
    EXPECT_NEAR(last.values[0][static_cast<std::size_t>(i)],
                all.values[0][static_cast<std::size_t>((kTokens - 1) * h.y_width() + i)], 1e-6);
}

TEST(LatentAttention, CountsByHand) {
  const LatentHeads h{.heads = 2, .rank = 5, .plain = 4, .rotary = 2, .value = 3};
  const Cost prefill =
      LatentAttentionPrefill({.sequences = 2, .tokens = 3, .heads = h, .type = DType::bf16}).cost();
  EXPECT_EQ(prefill.flops, 2.0 * 2 * 2 * 6 * (4 + 2 + 3));  // 6 pairs
  const Cost decode =
      LatentAttentionDecode({.heads = h, .cache = latent_cache(h, 2, 32, DType::bf16), .context = 17}).cost();
  EXPECT_EQ(decode.flops, 2.0 * 2 * 2 * (5 * (4 + 3) + (5 + 2 + 5) * 17));
  // Queries, positions, two entries of the table, vectors and keys of 17 tokens; w once.
  EXPECT_EQ(decode.memory().read, 2 * (12 * 2 + 4 + 2 * 4 + 17 * 7 * 2) + 14 * 5 * 2);
  EXPECT_EQ(decode.memory().written, 2 * 6 * 2);
  const Cost narrow =
      LatentAttentionDecode(
          {.heads = h, .cache = latent_cache(h, 2, 32, DType::bf16, DType::f8e4m3), .context = 17})
          .cost();
  EXPECT_EQ(decode.memory().read - narrow.memory().read, 2 * 17 * 7);
}

}  // namespace
}  // namespace assay::latent_attention_tests
