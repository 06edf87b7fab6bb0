// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/contract.h"
#include "kernels/matmul/matmul.h"
#include "kernels/weight_format.h"

namespace assay {

/// y[m, n] = activation(sum over k of x[m, k] * w[n, k] + bias[n]), where w [n, k] is stored in a format of
/// few bits. Where the format multiplies in 8 bits, x is brought to them on the way, a scale a row.
struct QuantisedMatMul final : Op {
  struct Params {
    std::int64_t m, n, k;
    DType type = DType::bf16;  // of x, y and bias
    WeightFormat format;
    bool bias = false;
    Activation activation = Activation::none;
    float cap = 0;  // softcap
  };
  explicit QuantisedMatMul(Params params) : p(std::move(params)) {}
  const Params p;

  std::string_view kind() const override { return "quantised_matmul"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.format.multiplied.value_or(p.type); }
  std::vector<TensorSpec> inputs() const override;   // x [m, k], those of the format (, bias [n])
  std::vector<TensorSpec> outputs() const override;  // y [m, n]
  Cost cost() const override;
  std::int64_t units() const override { return p.m * p.n; }  // an output element
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

/// Of a product with such weights, besides its own store.
void add_quantised_sum(ToleranceSum& sum, const WeightFormat& format, DType type, std::int64_t k);

std::vector<std::shared_ptr<const Op>> quantised_matmul_examples();

}  // namespace assay
