// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Rotates the query and key heads of a fused qkv matrix in place, in the half-split layout of Llama and its
/// kin: for i < head_dim / 2, (a, b) = (h[i], h[i + head_dim / 2]) -> (a cos - b sin, b cos + a sin), with
/// cos, sin = table[positions[token], i, 0..1]. Value heads are left alone. With `qk_norm` each query and key
/// head is RMS-normalised first (Qwen3), with weights q_norm and k_norm (+ norm_offset: Gemma stores w - 1).
/// With `rotary` < head_dim only the first `rotary` elements of a head are rotated, as a head of that width.
/// How a `rope_scaling` shapes the table is the workload's (workloads/rotary.h).
struct Rope final : Op {
  struct Params {
    std::int64_t tokens, q_heads, kv_heads, head_dim;
    std::int64_t positions;  // rows of the table
    DType type = DType::bf16;
    bool qk_norm = false;
    float eps = 1e-6f;
    std::int64_t rotary = 0;  // 0: whole heads
    float norm_offset = 0;
  };
  explicit Rope(const Params& params) : p(params) {}
  const Params p;
  std::int64_t rotary() const { return p.rotary > 0 ? p.rotary : p.head_dim; }
  std::int64_t row() const { return (p.q_heads + 2 * p.kv_heads) * p.head_dim; }

  std::string_view kind() const override { return "rope"; }
  std::string_view unserved() const override {
    return rotary() != p.head_dim ? "heads that are rotated in part" : "";
  }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // qkv [tokens, row()], positions i32 [tokens], table f32 [positions, rotary() / 2, 2] (, q_norm [head_dim],
  // k_norm [head_dim])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // qkv, aliases input 0
  Cost cost() const override;                        // query and key heads read and written, table rows read
  std::int64_t units() const override { return p.tokens; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> rope_examples();

}  // namespace assay
