// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// DLRM's dot interaction. Z[b] is dense[b] over pooled[b]: F = tables + 1 vectors of `width`.
/// y[b] = dense[b, :], then Z[b, i] . Z[b, j] for all j < i, row by row of i: (1,0), (2,0), (2,1), (3,0) ...
/// (Naumov et al., "Deep Learning Recommendation Model", 2019, section 2.1.3.)
struct Interaction final : Op {
  struct Params {
    std::int64_t rows, tables, width;
    DType type = DType::bf16;  // of all tensors; sums are f32
  };
  explicit Interaction(const Params& params) : p(params) {}
  const Params p;

  /// Of one row: every vector with every one before it.
  static std::int64_t products(std::int64_t tables) { return (tables + 1) * tables / 2; }
  std::int64_t products() const { return products(p.tables); }
  std::int64_t columns() const { return p.width + products(); }

  std::string_view kind() const override { return "interaction"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // dense [rows, width], pooled [rows, tables, width]
  std::vector<TensorSpec> outputs() const override;  // y [rows, columns]
  Cost cost() const override;                        // the lower triangle alone
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> interaction_examples();

}  // namespace assay
