// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// What a low-rank cross layer does after its two products: y = x0 * u + x, element by element.
/// x_{l+1} = x_0 * (W (V x_l) + b) + x_l (Wang et al., "DCN V2", 2021, equation 2): u = W (V x_l) + b comes
/// from two matmuls, the second with bias. A pass of its own, since no matmul library multiplies its sums by
/// a tensor.
struct Cross final : Op {
  struct Params {
    std::int64_t rows, cols;
    DType type = DType::bf16;
  };
  explicit Cross(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "cross"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x0, u, x [rows, cols]
  std::vector<TensorSpec> outputs() const override;  // y [rows, cols]
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> cross_examples();

}  // namespace assay
