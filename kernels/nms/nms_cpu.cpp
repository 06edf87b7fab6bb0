// SPDX-License-Identifier: Apache-2.0
// An image a thread: candidates sorted by score as integers, each against vectors of the boxes kept so far.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/nms/nms_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "kernels/nms/kept_cpu.h"
#include "kernels/nms/nms.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// Whether one of the first `count` kept boxes suppresses this one of the same class.
HWY_INLINE bool suppressed(const float* box, std::int32_t place, const NmsScratch& kept, std::int64_t count,
                           float iou_threshold) {
  const Floats x1 = set(box[0]), y1 = set(box[1]), x2 = set(box[2]), y2 = set(box[3]);
  const Floats area = set((box[2] - box[0]) * (box[3] - box[1])), zero = set(0);
  const auto same = hn::Set(kI, place);
  for (std::int64_t k = 0; k < count; k += kLanes) {
    const auto of_class = hn::Eq(hn::LoadU(kI, kept.places() + k), same);
    const Floats across =
        hn::Sub(hn::Min(x2, hn::LoadU(kF, kept.edge(2) + k)), hn::Max(x1, hn::LoadU(kF, kept.edge(0) + k)));
    const Floats down =
        hn::Sub(hn::Min(y2, hn::LoadU(kF, kept.edge(3) + k)), hn::Max(y1, hn::LoadU(kF, kept.edge(1) + k)));
    const Floats both = hn::Mul(hn::Max(across, zero), hn::Max(down, zero));
    const Floats either = hn::Sub(hn::Add(hn::LoadU(kF, kept.areas() + k), area), both);
    const auto over = hn::And(hn::Gt(both, hn::Mul(set(iou_threshold), either)), hn::Gt(both, zero));
    const auto counted = hn::And(of_class, hn::FirstN(kI, static_cast<std::size_t>(count - k)));
    if (!hn::AllFalse(kI, hn::And(hn::RebindMask(kI, over), counted))) return true;
  }
  return false;
}

void NmsImage(const Nms::Params& p, Buffers in, Buffers out, NmsScratch& scratch, std::int64_t image) {
  const float* boxes = in[0].as<const float>().data() + image * p.boxes * 4;
  const float* scores = in[1].as<const float>().data() + image * p.boxes;
  const std::int32_t* classes = in[2].as<const std::int32_t>().data() + image * p.boxes;
  float* y_boxes = out[1].as<float>().data() + image * p.most * 4;
  float* y_scores = out[2].as<float>().data() + image * p.most;
  std::int32_t* y_classes = out[3].as<std::int32_t>().data() + image * p.most;

  std::uint64_t* const keys = scratch.keys();
  std::int64_t candidates = 0;
  for (std::int64_t i = 0; i < p.boxes; ++i)
    if (scores[i] >= p.score_threshold) keys[candidates++] = score_key(scores[i], i);
  std::sort(keys, keys + candidates, std::greater<>());

  std::int64_t kept = 0;
  for (std::int64_t c = 0; c < candidates && kept < p.most; ++c) {
    const std::int64_t i = index_of_key(keys[c]);
    const float* box = boxes + 4 * i;
    if (suppressed(box, classes[i], scratch, kept, p.iou_threshold)) continue;
    scratch.keep(kept, box, classes[i]);
    std::copy_n(box, 4, y_boxes + 4 * kept);
    y_scores[kept] = scores[i];
    y_classes[kept] = classes[i];
    ++kept;
  }
  out[0].as<std::int32_t>()[static_cast<std::size_t>(image)] = static_cast<std::int32_t>(kept);
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(NmsImage);

class NmsKernel final : public Kernel {
 public:
  explicit NmsKernel(const Nms& op) : p_(op.p), bytes_(bytes_of(op.inputs())) {
    for (int t = 0; t < omp_get_max_threads(); ++t) scratch_.emplace_back(p_.boxes, p_.most);
  }
  std::int64_t workspace_bytes() const override {
    return static_cast<std::int64_t>(scratch_.size()) * scratch_.front().bytes();
  }
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.images, bytes_, [&](std::int64_t begin, std::int64_t end, int thread) {
      for (std::int64_t image = begin; image < end; ++image)
        HWY_DYNAMIC_DISPATCH(NmsImage)(p_, in, out, scratch_[static_cast<std::size_t>(thread)], image);
    });
  }

 private:
  const Nms::Params p_;
  const double bytes_;
  std::vector<NmsScratch> scratch_;  // a thread's
};
}  // namespace cpu

std::unique_ptr<Kernel> make_nms_cpu(const Op& op, Lane&) {
  return std::make_unique<cpu::NmsKernel>(op_cast<Nms>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
