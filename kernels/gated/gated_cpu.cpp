// SPDX-License-Identifier: Apache-2.0
// Gated activations. Rows are cut into runs of columns, so that a single row of a decode step can be shared
// too.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gated/gated_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/gated/gated.h"
#include "kernels/matmul/cpu/activation_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <Activation kind, typename T>
void gate(const T* gates, const T* up, T* y, std::int64_t cols) {
  const Floats no_cap = set(0);
  for (std::int64_t c = 0; c < cols; c += kStep) {
    const std::int64_t n = cols - c;
    const Pair g = load_pair(gates + c, n), u = load_pair(up + c, n);
    store_pair(y + c,
               {hn::Mul(activated<kind>(g.a, no_cap), u.a), hn::Mul(activated<kind>(g.b, no_cap), u.b)}, n);
  }
}

template <typename T>
void gate_run(Activation kind, const T* gates, const T* up, T* y, std::int64_t cols) {
  switch (kind) {
    case Activation::none: return gate<Activation::none>(gates, up, y, cols);
    case Activation::relu: return gate<Activation::relu>(gates, up, y, cols);
    case Activation::silu: return gate<Activation::silu>(gates, up, y, cols);
    case Activation::gelu_tanh: return gate<Activation::gelu_tanh>(gates, up, y, cols);
    case Activation::gelu_erf: return gate<Activation::gelu_erf>(gates, up, y, cols);
    case Activation::sigmoid: return gate<Activation::sigmoid>(gates, up, y, cols);
    case Activation::softcap: break;  // refused by the factory
  }
}

/// Runs [begin, end) of `run` columns, counted through all rows.
void GatedRuns(const Gated::Params& p, Buffers in, Buffers out, std::int64_t run, std::int64_t begin,
               std::int64_t end) {
  const std::int64_t runs = (p.cols + run - 1) / run;  // a row
  with_element(p.type, [&](auto element) {
    using T = decltype(element);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t r = i / runs, c = i % runs * run;
      const T* x = in[0].as<const T>().data() + r * 2 * p.cols + c;
      T* y = out[0].as<T>().data() + r * p.cols + c;
      gate_run(p.activation, x, x + p.cols, y, std::min(run, p.cols - c));
    }
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(GatedRuns);

class GatedKernel final : public Kernel {
 public:
  explicit GatedKernel(const Gated& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows * ((p_.cols + kRun - 1) / kRun), bytes_,
                    [&](std::int64_t begin, std::int64_t end, int) {
                      HWY_DYNAMIC_DISPATCH(GatedRuns)(p_, in, out, kRun, begin, end);
                    });
  }

 private:
  static constexpr std::int64_t kRun = 1024;  // columns

  const Gated::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_gated_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "gated");
  const auto& gated = op_cast<Gated>(op);
  if (gated.p.activation == Activation::softcap) throw Unsupported("gated has no cap to give to softcap");
  return std::make_unique<cpu::GatedKernel>(gated);
}

}  // namespace assay
#endif  // HWY_ONCE
