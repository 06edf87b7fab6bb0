// SPDX-License-Identifier: Apache-2.0
// Dot interaction of one row at a time: its vectors are widened once into a buffer that stays in L1, and two
// of them at a time meet all that come before. Sums stay whole vectors until those of both rows are there;
// then groups of four lanes are added by de-interleaving, so that no sum is folded alone.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/interaction/interaction_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/interaction/interaction.h"
#include "kernels/matmul/cpu/epilogue_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// Floats of a vector of Z in the buffer: whole steps, zeros behind the last element.
inline std::int64_t padded(std::int64_t width) {
  return round_up(width, kStep);
}

/// Vectors i, i + 1 ... of Z times vectors j, j + 1 ...; the sum of (i + a, j + b) goes to
/// to[(row_of(a) + j + b) * kLanes], unfolded.
template <int kI, int kJ>
HWY_INLINE void multiply(const float* z, std::int64_t stride, std::int64_t i, std::int64_t j, float* to,
                         std::int64_t next_row) {
  Floats sums[kI][kJ];
  for (auto& row : sums)
    for (auto& sum : row) sum = set(0);
  const float* a = z + i * stride;
  const float* b = z + j * stride;
  for (std::int64_t c = 0; c < stride; c += kLanes) {
    Floats left[kI];
    for (int r = 0; r < kI; ++r) left[r] = hn::LoadU(kF, a + r * stride + c);
    for (int s = 0; s < kJ; ++s) {
      const Floats right = hn::LoadU(kF, b + s * stride + c);
      for (int r = 0; r < kI; ++r) sums[r][s] = hn::MulAdd(left[r], right, sums[r][s]);
    }
  }
  for (int r = 0; r < kI; ++r)
    for (int s = 0; s < kJ; ++s) hn::StoreU(sums[r][s], kF, to + (r * next_row + j + s) * kLanes);
}

/// Each kLanes floats of `partial` to their sum, in place: `count` sums, written in whole vectors.
HWY_INLINE void fold(float* partial, std::int64_t count) {
  std::int64_t lanes = kLanes, left = round_up(count, kStep) * kLanes;  // floats
  while (lanes > 1) {
    const std::int64_t by = lanes % 4 == 0 ? 4 : 2;
    left /= by;
    for (std::int64_t i = 0; i < left; i += kLanes) {
      Floats a, b, c, d;
      if (by == 4) {
        hn::LoadInterleaved4(kF, partial + i * 4, a, b, c, d);
        a = hn::Add(hn::Add(a, b), hn::Add(c, d));
      } else {
        hn::LoadInterleaved2(kF, partial + i * 2, a, b);
        a = hn::Add(a, b);
      }
      hn::StoreU(a, kF, partial + i);
    }
    lanes /= by;
  }
}

template <typename T>
void widen(const T* x, std::int64_t width, float* to) {
  for (std::int64_t c = 0; c < width; c += kStep) {
    const Pair v = load_pair(x + c, width - c);
    hn::StoreU(v.a, kF, to + c);
    hn::StoreU(v.b, kF, to + c + kLanes);
  }
}

template <typename T>
void interact(const Interaction::Params& p, Buffers in, Buffers out, float* scratch, std::int64_t begin,
              std::int64_t end) {
  const std::int64_t vectors = p.tables + 1, stride = padded(p.width);
  const std::int64_t columns = p.width + Interaction::products(p.tables);
  float* const z = scratch;                           // [vectors, stride]
  float* const partial = scratch + vectors * stride;  // [products of two rows, kLanes]
  for (std::int64_t b = begin; b < end; ++b) {
    const T* dense = in[0].as<const T>().data() + b * p.width;
    const T* pooled = in[1].as<const T>().data() + b * p.tables * p.width;
    T* y = out[0].as<T>().data() + b * columns;
    std::memcpy(y, dense, static_cast<std::size_t>(p.width) * sizeof(T));
    y += p.width;
    widen(dense, p.width, z);
    for (std::int64_t t = 0; t < p.tables; ++t) widen(pooled + t * p.width, p.width, z + (t + 1) * stride);

    // Rows 0 and 1, 2 and 3 ... : i products of the first, and behind them i + 1 of the second.
    for (std::int64_t i = 0; i < vectors; i += 2) {
      const bool two = i + 1 < vectors;
      std::int64_t j = 0;
      if (two) {
        for (; j + 4 <= i; j += 4) multiply<2, 4>(z, stride, i, j, partial, i);
        for (; j + 2 <= i; j += 2) multiply<2, 2>(z, stride, i, j, partial, i);
        multiply<1, 1>(z, stride, i + 1, i, partial + i * kLanes, 0);
      } else {
        for (; j + 4 <= i; j += 4) multiply<1, 4>(z, stride, i, j, partial, 0);
        for (; j + 2 <= i; j += 2) multiply<1, 2>(z, stride, i, j, partial, 0);
      }
      const std::int64_t count = two ? 2 * i + 1 : i;
      fold(partial, count);
      for (std::int64_t k = 0; k < count; k += kStep) store_pair(y + k, load_sums<T>(partial + k), count - k);
      y += count;
    }
  }
}

void InteractionRows(const Interaction::Params& p, Buffers in, Buffers out, float* scratch,
                     std::int64_t begin, std::int64_t end) {
  with_element(p.type, [&](auto element) { interact<decltype(element)>(p, in, out, scratch, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(InteractionRows);

class InteractionKernel final : public Kernel {
 public:
  explicit InteractionKernel(const Interaction& op)
      : p_(op.p),
        bytes_(op.cost().all_paths().both()),
        thread_floats_(floats(op.p)),
        scratch_(thread_floats_ * omp_get_max_threads()) {}
  std::int64_t workspace_bytes() const override { return scratch_.bytes(); }
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int thread) {
      HWY_DYNAMIC_DISPATCH(InteractionRows)
      (p_, in, out, scratch_.data() + thread * thread_floats_, begin, end);
    });
  }

 private:
  /// For the widest vectors that any target has.
  static std::int64_t floats(const Interaction::Params& p) {
    constexpr std::int64_t kMostLanes = 16, kMostStep = 2 * kMostLanes;
    const std::int64_t vectors = p.tables + 1;
    return vectors * round_up(p.width, kMostStep) + round_up(2 * vectors, kMostStep) * kMostLanes;
  }

  const Interaction::Params p_;
  const double bytes_;
  const std::int64_t thread_floats_;
  const Scratch scratch_;
};
}  // namespace cpu

std::unique_ptr<Kernel> make_interaction_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "interaction");
  return std::make_unique<cpu::InteractionKernel>(op_cast<Interaction>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
