// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// y[r] = left[r, :], then right[r, 0, :], right[r, 1, :] ...: a vector beside those of a row.
struct Concat final : Op {
  struct Params {
    std::int64_t rows, left, parts, width;
    DType type = DType::bf16;
  };
  explicit Concat(const Params& params) : p(params) {}
  const Params p;

  std::int64_t columns() const { return p.left + p.parts * p.width; }

  std::string_view kind() const override { return "concat"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // left [rows, left], right [rows, parts, width]
  std::vector<TensorSpec> outputs() const override;  // y [rows, columns]
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> concat_examples();

}  // namespace assay
