// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// y[r] = x0[r, ...], then x1[r, ...] and so on: what several inputs hold of a row, side by side. The
/// channels of one pixel from several layers; a vector beside those that were looked up in tables.
struct Concat final : Op {
  static constexpr std::size_t kMost = 8;  // inputs

  struct Params {
    Shape rows;                // {batch}, {batch, height, width}
    std::vector<Shape> parts;  // of a row, input after input: {{128}, {26, 128}}
    DType type = DType::bf16;
  };
  explicit Concat(const Params& params);
  const Params p;

  std::int64_t row_count() const { return elements_of(p.rows); }
  std::int64_t columns() const;
  /// Where the input's columns begin in a row of y; that of the input behind the last is columns().
  std::int64_t begin(std::size_t input) const;

  std::string_view kind() const override { return "concat"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x<i> [rows..., parts[i]...]
  std::vector<TensorSpec> outputs() const override;  // y [rows..., columns]
  Cost cost() const override;
  std::int64_t units() const override { return row_count(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> concat_examples();

}  // namespace assay
