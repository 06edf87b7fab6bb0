// SPDX-License-Identifier: Apache-2.0
// Matmul in f32 multiply-adds for many rows of x, whatever the element type: CPUs without bf16 arithmetic reach
// their f32 rate with bf16 and f16 too, because widening is one pass over blocks that then stay in cache.
//
// Blocking, after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008): x is widened
// once, transposed into panels of kStep rows so that a vector holds one column of x; weights are widened in blocks
// of kRows x kDepth and broadcast one by one. A task is a block of weight rows times a run of panels.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/matmul_cpu_widened.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/matmul/epilogue_cpu-inl.h"
#include "kernels/matmul/gemm_cpu.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

// Accumulators are kTile x 2 vectors: 24 of 32 registers, or 12 of 16.
constexpr std::int64_t kTile = HWY_TARGET == HWY_AVX3 ? 12 : 6;
static_assert(WidenedGemm::kRows % kTile == 0 && WidenedGemm::kDepth % kStep == 0 &&
              WidenedGemm::kWidest % kStep == 0);

/// c[kTile, kStep] (+)= w[kTile, depth] * x[depth, kStep]
HWY_INLINE void multiply_tile(const float* HWY_RESTRICT x, const float* HWY_RESTRICT w, std::int64_t depth,
                              bool first, float* HWY_RESTRICT c) {
  Floats low[kTile], high[kTile];
  HWY_UNROLL(12)
  for (std::int64_t r = 0; r < kTile; ++r) low[r] = high[r] = hn::Zero(kF);
  for (std::int64_t k = 0; k < depth; ++k) {
    const Floats a = hn::Load(kF, x + k * kStep), b = hn::Load(kF, x + k * kStep + kLanes);
    HWY_UNROLL(12)
    for (std::int64_t r = 0; r < kTile; ++r) {
      const Floats weight = set(w[r * WidenedGemm::kStride + k]);
      low[r] = hn::MulAdd(weight, a, low[r]);
      high[r] = hn::MulAdd(weight, b, high[r]);
    }
  }
  HWY_UNROLL(12)
  for (std::int64_t r = 0; r < kTile; ++r) {
    float* const row = c + r * kStep;
    hn::Store(first ? low[r] : hn::Add(low[r], hn::Load(kF, row)), kF, row);
    hn::Store(first ? high[r] : hn::Add(high[r], hn::Load(kF, row + kLanes)), kF, row + kLanes);
  }
}

/// Panel `panel` of x, [depth, kStep] in f32. Columns come in the order in which load_pair() gives them, which is
/// the order of the widened weights; missing rows and columns are 0.
template <typename T>
void pack_panel(const WidenedGemm& g, const T* x, std::int64_t panel) {
  float* to = g.packed_x + panel * kStep * g.padded_depth;
  const std::int64_t rows = std::min(kStep, g.m - panel * kStep);
  HWY_ALIGN float block[kStep * kStep] = {};
  for (std::int64_t k = 0; k < g.k; k += kStep, to += kStep * kStep) {
    for (std::int64_t r = 0; r < rows; ++r)
      store_pair(block + r * kStep, load_pair(x + (panel * kStep + r) * g.k + k, g.k - k));
    for (std::int64_t c = 0; c < kStep; ++c)
      for (std::int64_t r = 0; r < kStep; ++r) to[c * kStep + r] = block[r * kStep + c];
  }
}

void PackPanel(const WidenedGemm& g, DType type, const void* x, std::int64_t panel) {
  with_element(type, [&](auto element) { pack_panel(g, static_cast<const decltype(element)*>(x), panel); });
}

template <typename T>
void multiply_block(const WidenedGemm& g, const T* w, const MatMulEpilogue& epilogue, std::int64_t row,
                    std::int64_t first_panel, std::int64_t panels, float* scratch) {
  constexpr std::int64_t kRows = WidenedGemm::kRows, kStride = WidenedGemm::kStride;
  const std::int64_t rows = std::min(kRows, g.n - row), tiled = round_up(rows, kTile);
  float* const weights = scratch;                      // [kRows, kStride]
  float* const sums = weights + kRows * kStride;       // [panels, kRows, kStep]
  for (std::int64_t r = rows; r < tiled; ++r) std::fill_n(weights + r * kStride, WidenedGemm::kDepth, 0.0f);

  for (std::int64_t k0 = 0; k0 < g.padded_depth; k0 += WidenedGemm::kDepth) {
    const std::int64_t depth = std::min(WidenedGemm::kDepth, g.padded_depth - k0);
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < depth; k += kStep)
        store_pair(weights + r * kStride + k, load_pair(w + (row + r) * g.k + k0 + k, g.k - k0 - k));
    for (std::int64_t p = 0; p < panels; ++p) {
      const float* const x = g.packed_x + (first_panel + p) * kStep * g.padded_depth + k0 * kStep;
      for (std::int64_t r = 0; r < tiled; r += kTile)
        multiply_tile(x, weights + r * kStride, depth, k0 == 0, sums + (p * kRows + r) * kStep);
    }
  }

  HWY_ALIGN float line[kRows + kStep];
  for (std::int64_t p = 0; p < panels; ++p) {
    const std::int64_t m0 = (first_panel + p) * kStep;
    for (std::int64_t m = m0; m < std::min(m0 + kStep, g.m); ++m) {
      for (std::int64_t r = 0; r < rows; ++r) line[r] = sums[(p * kRows + r) * kStep + m - m0];
      finish_row(epilogue, m, row, rows, line);
    }
  }
}

void MultiplyBlock(const WidenedGemm& g, DType type, const void* w, const MatMulEpilogue& epilogue, std::int64_t row,
                   std::int64_t first_panel, std::int64_t panels, float* scratch) {
  with_element(type, [&](auto element) {
    multiply_block(g, static_cast<const decltype(element)*>(w), epilogue, row, first_panel, panels, scratch);
  });
}

std::int64_t PanelRows() { return kStep; }

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
    const WidenedGemm gemm{.m = p_.m, .n = p_.n, .k = p_.k, .padded_depth = round_up(p_.k, panel_rows_),
                           .packed_x = packed_x_.data()};
    const MatMulEpilogue epilogue(p_, in, out);
    const std::int64_t panels = round_up(p_.m, panel_rows_) / panel_rows_;
    const std::int64_t run = std::min(panels, WidenedGemm::kMaxColumns / panel_rows_);  // panels a task
    const std::int64_t runs = (panels + run - 1) / run;
    const std::int64_t tasks = (p_.n + WidenedGemm::kRows - 1) / WidenedGemm::kRows * runs;
#pragma omp parallel
    {
#pragma omp for schedule(static)
      for (std::int64_t panel = 0; panel < panels; ++panel)
        HWY_DYNAMIC_DISPATCH(PackPanel)(gemm, p_.type, in[0].data, panel);
      float* const scratch = thread_scratch_.data() + omp_get_thread_num() * WidenedGemm::kScratchFloats;
#pragma omp for schedule(dynamic, 1)
      for (std::int64_t task = 0; task < tasks; ++task) {
        const std::int64_t row = task / runs * WidenedGemm::kRows, first = task % runs * run;
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

std::unique_ptr<Kernel> make_matmul_widened(const Op& op, Device&) {
  const auto& matmul = op_cast<MatMul>(op);
  cpu::require_widened(matmul.p, "widened");
  return std::make_unique<cpu::WidenedKernel>(matmul);
}

}  // namespace assay
#endif  // HWY_ONCE
