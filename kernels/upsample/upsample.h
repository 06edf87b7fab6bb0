// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Every pixel repeated, nearest neighbours by a whole factor:
///   y[n, h, w, c] = x[n, h / factor, w / factor, c]
struct Upsample final : Op {
  struct Params {
    std::int64_t batch, height, width, channels;  // of x
    std::int64_t factor = 2;                      // in each direction
    DType type = DType::bf16;
  };
  explicit Upsample(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "upsample"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x [batch, height, width, channels]
  std::vector<TensorSpec> outputs() const override;  // y [batch, factor height, factor width, channels]
  Cost cost() const override;
  std::int64_t units() const override { return p.batch * p.height * p.width; }  // a pixel of x
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> upsample_examples();

}  // namespace assay
