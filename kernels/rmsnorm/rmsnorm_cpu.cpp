// SPDX-License-Identifier: Apache-2.0
// RMSNorm with its residual addition: two passes over a row, the second out of the first-level cache.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rmsnorm/rmsnorm_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/rmsnorm/rmsnorm.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// The sum of squares is of s as stored, rounded to T: what the next layer will read.
template <typename T>
void rmsnorm(const RmsNorm::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  const T* w = in[1].as<const T>().data();  // [cols]
  for (std::int64_t r = begin; r < end; ++r) {
    const T* x = in[0].as<const T>().data() + r * p.cols;
    T* y = out[0].as<T>().data() + r * p.cols;
    const T* s = x;
    Floats squares_a = set(0), squares_b = set(0);
    if (p.residual) {
      T* residual = out[1].as<T>().data() + r * p.cols;
      for (std::int64_t c = 0; c < p.cols; c += kStep) {
        const std::int64_t n = p.cols - c;
        const Pair u = load_pair(x + c, n), v = load_pair(residual + c, n);
        store_pair(residual + c, {hn::Add(u.a, v.a), hn::Add(u.b, v.b)}, n);
        const Pair t = load_pair(residual + c, n);
        squares_a = hn::MulAdd(t.a, t.a, squares_a);
        squares_b = hn::MulAdd(t.b, t.b, squares_b);
      }
      s = residual;
    } else {
      for (std::int64_t c = 0; c < p.cols; c += kStep) {
        const Pair t = load_pair(x + c, p.cols - c);
        squares_a = hn::MulAdd(t.a, t.a, squares_a);
        squares_b = hn::MulAdd(t.b, t.b, squares_b);
      }
    }
    const float mean = sum(hn::Add(squares_a, squares_b)) / static_cast<float>(p.cols);
    const Floats inverse = set(1.0f / std::sqrt(mean + p.eps)), offset = set(p.weight_offset);
    for (std::int64_t c = 0; c < p.cols; c += kStep) {
      const std::int64_t n = p.cols - c;
      const Pair t = load_pair(s + c, n), g = load_pair(w + c, n);
      store_pair(y + c,
                 {hn::Mul(hn::Mul(t.a, inverse), hn::Add(g.a, offset)),
                  hn::Mul(hn::Mul(t.b, inverse), hn::Add(g.b, offset))},
                 n);
    }
  }
}

void RmsNormRows(const RmsNorm::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  with_element(p.type, [&](auto element) { rmsnorm<decltype(element)>(p, in, out, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(RmsNormRows);

class RmsNormKernel final : public Kernel {
 public:
  explicit RmsNormKernel(const RmsNorm& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(RmsNormRows)(p_, in, out, begin, end);
    });
  }

 private:
  const RmsNorm::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_rmsnorm_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "rmsnorm");
  return std::make_unique<cpu::RmsNormKernel>(op_cast<RmsNorm>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
