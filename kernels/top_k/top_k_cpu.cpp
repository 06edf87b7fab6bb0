// SPDX-License-Identifier: Apache-2.0
// A short sorted list, against whose last place a vector of logits is compared at once: few get any further.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/top_k/top_k_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/simd_cpu-inl.h"
#include "kernels/top_k/top_k.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// The largest so far in descending order, the lowest class first among equals.
class BestList {
 public:
  BestList(float* logits, std::int32_t* classes, std::int64_t k)
      : logits_(logits), classes_(classes), k_(k) {}

  HWY_INLINE bool full() const { return held_ == k_; }
  HWY_INLINE float last() const { return logits_[k_ - 1]; }
  /// A class above all seen before.
  void offer(float logit, std::int64_t c) {
    if (full() && !(logit > last())) return;
    std::int64_t at = full() ? k_ - 1 : held_++;
    for (; at > 0 && logit > logits_[at - 1]; --at) {
      logits_[at] = logits_[at - 1];
      classes_[at] = classes_[at - 1];
    }
    logits_[at] = logit;
    classes_[at] = static_cast<std::int32_t>(c);
  }

 private:
  float* const logits_;  // [k]
  std::int32_t* const classes_;
  const std::int64_t k_;
  std::int64_t held_ = 0;
};

template <typename T>
void find_best(const T* logits, std::int64_t classes, BestList& best) {
  HWY_ALIGN float wide[kStep];
  for (std::int64_t c = 0; c < classes; c += kStep) {
    const std::int64_t n = std::min(classes - c, kStep);
    const Pair v = load_pair(logits + c, n);
    if (n == kStep && best.full() &&
        hn::AllFalse(kF, hn::Or(hn::Gt(v.a, set(best.last())), hn::Gt(v.b, set(best.last())))))
      continue;
    store_pair(wide, v);
    for (std::int64_t i = 0; i < n; ++i) best.offer(wide[place_in_pair<T>(i)], c + i);
  }
}

/// Of exp(logit - largest).
template <typename T>
float sum_of_powers(const T* logits, std::int64_t classes, float largest) {
  const Floats shift = set(largest);
  Floats sums = set(0), others = set(0);
  std::int64_t c = 0;
  for (; c + kStep <= classes; c += kStep) {
    const Pair v = load_pair(logits + c);
    sums = hn::Add(sums, exponential(hn::Sub(v.a, shift)));
    others = hn::Add(others, exponential(hn::Sub(v.b, shift)));
  }
  if (c < classes) {
    const Pair v = load_pair(logits + c, classes - c), mask = pair_mask<T>(classes - c);
    sums = hn::MulAdd(exponential(hn::Sub(v.a, shift)), mask.a, sums);
    others = hn::MulAdd(exponential(hn::Sub(v.b, shift)), mask.b, others);
  }
  return sum(hn::Add(sums, others));
}

/// Rows [begin, end).
void TopKRows(const TopK::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  with_element(p.type, [&](auto element) {
    using T = decltype(element);
    for (std::int64_t r = begin; r < end; ++r) {
      const T* logits = in[0].as<const T>().data() + r * p.classes;
      float* y = out[0].as<float>().data() + r * p.k;  // logits until the list stands
      BestList best(y, out[1].as<std::int32_t>().data() + r * p.k, p.k);
      find_best(logits, p.classes, best);
      const float largest = y[0], inverse = 1 / sum_of_powers(logits, p.classes, largest);
      for (std::int64_t i = 0; i < p.k; ++i) y[i] = std::exp(y[i] - largest) * inverse;
    }
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(TopKRows);

class TopKKernel final : public Kernel {
 public:
  explicit TopKKernel(const TopK& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(TopKRows)(p_, in, out, begin, end);
    });
  }

 private:
  const TopK::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_top_k_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "top_k");
  return std::make_unique<cpu::TopKKernel>(op_cast<TopK>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
