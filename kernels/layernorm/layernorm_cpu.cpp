// SPDX-License-Identifier: Apache-2.0
// LayerNorm with its residual addition. The variance is of differences from the mean, not a difference of
// squares; the second and third pass over a row come out of the first-level cache.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layernorm/layernorm_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/layernorm/layernorm.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <typename T>
HWY_INLINE float sum_squares_about(const T* s, std::int64_t cols, float mean) {
  Floats a = set(0), b = set(0);
  const Floats centre = set(mean);
  std::int64_t c = 0;
  for (; c + kStep <= cols; c += kStep) {
    const Pair t = load_pair(s + c);
    const Pair d = {hn::Sub(t.a, centre), hn::Sub(t.b, centre)};
    a = hn::MulAdd(d.a, d.a, a);
    b = hn::MulAdd(d.b, d.b, b);
  }
  if (c < cols) {  // the zeros that fill up the last pair do not lie at the mean
    const Pair t = load_pair(s + c, cols - c), mask = pair_mask<T>(cols - c);
    const Pair d = {hn::Mul(hn::Sub(t.a, centre), mask.a), hn::Mul(hn::Sub(t.b, centre), mask.b)};
    a = hn::MulAdd(d.a, d.a, a);
    b = hn::MulAdd(d.b, d.b, b);
  }
  return sum(hn::Add(a, b));
}

template <typename T>
void layernorm(const LayerNorm::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  const T *w = in[1].as<const T>().data(), *bias = in[2].as<const T>().data();  // [cols] each
  for (std::int64_t r = begin; r < end; ++r) {
    const T* x = in[0].as<const T>().data() + r * p.cols;
    T* y = out[0].as<T>().data() + r * p.cols;
    T* residual = p.residual ? out[1].as<T>().data() + r * p.cols : nullptr;
    Floats sum_a = set(0), sum_b = set(0);
    for (std::int64_t c = 0; c < p.cols; c += kStep) {
      const std::int64_t n = p.cols - c;
      Pair t = load_pair(x + c, n);
      if (residual != nullptr) {
        const Pair v = load_pair(residual + c, n);
        store_pair(residual + c, {hn::Add(t.a, v.a), hn::Add(t.b, v.b)}, n);
        t = load_pair(residual + c, n);  // as stored, rounded to T: what the next layer will read
      }
      sum_a = hn::Add(sum_a, t.a);
      sum_b = hn::Add(sum_b, t.b);
    }
    const T* s = residual != nullptr ? residual : x;
    const auto cols = static_cast<float>(p.cols);
    const float mean = sum(hn::Add(sum_a, sum_b)) / cols;
    const float variance = sum_squares_about(s, p.cols, mean) / cols;
    const Floats inverse = set(1.0f / std::sqrt(variance + p.eps)), centre = set(mean);
    for (std::int64_t c = 0; c < p.cols; c += kStep) {
      const std::int64_t n = p.cols - c;
      const Pair t = load_pair(s + c, n), g = load_pair(w + c, n), b = load_pair(bias + c, n);
      store_pair(y + c,
                 {hn::MulAdd(hn::Mul(hn::Sub(t.a, centre), inverse), g.a, b.a),
                  hn::MulAdd(hn::Mul(hn::Sub(t.b, centre), inverse), g.b, b.b)},
                 n);
    }
  }
}

void LayerNormRows(const LayerNorm::Params& p, Buffers in, Buffers out, std::int64_t begin,
                   std::int64_t end) {
  with_element(p.type, [&](auto element) { layernorm<decltype(element)>(p, in, out, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(LayerNormRows);

class LayerNormKernel final : public Kernel {
 public:
  explicit LayerNormKernel(const LayerNorm& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(LayerNormRows)(p_, in, out, begin, end);
    });
  }

 private:
  const LayerNorm::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_layernorm_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "layernorm");
  return std::make_unique<cpu::LayerNormKernel>(op_cast<LayerNorm>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
