// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kv_cache.h"
#include "plan/op.h"

namespace assay {

/// Appends the key and value heads of `tokens` rows of a fused qkv matrix to the paged cache. Rows are
/// sequence-major: row r belongs to sequence r / (tokens / sequences), at position positions[r].
struct KvWrite final : Op {
  struct Params {
    std::int64_t tokens, q_heads;
    KvCache cache;
    std::int64_t first_position = 0;  // of the examples and the plan's cost; the kernel reads `positions`
  };
  explicit KvWrite(const Params& params) : p(params) {}
  const Params p;
  std::int64_t row() const { return (p.q_heads + 2 * p.cache.kv_heads) * p.cache.head_dim; }

  std::string_view kind() const override { return "kv_write"; }
  std::string_view unserved() const override { return p.cache.stored ? "a cache of another type" : ""; }
  std::string shape() const override;
  DType dtype() const override { return p.cache.type; }
  // qkv [tokens, row()], positions i32 [tokens], table i32 [sequences, blocks a sequence], k_cache, v_cache
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // k_cache, v_cache, aliasing inputs 3 and 4
  Cost cost() const override;                        // the new rows, not the cache
  std::int64_t units() const override { return p.tokens; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;  // exact where it is a copy
};

std::vector<std::shared_ptr<const Op>> kv_write_examples();

}  // namespace assay
