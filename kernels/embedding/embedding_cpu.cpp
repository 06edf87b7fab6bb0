// SPDX-License-Identifier: Apache-2.0
// Embedding rows: a plain copy where nothing is scaled or added.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/embedding/embedding_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/embedding/embedding.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <typename T>
void embed(const Embedding::Params& p, Buffers in, Buffers out, std::int64_t begin, std::int64_t end) {
  const std::int32_t* ids = in[0].as<const std::int32_t>().data();  // [rows]
  const std::int32_t* positions =
      p.positions > 0 ? in[2].as<const std::int32_t>().data() : nullptr;  // [rows]
  const Floats scale = set(p.scale);
  for (std::int64_t r = begin; r < end; ++r) {
    const T* row = in[1].as<const T>().data() + ids[r] * p.width;
    T* y = out[0].as<T>().data() + r * p.width;
    if (positions == nullptr && p.scale == 1) {
      std::memcpy(y, row, static_cast<std::size_t>(p.width) * sizeof(T));
      continue;
    }
    const T* offset = positions == nullptr ? nullptr : in[3].as<const T>().data() + positions[r] * p.width;
    for (std::int64_t c = 0; c < p.width; c += kStep) {
      const std::int64_t n = p.width - c;
      const Pair v = load_pair(row + c, n);
      const Pair o = offset == nullptr ? Pair{set(0), set(0)} : load_pair(offset + c, n);
      store_pair(y + c, {hn::MulAdd(v.a, scale, o.a), hn::MulAdd(v.b, scale, o.b)}, n);
    }
  }
}

void EmbeddingRows(const Embedding::Params& p, Buffers in, Buffers out, std::int64_t begin,
                   std::int64_t end) {
  with_element(p.type, [&](auto element) { embed<decltype(element)>(p, in, out, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(EmbeddingRows);

class EmbeddingKernel final : public Kernel {
 public:
  explicit EmbeddingKernel(const Embedding& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {}
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int) {
      HWY_DYNAMIC_DISPATCH(EmbeddingRows)(p_, in, out, begin, end);
    });
  }

 private:
  const Embedding::Params p_;
  const double bytes_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_embedding_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "embedding");
  return std::make_unique<cpu::EmbeddingKernel>(op_cast<Embedding>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
