// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// y = x, at the other place: the one op by which a value crosses between the host and the device. Its bytes
/// go over the path between the two, once. On the CPU device both places are the same memory, and it copies
/// there.
struct Copy final : Op {
  struct Params {
    Shape shape;
    DType type = DType::f32;
    Place to = Place::device;
  };
  explicit Copy(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "copy"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // x [shape], at the other place
  std::vector<TensorSpec> outputs() const override;  // y [shape]
  Cost cost() const override;
  std::optional<Place> moves_to() const override { return p.to; }
  std::int64_t units() const override { return elements_of(p.shape); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> copy_examples();

}  // namespace assay
