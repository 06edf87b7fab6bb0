// SPDX-License-Identifier: Apache-2.0
// An anchor's best class over vectors of classes; exponentials over vectors of anchors.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/box_decode/box_decode_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

#include "kernels/box_decode/box_decode.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

HWY_INLINE float widened(float value) {
  return value;
}
HWY_INLINE float widened(Bf16 value) {
  return float_from_bf16(value.bits);
}
HWY_INLINE float widened(F16 value) {
  return float_from_f16(value.bits);
}

struct Best {
  float logit;
  std::int64_t place;
};

/// Where element i of one of a pair's vectors stands among the pair's elements.
template <typename T>
HWY_INLINE std::int64_t element_of(std::int64_t i, bool second) {
  const bool alternate = std::is_same_v<T, Bf16> && HWY_TARGET != HWY_SCALAR;
  return alternate ? 2 * i + (second ? 1 : 0) : i + (second ? kLanes : 0);
}

template <typename T>
Best best_of_few(const T* logits, std::int64_t classes) {
  Best best = {widened(logits[0]), 0};
  for (std::int64_t c = 1; c < classes; ++c)
    if (const float logit = widened(logits[c]); logit > best.logit) best = {logit, c};
  return best;
}

/// The first of the largest. The last step overlaps the one before it, which finds what both hold.
template <typename T>
HWY_INLINE Best best_class(const T* logits, std::int64_t classes) {
  const std::int64_t last = classes - kStep;
  if (last < 0) return best_of_few(logits, classes);
  Floats highest = set(-std::numeric_limits<float>::infinity());
  for (std::int64_t c = 0; c < last + kStep; c += kStep) {
    const Pair v = load_pair(logits + std::min(c, last));
    highest = hn::Max(highest, hn::Max(v.a, v.b));
  }
  const float largest = max(highest);
  const Floats sought = set(largest);
  for (std::int64_t c = 0; c < last + kStep; c += kStep) {
    const std::int64_t at = std::min(c, last);
    const Pair v = load_pair(logits + at);
    const std::int64_t a = hn::FindFirstTrue(kF, hn::Eq(v.a, sought));
    const std::int64_t b = hn::FindFirstTrue(kF, hn::Eq(v.b, sought));
    if (a < 0 && b < 0) continue;
    const std::int64_t first = a < 0 ? kStep : element_of<T>(a, false);
    return {largest, at + (b < 0 ? first : std::min(first, element_of<T>(b, true)))};
  }
  return {largest, 0};  // none compares equal: NaN
}

/// What one level says of one image, and where its anchors go.
template <typename T>
struct LevelData {
  const T *reg, *obj, *cls;
  const float* prior;
  float *boxes, *scores;
  std::int32_t* classes;
};

template <typename T>
void decode(const LevelData<T>& d, const BoxDecode::Level& level, std::int64_t classes, std::int64_t begin,
            std::int64_t end) {
  const Floats stride = set(static_cast<float>(level.stride)), half = set(0.5f);
  for (std::int64_t at = begin; at < end; at += kLanes) {
    const std::int64_t n = std::min(kLanes, end - at);
    HWY_ALIGN float reg[4][kLanes] = {}, object[kLanes] = {}, logit[kLanes] = {};
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t pixel = at + i;
      const Best best = best_class(d.cls + pixel * classes, classes);
      d.classes[pixel] = static_cast<std::int32_t>(best.place);
      logit[i] = best.logit;
      object[i] = widened(d.obj[pixel]) + d.prior[pixel];
      for (std::int64_t k = 0; k < 4; ++k) reg[k][i] = widened(d.reg[pixel * 4 + k]);
      reg[0][i] += static_cast<float>(pixel % level.width);
      reg[1][i] += static_cast<float>(pixel / level.width);
    }
    HWY_ALIGN float score[kLanes], corner[4][kLanes];
    hn::Store(hn::Mul(sigmoid(hn::Load(kF, object)), sigmoid(hn::Load(kF, logit))), kF, score);
    for (std::int64_t k = 0; k < 2; ++k) {
      const Floats centre = hn::Mul(hn::Load(kF, reg[k]), stride);
      const Floats reach = hn::Mul(hn::Mul(exponential(hn::Load(kF, reg[2 + k])), stride), half);
      hn::Store(hn::Sub(centre, reach), kF, corner[k]);
      hn::Store(hn::Add(centre, reach), kF, corner[2 + k]);
    }
    for (std::int64_t i = 0; i < n; ++i) {
      d.scores[at + i] = score[i];
      for (std::int64_t k = 0; k < 4; ++k) d.boxes[(at + i) * 4 + k] = corner[k][i];
    }
  }
}

/// Anchors [begin, end) of a level of an image, counted within it.
void BoxDecodeLevel(const BoxDecode& op, Buffers in, Buffers out, std::int64_t image, std::size_t l,
                    std::int64_t begin, std::int64_t end) {
  with_element(op.p.type, [&](auto element) {
    using T = decltype(element);
    const BoxDecode::Level& level = op.p.levels[l];
    const std::int64_t from = image * level.height * level.width;
    const std::int64_t to = image * op.anchors() + op.first_anchor(l);
    decode<T>({.reg = in[3 * l].as<const T>().data() + from * 4,
               .obj = in[3 * l + 1].as<const T>().data() + from,
               .cls = in[3 * l + 2].as<const T>().data() + from * op.p.classes,
               .prior = in.back().as<const float>().data() + to,
               .boxes = out[0].as<float>().data() + to * 4,
               .scores = out[1].as<float>().data() + to,
               .classes = out[2].as<std::int32_t>().data() + to},
              level, op.p.classes, begin, end);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(BoxDecodeLevel);

class BoxDecodeKernel final : public Kernel {
 public:
  explicit BoxDecodeKernel(const BoxDecode& op) : op_(op), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t anchors = op_.anchors();
    parallel_ranges(op_.p.images * anchors, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t image = begin / anchors; image * anchors < end; ++image)
        for (std::size_t l = 0; l < op_.p.levels.size(); ++l) {
          const std::int64_t level = image * anchors + op_.first_anchor(l);  // its first anchor
          const std::int64_t behind = image * anchors + op_.first_anchor(l + 1);
          const std::int64_t first = std::max(begin, level), last = std::min(end, behind);
          if (first < last)
            HWY_DYNAMIC_DISPATCH(BoxDecodeLevel)(op_, in, out, image, l, first - level, last - level);
        }
    });
  }

 private:
  const BoxDecode op_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_box_decode_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "box_decode");
  return std::make_unique<cpu::BoxDecodeKernel>(op_cast<BoxDecode>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
