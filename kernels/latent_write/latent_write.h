// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/latent.h"

namespace assay {

/// Appends `tokens` latent vectors, each with its rotated key behind it, to the paged cache of
/// latent_cache(). Rows are sequence-major, at positions[r], as in kv_write.
struct LatentWrite final : Op {
  struct Params {
    std::int64_t tokens;
    LatentHeads heads;
    KvCache cache;
    std::int64_t first_position = 0;  // of the examples and the plan's cost; kernels read `positions`
  };
  explicit LatentWrite(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "latent_write"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.cache.type; }
  // latent [tokens, rank], key [tokens, rotary], positions i32 [tokens], table i32, cache
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // cache, aliases input 4
  Cost cost() const override;                        // the new rows, not the cache
  std::int64_t units() const override { return p.tokens; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> latent_write_examples();

}  // namespace assay
