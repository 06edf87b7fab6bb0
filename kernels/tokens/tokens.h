// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// The tokens of a vision transformer: a learned class token before the patches of an image, and a learned
/// position added to each.
///   y[n, 0, :] = class_token + positions[0, :]
///   y[n, 1 + i, :] = x[n, i, :] + positions[1 + i, :]
struct Tokens final : Op {
  struct Params {
    std::int64_t images, patches, width;
    DType type = DType::bf16;
  };
  explicit Tokens(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "tokens"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs()
      const override;  // x [images * patches, width], class_token [width], positions [1 + patches, width]
  std::vector<TensorSpec> outputs() const override;  // y [images * (1 + patches), width]
  Cost cost() const override;
  std::int64_t units() const override { return p.images * (1 + p.patches); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> tokens_examples();

}  // namespace assay
