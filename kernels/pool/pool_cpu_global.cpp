// SPDX-License-Identifier: Apache-2.0
// The mean of a whole image: sums in registers, some channels at a time.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool/pool_cpu_global.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/pool/pool.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// Several chains of additions, so that they do not wait for one another.
constexpr std::int64_t kPairs = 4;

template <typename T>
void mean_of_pixels(const T* x, T* y, std::int64_t pixels, std::int64_t stride, std::int64_t channels) {
  const Floats share = set(1 / static_cast<float>(pixels));
  for (std::int64_t c = 0; c < channels; c += kPairs * kStep) {
    Pair sums[kPairs];
    for (Pair& sum : sums) sum = {set(0), set(0)};
    const std::int64_t n = channels - c;
    if (n >= kPairs * kStep) {
      for (std::int64_t i = 0; i < pixels; ++i)
        for (std::int64_t k = 0; k < kPairs; ++k) {
          const Pair v = load_pair(x + i * stride + c + k * kStep);
          sums[k] = {hn::Add(sums[k].a, v.a), hn::Add(sums[k].b, v.b)};
        }
    } else {
      for (std::int64_t i = 0; i < pixels; ++i)
        for (std::int64_t k = 0; k * kStep < n; ++k) {
          const Pair v = load_pair(x + i * stride + c + k * kStep, n - k * kStep);
          sums[k] = {hn::Add(sums[k].a, v.a), hn::Add(sums[k].b, v.b)};
        }
    }
    for (std::int64_t k = 0; k < kPairs && k * kStep < n; ++k)
      store_pair(y + c + k * kStep, {hn::Mul(sums[k].a, share), hn::Mul(sums[k].b, share)}, n - k * kStep);
  }
}

/// Channels [channel, + channels) of one image.
void PoolImage(const Pool::Params& p, Buffers in, Buffers out, std::int64_t image, std::int64_t channel,
               std::int64_t channels) {
  with_element(p.type, [&](auto element) {
    using T = decltype(element);
    const std::int64_t pixels = p.height * p.width;
    mean_of_pixels(in[0].as<const T>().data() + image * pixels * p.channels + channel,
                   out[0].as<T>().data() + image * p.channels + channel, pixels, p.channels, channels);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(PoolImage);

class PoolGlobalKernel final : public Kernel {
 public:
  explicit PoolGlobalKernel(const Pool& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t blocks = (p_.channels + kBlock - 1) / kBlock;
    parallel_ranges(p_.batch * blocks, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t c = i % blocks * kBlock;
        HWY_DYNAMIC_DISPATCH(PoolImage)(p_, in, out, i / blocks, c, std::min(kBlock, p_.channels - c));
      }
    });
  }

 private:
  static constexpr std::int64_t kBlock = 128;  // channels

  const Pool::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_pool_cpu_global(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "pool");
  const auto& pool = op_cast<Pool>(op);
  if (!pool.global()) throw Unsupported("pool/global has no windows");
  return std::make_unique<cpu::PoolGlobalKernel>(pool);
}

}  // namespace assay
#endif  // HWY_ONCE
