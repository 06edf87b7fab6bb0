// SPDX-License-Identifier: Apache-2.0
// Matmul in f32 multiply-adds for many rows of x, whatever the element type: CPUs without bf16 arithmetic
// reach their f32 rate with bf16 and f16 too, because widening is one pass over blocks that then stay in
// cache.
//
// Blocking, after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): x is
// widened once, transposed into panels of kStep rows so that a vector holds one column of x; weights are
// widened in blocks of kRows x kDepth and broadcast one by one. A task is a block of weight rows times a run
// of panels.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/cpu/matmul_cpu_widened.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/matmul/cpu/epilogue_cpu-inl.h"
#include "kernels/matmul/cpu/gemm_cpu.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// Accumulators are kTile x 2 vectors: 24 of 32 registers, or 12 of 16.
constexpr std::int64_t kTile = HWY_TARGET == HWY_AVX3 ? 12 : 6;
static_assert(WidenedGemm::kRows % kTile == 0 && WidenedGemm::kDepth % kStep == 0 &&
              WidenedGemm::kWidest % kStep == 0);

// The first tiles of a block fetch the next panel of x meanwhile, each its part: so many cache lines every
// kGroup columns.
constexpr std::int64_t kFetchingTiles = WidenedGemm::kRows / kTile;
constexpr std::int64_t kGroup = std::min<std::int64_t>(kStep, 8);
constexpr std::int64_t kFetch = std::max<std::int64_t>(1, kStep * 4 * kGroup / 64 / kFetchingTiles);

/// c[kTile, kStep] (+)= w[kTile, depth] * x[depth, kStep]; fetches from `next` on.
HWY_INLINE void multiply_tile(const float* HWY_RESTRICT x, const float* HWY_RESTRICT w, std::int64_t depth,
                              bool first, float* HWY_RESTRICT c, const char* next) {
  Floats low[kTile], high[kTile];
  HWY_UNROLL(12)
  for (std::int64_t r = 0; r < kTile; ++r) low[r] = high[r] = hn::Zero(kF);
  for (std::int64_t k0 = 0; k0 < depth; k0 += kGroup, next += kFetch * 64) {
    HWY_UNROLL(4)
    for (std::int64_t line = 0; line < kFetch; ++line) __builtin_prefetch(next + line * 64, 0, 3);
    HWY_UNROLL(4)
    for (std::int64_t k = k0; k < k0 + kGroup; ++k) {
      const Floats a = hn::Load(kF, x + k * kStep), b = hn::Load(kF, x + k * kStep + kLanes);
      HWY_UNROLL(12)
      for (std::int64_t r = 0; r < kTile; ++r) {
        const Floats weight = set(w[r * WidenedGemm::kStride + k]);
        low[r] = hn::MulAdd(weight, a, low[r]);
        high[r] = hn::MulAdd(weight, b, high[r]);
      }
    }
  }
  HWY_UNROLL(12)
  for (std::int64_t r = 0; r < kTile; ++r) {
    float* const row = c + r * kStep;
    hn::Store(first ? low[r] : hn::Add(low[r], hn::Load(kF, row)), kF, row);
    hn::Store(first ? high[r] : hn::Add(high[r], hn::Load(kF, row + kLanes)), kF, row + kLanes);
  }
}

/// to[c, r] = from[r, c] for a square of kStep x kStep.
HWY_INLINE void transpose(const float* HWY_RESTRICT from, std::int64_t from_stride, float* HWY_RESTRICT to,
                          std::int64_t to_stride) {
#if HWY_TARGET == HWY_SCALAR
  for (std::int64_t r = 0; r < kStep; ++r)
    for (std::int64_t c = 0; c < kStep; ++c) to[c * to_stride + r] = from[r * from_stride + c];
#else
  const hn::FixedTag<float, 4> d4;
  const hn::FixedTag<double, 2> d2;
  for (std::int64_t r = 0; r < kStep; r += 4) {
    for (std::int64_t c = 0; c < kStep; c += 4) {
      const float* const at = from + r * from_stride + c;
      const auto a = hn::LoadU(d4, at), b = hn::LoadU(d4, at + from_stride);
      const auto e = hn::LoadU(d4, at + 2 * from_stride), f = hn::LoadU(d4, at + 3 * from_stride);
      const auto ab_low = hn::BitCast(d2, hn::InterleaveLower(d4, a, b));
      const auto ab_high = hn::BitCast(d2, hn::InterleaveUpper(d4, a, b));
      const auto ef_low = hn::BitCast(d2, hn::InterleaveLower(d4, e, f));
      const auto ef_high = hn::BitCast(d2, hn::InterleaveUpper(d4, e, f));
      float* const out = to + c * to_stride + r;
      hn::StoreU(hn::BitCast(d4, hn::InterleaveLower(d2, ab_low, ef_low)), d4, out);
      hn::StoreU(hn::BitCast(d4, hn::InterleaveUpper(d2, ab_low, ef_low)), d4, out + to_stride);
      hn::StoreU(hn::BitCast(d4, hn::InterleaveLower(d2, ab_high, ef_high)), d4, out + 2 * to_stride);
      hn::StoreU(hn::BitCast(d4, hn::InterleaveUpper(d2, ab_high, ef_high)), d4, out + 3 * to_stride);
    }
  }
#endif
}

/// Panel `panel` of x in f32, in parts of kDepth columns (see WidenedGemm). Columns come in the order in
/// which load_pair() gives them, which is the order of the widened weights; missing rows and columns are 0.
template <typename T>
void pack_panel(const WidenedGemm& g, const T* x, std::int64_t panel) {
  const std::int64_t rows = std::min(kStep, g.m - panel * kStep);
  HWY_ALIGN float block[kStep * kStep] = {};
  for (std::int64_t k = 0; k < g.k; k += kStep) {
    for (std::int64_t r = 0; r < rows; ++r)
      store_pair(block + r * kStep, load_pair(x + (panel * kStep + r) * g.k + k, g.k - k));
    float* const to = g.part(k / WidenedGemm::kDepth, panel, kStep) + k % WidenedGemm::kDepth * kStep;
    transpose(block, kStep, to, kStep);
  }
}

void PackPanel(const WidenedGemm& g, DType type, const void* x, std::int64_t panel) {
  with_element(type, [&](auto element) { pack_panel(g, static_cast<const decltype(element)*>(x), panel); });
}

/// The cache lines of a block of a matrix, fetched a share at a time by the tiles that run before it is
/// needed.
class LinesAhead {
 public:
  LinesAhead(const void* from, std::int64_t row_bytes, std::int64_t stride_bytes, std::int64_t rows,
             std::int64_t tiles) {
    const auto address = reinterpret_cast<std::uintptr_t>(from);
    row_ = reinterpret_cast<const char*>(address / kLine * kLine);
    row_lines_ = (static_cast<std::int64_t>(address % kLine) + row_bytes + kLine - 1) / kLine;
    stride_ = stride_bytes;
    left_ = std::max<std::int64_t>(0, rows) * row_lines_;
    share_ = (left_ + tiles - 1) / tiles;
  }

  HWY_INLINE void fetch() {
    const std::int64_t count = std::min(share_, left_);
    left_ -= count;
    for (std::int64_t i = 0; i < count; ++i) {
      __builtin_prefetch(row_ + line_ * kLine, 0, 2);
      if (++line_ < row_lines_) continue;
      line_ = 0;
      row_ += stride_;
    }
  }

 private:
  static constexpr std::int64_t kLine = 64;
  const char* row_;
  std::int64_t line_ = 0, row_lines_, stride_, left_, share_;
};

template <typename T>
void multiply_block(const WidenedGemm& g, const T* w, const MatMulEpilogue& epilogue, std::int64_t row,
                    std::int64_t first_panel, std::int64_t panels, float* scratch) {
  constexpr std::int64_t kMaxRows = WidenedGemm::kMaxRows, kStride = WidenedGemm::kStride;
  const std::int64_t rows = std::min(g.block_rows, g.n - row), tiled = round_up(rows, kTile);
  const std::int64_t first_m = first_panel * kStep, end_m = std::min(g.m, first_m + panels * kStep);
  float* const weights = scratch;                    // [kMaxRows, kStride]
  float* const sums = weights + kMaxRows * kStride;  // [panels, kMaxRows, kStep]
  for (std::int64_t r = rows; r < tiled; ++r) std::fill_n(weights + r * kStride, WidenedGemm::kDepth, 0.0f);

  for (std::int64_t k0 = 0; k0 < g.padded_depth; k0 += WidenedGemm::kDepth) {
    const std::int64_t depth = g.depth_at(k0);
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < depth; k += kStep)
        store_pair(weights + r * kStride + k, load_pair(w + (row + r) * g.k + k0 + k, g.k - k0 - k));
    // What comes next is fetched meanwhile: the same rows of weights further on, or the rows that are
    // probably ours then, and the lines of y that the sums go to.
    const bool last = k0 + depth >= g.padded_depth;
    const std::int64_t tiles = panels * (tiled / kTile);
    const std::int64_t next_row = last ? row + g.next_rows : row, next_k = last ? 0 : k0 + depth;
    LinesAhead next_weights(
        w + next_row * g.k + next_k, g.depth_at(next_k) * static_cast<std::int64_t>(sizeof(T)),
        g.k * static_cast<std::int64_t>(sizeof(T)), std::min(g.block_rows, g.n - next_row), tiles);
    LinesAhead outputs(epilogue.at(first_m, row), rows * bytes_of(epilogue.type),
                       epilogue.cols * bytes_of(epilogue.type), last ? end_m - first_m : 0, tiles);
    for (std::int64_t p = 0; p < panels; ++p) {
      const float* const x = g.part(k0 / WidenedGemm::kDepth, first_panel + p, kStep);
      const auto* const next = reinterpret_cast<const char*>(
          p + 1 < panels ? x + depth * kStep
                         : g.part(last ? 0 : k0 / WidenedGemm::kDepth + 1, first_panel, kStep));
      for (std::int64_t r = 0; r < tiled; r += kTile) {
        next_weights.fetch();
        outputs.fetch();
        multiply_tile(x, weights + r * kStride, depth, k0 == 0, sums + (p * kMaxRows + r) * kStep,
                      next + r / kTile % kFetchingTiles * (depth / kGroup) * kFetch * 64);
      }
    }
  }

  constexpr std::int64_t kLine = round_up(kMaxRows, kStep);
  HWY_ALIGN float lines[kStep * kLine];
  for (std::int64_t p = 0; p < panels; ++p) {
    for (std::int64_t r = 0; r < rows; r += kStep)
      transpose(sums + (p * kMaxRows + r) * kStep, kStep, lines + r, kLine);
    const std::int64_t m = first_m + p * kStep;
    for (std::int64_t i = 0; i < std::min(kStep, g.m - m); ++i)
      finish_row(epilogue, m + i, row, rows, lines + i * kLine);
  }
}

void MultiplyBlock(const WidenedGemm& g, DType type, const void* w, const MatMulEpilogue& epilogue,
                   std::int64_t row, std::int64_t first_panel, std::int64_t panels, float* scratch) {
  with_element(type, [&](auto element) {
    multiply_block(g, static_cast<const decltype(element)*>(w), epilogue, row, first_panel, panels, scratch);
  });
}

std::int64_t PanelRows() {
  return kStep;
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(PackPanel);
HWY_EXPORT(MultiplyBlock);
HWY_EXPORT(PanelRows);

class WidenedKernel final : public Kernel {
 public:
  explicit WidenedKernel(const MatMul& op)
      : p_(op.p),
        panel_rows_(HWY_DYNAMIC_DISPATCH(PanelRows)()),
        depth_(round_up(p_.k, WidenedGemm::kWidest)),
        packed_x_(round_up(p_.m, panel_rows_) * depth_),
        thread_scratch_(omp_get_max_threads() * WidenedGemm::kScratchFloats) {}

  std::int64_t workspace_bytes() const override { return packed_x_.bytes() + thread_scratch_.bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    const MatMulEpilogue epilogue(p_, in, out);
    const std::int64_t panels = round_up(p_.m, panel_rows_) / panel_rows_;
    const std::int64_t run = std::min(panels, WidenedGemm::kMaxColumns / panel_rows_);  // panels a task
    const std::int64_t runs = (panels + run - 1) / run;
    const std::int64_t threads = omp_get_max_threads();
    const std::int64_t block_rows = WidenedGemm::choose_block_rows(p_.n, runs, threads);
    const std::int64_t tasks = (p_.n + block_rows - 1) / block_rows * runs;
    const WidenedGemm gemm{.m = p_.m,
                           .n = p_.n,
                           .k = p_.k,
                           .padded_depth = round_up(p_.k, panel_rows_),
                           .panels = panels,
                           .block_rows = block_rows,
                           .next_rows = (threads + runs - 1) / runs * block_rows,
                           .packed_x = packed_x_.data()};
#pragma omp parallel
    {
#pragma omp for schedule(static)
      for (std::int64_t panel = 0; panel < panels; ++panel)
        HWY_DYNAMIC_DISPATCH(PackPanel)(gemm, p_.type, in[0].data, panel);
      float* const scratch = thread_scratch_.data() + omp_get_thread_num() * WidenedGemm::kScratchFloats;
#pragma omp for schedule(dynamic, 1)
      for (std::int64_t task = 0; task < tasks; ++task) {
        const std::int64_t row = task / runs * block_rows, first = task % runs * run;
        HWY_DYNAMIC_DISPATCH(MultiplyBlock)
        (gemm, p_.type, in[1].data, epilogue, row, first, std::min(run, panels - first), scratch);
      }
    }
  }

 private:
  const MatMul::Params p_;
  const std::int64_t panel_rows_, depth_;
  Scratch packed_x_, thread_scratch_;
};

}  // namespace cpu

std::unique_ptr<Kernel> make_matmul_widened(const Op& op, Lane&) {
  const auto& matmul = op_cast<MatMul>(op);
  cpu::require_widened(matmul.p, "widened");
  return std::make_unique<cpu::WidenedKernel>(matmul);
}

}  // namespace assay
#endif  // HWY_ONCE
