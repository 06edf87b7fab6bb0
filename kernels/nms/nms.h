// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Class-wise greedy non-maximum suppression, image by image: what torchvision.ops.batched_nms gives of the
/// boxes whose score is at least score_threshold, cut to the best `most`.
///
/// In order of score, the lowest index first among equals, a box is kept unless one of the same class that
/// was kept before overlaps it: intersection > iou_threshold * union. Boxes that only touch, and those of no
/// area, overlap nothing (with a threshold of 0 or more). Kept boxes stand in that order; behind the last
/// nothing is meant. Where an overlap is within rounding of the threshold either answer is right, and what
/// follows from it.
struct Nms final : Op {
  struct Params {
    std::int64_t images, boxes, most;  // boxes of an image; most that are kept of them
    float score_threshold, iou_threshold;
    /// Of the inputs that tests and timings use: classes, and how many standard deviations the threshold
    /// lies above the mean score (1.6: one box in 18 is a candidate).
    std::int64_t classes = 80;
    float margin = 1.6f;
  };
  explicit Nms(const Params& params);
  const Params p;

  std::string_view kind() const override { return "nms"; }
  std::string shape() const override;
  DType dtype() const override { return DType::f32; }
  std::vector<TensorSpec> inputs() const
      override;  // boxes f32 [images, boxes, 4] as x1, y1, x2, y2; scores f32, classes i32 [images, boxes]
  std::vector<TensorSpec> outputs() const override;  // counts i32 [images]; of the kept, as many as it says:
                                                     // boxes f32 [images, most, 4], scores f32, classes i32
                                                     // [images, most]
  Cost cost() const override;
  std::int64_t units() const override { return p.images; }
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  Tolerance tolerance() const override;
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t unit) const override;
  bool judged_by_objection() const override { return true; }

 private:
  Fill places_;
};

std::vector<std::shared_ptr<const Op>> nms_examples();

}  // namespace assay
