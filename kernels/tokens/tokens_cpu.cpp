// SPDX-License-Identifier: Apache-2.0
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tokens/tokens_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_cpu-inl.h"
#include "kernels/tokens/tokens.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <typename T>
void add_positions(const Tokens::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  for (std::int64_t r = begin; r < end; ++r) {
    const std::int64_t image = r / (1 + p.patches), token = r % (1 + p.patches);
    const T* x = token == 0 ? in[1].as<const T>().data()
                            : in[0].as<const T>().data() + (image * p.patches + token - 1) * p.width;
    const T* position = in[2].as<const T>().data() + token * p.width;
    T* y = out[0].as<T>().data() + r * p.width;
    for (std::int64_t c = 0; c < p.width; c += kStep) {
      const std::int64_t n = p.width - c;
      const Pair a = load_pair(x + c, n), b = load_pair(position + c, n);
      store_pair(y + c, {hn::Add(a.a, b.a), hn::Add(a.b, b.b)}, n);
    }
  }
}

/// Rows [begin, end) of y.
void TokenRows(const Tokens::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  with_element(p.type, [&](auto element) { add_positions<decltype(element)>(p, in, out, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(TokenRows);

class TokensKernel final : public Kernel {
 public:
  explicit TokensKernel(const Tokens& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.images * (1 + p_.patches), bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(TokenRows)(p_, in, out, begin, end);
    });
  }

 private:
  const Tokens::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_tokens_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "tokens");
  return std::make_unique<cpu::TokensKernel>(op_cast<Tokens>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
