// SPDX-License-Identifier: Apache-2.0
// Dot interaction of one row at a time, in blocks: four of its vectors meet four that come before them, and
// sixteen sums of whole registers grow side by side. Four sums then become the four lanes of one short vector
// by adding halves against halves, so that no sum is folded alone. The next row is fetched meanwhile.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/interaction/interaction_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef ASSAY_KERNELS_INTERACTION_CPU_ARGS_
#define ASSAY_KERNELS_INTERACTION_CPU_ARGS_
#include <algorithm>
#include <vector>

#include "kernels/interaction/interaction.h"
#include "plan/kernel.h"

namespace assay::cpu {

constexpr std::int64_t kBlock = 4;  // vectors

/// What a thread keeps of the row that it is at. Vectors are counted in whole blocks: those that are not
/// there are another name of the last one, and their products are nobody's.
struct RowScratch {
  static constexpr std::int64_t kWidestStep = 32;  // floats of two of the widest vectors that any target has

  RowScratch(std::int64_t vectors, std::int64_t width)
      : z(static_cast<std::size_t>(round_up(vectors, kBlock))),
        wide(vectors * round_up(width, kWidestStep)),
        products(begin_of(round_up(vectors, kBlock)) + kWidestStep) {}

  /// Where the products of vector i with those before it begin.
  static std::int64_t begin_of(std::int64_t i) { return i * (i - 1) / 2; }
  std::int64_t bytes() const { return wide.bytes() + products.bytes(); }

  std::vector<const float*> z;  // a vector
  Scratch wide;                 // [vectors, width in whole steps], where they had to be widened
  Scratch products;
};

}  // namespace assay::cpu
#endif

#include "kernels/matmul/cpu/epilogue_cpu-inl.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// Sums of a whole block and what they are made of fit 32 registers, those of half a block 16.
constexpr std::int64_t kHeight = HWY_TARGET == HWY_AVX3 ? kBlock : kBlock / 2;

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void fold(Floats a, Floats b, Floats c, Floats d, float* to) {
  const Floats sums[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i) to[i] = hn::GetLane(sums[i]);
}
#else
using Quad = hn::FixedTag<float, 4>;
HWY_INLINE hn::Vec<Quad> halved(hn::Vec<Quad> v) {
  return v;
}
/// The sum of all quads of a vector.
template <class V>
HWY_INLINE hn::Vec<Quad> halved(V v) {
  const hn::Half<hn::DFromV<V> > half;
  return halved(hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
}
/// The sums of the lanes of a, b, c and d, to four floats.
HWY_INLINE void fold(Floats a, Floats b, Floats c, Floats d, float* to) {
  const hn::RepartitionToWide<FloatTag> wide;
  const auto ab = hn::BitCast(wide, hn::Add(hn::InterleaveLower(kF, a, b), hn::InterleaveUpper(kF, a, b)));
  const auto cd = hn::BitCast(wide, hn::Add(hn::InterleaveLower(kF, c, d), hn::InterleaveUpper(kF, c, d)));
  const Floats quads = hn::Add(hn::BitCast(kF, hn::InterleaveLower(wide, ab, cd)),
                               hn::BitCast(kF, hn::InterleaveUpper(wide, ab, cd)));
  hn::StoreU(halved(quads), Quad(), to);
}
#endif

/// Vectors i ... i + kHeight of the row times j ... j + kBlock, j + kBlock <= i; to their places.
HWY_INLINE void multiply(const RowScratch& row, std::int64_t i, std::int64_t j, std::int64_t width) {
  Floats sums[kHeight][kBlock];
  HWY_UNROLL(4)
  for (auto& of_vector : sums) {
    HWY_UNROLL(4)
    for (auto& sum : of_vector) sum = set(0);
  }
  const float* const* const left = row.z.data() + i;
  const float* const* const right = row.z.data() + j;
  for (std::int64_t c = 0; c < width; c += kLanes) {
    Floats a[kHeight];
    HWY_UNROLL(4)
    for (std::int64_t r = 0; r < kHeight; ++r) a[r] = hn::LoadU(kF, left[r] + c);
    HWY_UNROLL(4)
    for (std::int64_t s = 0; s < kBlock; ++s) {
      const Floats b = hn::LoadU(kF, right[s] + c);
      HWY_UNROLL(4)
      for (std::int64_t r = 0; r < kHeight; ++r) sums[r][s] = hn::MulAdd(a[r], b, sums[r][s]);
    }
  }
  HWY_UNROLL(4)
  for (std::int64_t r = 0; r < kHeight; ++r)
    fold(sums[r][0], sums[r][1], sums[r][2], sums[r][3],
         row.products.data() + RowScratch::begin_of(i + r) + j);
}

/// Vectors i ... i + kBlock among themselves.
HWY_INLINE void multiply_diagonal(const RowScratch& row, std::int64_t i, std::int64_t width) {
  const float* const* const z = row.z.data() + i;
  Floats s10 = set(0), s20 = set(0), s21 = set(0), s30 = set(0), s31 = set(0), s32 = set(0);
  for (std::int64_t c = 0; c < width; c += kLanes) {
    const Floats z0 = hn::LoadU(kF, z[0] + c), z1 = hn::LoadU(kF, z[1] + c);
    const Floats z2 = hn::LoadU(kF, z[2] + c), z3 = hn::LoadU(kF, z[3] + c);
    s10 = hn::MulAdd(z1, z0, s10);
    s20 = hn::MulAdd(z2, z0, s20);
    s21 = hn::MulAdd(z2, z1, s21);
    s30 = hn::MulAdd(z3, z0, s30);
    s31 = hn::MulAdd(z3, z1, s31);
    s32 = hn::MulAdd(z3, z2, s32);
  }
  float sums[2 * kBlock];
  fold(s10, s20, s21, set(0), sums);
  fold(s30, s31, s32, set(0), sums + kBlock);
  float* const to = row.products.data();
  to[RowScratch::begin_of(i + 1) + i] = sums[0];
  std::memcpy(to + RowScratch::begin_of(i + 2) + i, sums + 1, 2 * sizeof(float));
  std::memcpy(to + RowScratch::begin_of(i + 3) + i, sums + kBlock, 3 * sizeof(float));
}

/// The lines of a stretch of memory, some at a time.
class LinesAhead {
 public:
  LinesAhead(const void* from, std::int64_t bytes)
      : next_(static_cast<const char*>(from)), end_(next_ + bytes) {}
  HWY_INLINE void fetch() {
    constexpr std::int64_t kLine = 64, kLines = 8;
    for (const char* const end = std::min(end_, next_ + kLines * kLine); next_ < end; next_ += kLine)
      __builtin_prefetch(next_, 0, 3);
  }

 private:
  const char *next_, *end_;
};

template <typename T>
void widen(const T* x, std::int64_t width, float* to) {
  for (std::int64_t c = 0; c < width; c += kStep) {
    const Pair v = load_pair(x + c, width - c);
    hn::StoreU(v.a, kF, to + c);
    hn::StoreU(v.b, kF, to + c + kLanes);
  }
}

/// Points to the vectors of a row, in f32 and whole steps of them: where they stand, or widened. Gives how
/// wide they are then; what is behind their ends is 0.
template <typename T>
std::int64_t find_vectors(const T* dense, const T* pooled, std::int64_t tables, std::int64_t width,
                          RowScratch& row) {
  const std::int64_t vectors = tables + 1, padded = round_up(width, kStep);
  for (std::int64_t i = 0; i < vectors; ++i) {
    const T* const at = i == 0 ? dense : pooled + (i - 1) * width;
    if constexpr (std::is_same_v<T, float>) {
      if (padded == width) {
        row.z[static_cast<std::size_t>(i)] = at;
        continue;
      }
    }
    float* const to = row.wide.data() + i * padded;
    widen(at, width, to);
    row.z[static_cast<std::size_t>(i)] = to;
  }
  std::fill(row.z.begin() + vectors, row.z.end(), row.z[static_cast<std::size_t>(tables)]);
  return padded;
}

template <typename T>
void interact(const Interaction::Params& p, Buffers in, Buffers out, RowScratch& row, std::int64_t begin,
              std::int64_t end) {
  const std::int64_t vectors = p.tables + 1, products = Interaction::products(p.tables);
  for (std::int64_t b = begin; b < end; ++b) {
    const T* const dense = in[0].as<const T>().data() + b * p.width;
    const T* const pooled = in[1].as<const T>().data() + b * p.tables * p.width;
    T* y = out[0].as<T>().data() + b * (p.width + products);
    const std::int64_t width = find_vectors(dense, pooled, p.tables, p.width, row);
    LinesAhead next_row(pooled + p.tables * p.width,
                        b + 1 < end ? p.tables * p.width * static_cast<std::int64_t>(sizeof(T)) : 0);
    for (std::int64_t i = 0; i < vectors; i += kBlock) {
      next_row.fetch();
      multiply_diagonal(row, i, width);
      for (std::int64_t j = 0; j < i; j += kBlock) {
        next_row.fetch();
        for (std::int64_t r = 0; r < kBlock; r += kHeight) multiply(row, i + r, j, width);
      }
    }
    std::memcpy(y, dense, static_cast<std::size_t>(p.width) * sizeof(T));
    y += p.width;
    for (std::int64_t k = 0; k < products; k += kStep)
      store_pair(y + k, load_sums<T>(row.products.data() + k), products - k);
  }
}

void InteractionRows(const Interaction::Params& p, Buffers in, Buffers out, RowScratch& row,
                     std::int64_t begin, std::int64_t end) {
  with_element(p.type, [&](auto element) { interact<decltype(element)>(p, in, out, row, begin, end); });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(InteractionRows);

class InteractionKernel final : public Kernel {
 public:
  explicit InteractionKernel(const Interaction& op) : p_(op.p), bytes_(op.cost().all_paths().both()) {
    for (int thread = 0; thread < omp_get_max_threads(); ++thread)
      rows_.emplace_back(p_.tables + 1, p_.width);
  }
  std::int64_t workspace_bytes() const override {
    return static_cast<std::int64_t>(rows_.size()) * rows_.front().bytes();
  }
  void launch(Stream&, Buffers in, Buffers out) override {
    parallel_ranges(p_.rows, bytes_, [&](std::int64_t begin, std::int64_t end, int thread) {
      HWY_DYNAMIC_DISPATCH(InteractionRows)
      (p_, in, out, rows_[static_cast<std::size_t>(thread)], begin, end);
    });
  }

 private:
  const Interaction::Params p_;
  const double bytes_;
  std::vector<RowScratch> rows_;  // a thread
};
}  // namespace cpu

std::unique_ptr<Kernel> make_interaction_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "interaction");
  return std::make_unique<cpu::InteractionKernel>(op_cast<Interaction>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
