// SPDX-License-Identifier: Apache-2.0
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cross/cross_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cross/cross.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <typename T>
void cross(Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  const T* x0 = in[0].as<const T>().data();
  const T* u = in[1].as<const T>().data();
  const T* x = in[2].as<const T>().data();
  T* y = out[0].as<T>().data();
  for (std::int64_t i = begin; i < end; i += kStep) {
    const std::int64_t n = end - i;
    const Pair a = load_pair(x0 + i, n), b = load_pair(u + i, n), c = load_pair(x + i, n);
    store_pair(y + i, {hn::MulAdd(a.a, b.a, c.a), hn::MulAdd(a.b, b.b, c.b)}, n);
  }
}

void CrossElements(DType type, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  with_element(type, [&](auto element) { cross<decltype(element)>(in, out, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(CrossElements);

class CrossKernel final : public Kernel {
 public:
  explicit CrossKernel(const Cross& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t elements = p_.rows * p_.cols, runs = (elements + kRun - 1) / kRun;
    parallel_ranges(runs, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(CrossElements)(p_.type, in, out, begin * kRun, std::min(end * kRun, elements));
    });
  }

 private:
  static constexpr std::int64_t kRun = 4096;  // elements: whole pages of any type

  const Cross::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_cross_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "cross");
  return std::make_unique<cpu::CrossKernel>(op_cast<Cross>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
