// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Boxes, scores and classes of what an anchor-free detector says of each pixel of its levels (YOLOX). An
/// anchor is a pixel (h, w) of a level; anchors are counted through level after level, row after row.
///   centre = (reg[0] + w, reg[1] + h) * stride, size = (exp(reg[2]), exp(reg[3])) * stride
///   box = centre - size / 2, centre + size / 2
///   class = where cls is largest (of equals any), score = sigmoid(obj + prior) * sigmoid(cls[class])
/// `prior` is added to the objectness logit: 0 for a trained model. Where weights are random it says how many
/// anchors hold an object, since the network does not.
struct BoxDecode final : Op {
  static constexpr std::size_t kMostLevels = 8;

  struct Level {
    std::int64_t height, width, stride;  // stride: pixels of the image
  };
  struct Params {
    std::int64_t images, classes;
    std::vector<Level> levels;
    DType type = DType::bf16;  // of what the network says
  };
  explicit BoxDecode(const Params& params);
  const Params p;

  std::int64_t anchors() const { return first_anchor(p.levels.size()); }
  std::int64_t first_anchor(std::size_t level) const;

  std::string_view kind() const override { return "box_decode"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  /// Level after level reg<l> [images, height, width, 4], obj<l> [images, height, width, 1], cls<l> [images,
  /// height, width, classes]; then prior f32 [images, anchors].
  std::vector<TensorSpec> inputs() const override;
  /// boxes f32 [images, anchors, 4] as x1, y1, x2, y2; scores f32 [images, anchors], classes i32 the same.
  std::vector<TensorSpec> outputs() const override;
  Cost cost() const override;
  std::int64_t units() const override { return p.images * anchors(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> box_decode_examples();

}  // namespace assay
