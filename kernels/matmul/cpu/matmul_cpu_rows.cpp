// SPDX-License-Identifier: Apache-2.0
// Matmul for few rows of x: memory bound, so weights are read once, in order, and widened in registers. A
// block of weight rows meets every row of x before the next is read.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/matmul/cpu/matmul_cpu_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/matmul/cpu/epilogue_cpu-inl.h"
#include "kernels/matmul/cpu/rows_cpu.h"
#include "kernels/matmul/cpu/shares_cpu.h"
#include "kernels/simd_cpu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// x in f32, each row padded with zeros to whole pairs, in the order of load_pair().
template <typename T>
void widen_x(const T* x, std::int64_t m, std::int64_t k, float* wide) {
  const std::int64_t stride = round_up(k, kStep);
  for (std::int64_t row = 0; row < m; ++row)
    for (std::int64_t i = 0; i < k; i += kStep)
      store_pair(wide + row * stride + i, load_pair(x + row * k + i, k - i));
}

/// sums[c * sums_stride + r * apart] = w[r * apart, :] . x[c, :] for kR rows of weights, `apart` rows from
/// one to the next, and kC rows of x.
template <int kR, int kC, typename T>
HWY_INLINE void dot_rows(const T* HWY_RESTRICT w, std::int64_t apart, const float* HWY_RESTRICT x,
                         std::int64_t k, float* sums, std::int64_t sums_stride) {
  const std::int64_t stride = round_up(k, kStep), whole = k / kStep * kStep;
  // Few products wait for each other's sums: then the halves of a pair have sums of their own.
  constexpr int kSplit = kR * kC <= 4 ? 2 : 1;
  Floats acc[kSplit][kR][kC];
  for (auto& part : acc)
    for (auto& row : part)
      for (Floats& v : row) v = hn::Zero(kF);
  const auto step = [&](std::int64_t i, const auto& load) HWY_ATTR {
    HWY_UNROLL(4)
    for (int r = 0; r < kR; ++r) {
      const Pair weights = load(w + r * apart * k + i);
      HWY_UNROLL(3)
      for (int c = 0; c < kC; ++c) {
        const float* const column = x + c * stride + i;
        acc[0][r][c] = hn::MulAdd(weights.a, hn::LoadU(kF, column), acc[0][r][c]);
        acc[kSplit - 1][r][c] = hn::MulAdd(weights.b, hn::LoadU(kF, column + kLanes), acc[kSplit - 1][r][c]);
      }
    }
  };
  for (std::int64_t i = 0; i < whole; i += kStep) step(i, [](const T* p) HWY_ATTR { return load_pair(p); });
  if (whole < k) step(whole, [left = k - whole](const T* p) HWY_ATTR { return load_pair(p, left); });
  for (int r = 0; r < kR; ++r)
    for (int c = 0; c < kC; ++c)
      sums[c * sums_stride + r * apart] =
          sum(kSplit == 2 ? hn::Add(acc[0][r][c], acc[1][r][c]) : acc[0][r][c]);
}

template <int kR, typename T>
HWY_INLINE void dot_all_x(const RowsPlan& plan, const T* w, std::int64_t apart, const float* x, float* sums) {
  constexpr std::int64_t kStride = RowsPlan::kMaxChunk;
  const std::int64_t stride = round_up(plan.k, kStep);
  std::int64_t c = 0;
  for (; c + 3 <= plan.m; c += 3)
    dot_rows<kR, 3>(w, apart, x + c * stride, plan.k, sums + c * kStride, kStride);
  for (; c + 2 <= plan.m; c += 2)
    dot_rows<kR, 2>(w, apart, x + c * stride, plan.k, sums + c * kStride, kStride);
  if (c < plan.m) dot_rows<kR, 1>(w, apart, x + c * stride, plan.k, sums + c * kStride, kStride);
}

/// Weight rows [begin, end), at most RowsPlan::kMaxChunk, for every row of x: four streams, each through a
/// quarter of the rows, because one stream alone does not keep enough cache lines on their way. The hardware
/// fetches ahead; asking for lines in software on top of that slows it down.
template <typename T>
void multiply_rows(const RowsPlan& plan, const T* w, const float* x, const MatMulEpilogue& epilogue,
                   std::int64_t begin, std::int64_t end) {
  HWY_ALIGN float sums[RowsPlan::kMaxM * RowsPlan::kMaxChunk + RowsPlan::kWidest];
  const std::int64_t quarter = (end - begin) / 4;
  for (std::int64_t row = 0; row < quarter; ++row)
    dot_all_x<4>(plan, w + (begin + row) * plan.k, quarter, x, sums + row);
  for (std::int64_t row = 4 * quarter; row < end - begin; ++row)
    dot_all_x<1>(plan, w + (begin + row) * plan.k, 1, x, sums + row);
  for (std::int64_t m = 0; m < plan.m; ++m)
    finish_row(epilogue, m, begin, end - begin, sums + m * RowsPlan::kMaxChunk);
}

void WidenX(const RowsPlan& plan, DType type, const void* x, float* wide) {
  with_element(
      type, [&](auto element) { widen_x(static_cast<const decltype(element)*>(x), plan.m, plan.k, wide); });
}

void MultiplyRows(const RowsPlan& plan, DType type, const void* w, const float* x,
                  const MatMulEpilogue& epilogue, std::int64_t begin, std::int64_t end) {
  with_element(type, [&](auto element) {
    multiply_rows(plan, static_cast<const decltype(element)*>(w), x, epilogue, begin, end);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(WidenX);
HWY_EXPORT(MultiplyRows);

class RowsKernel final : public Kernel {
 public:
  explicit RowsKernel(const MatMul& op)
      : p_(op.p),
        plan_(p_.m, p_.n, p_.k, bytes_of(p_.type), omp_get_max_threads()),
        x_(p_.m * round_up(p_.k, RowsPlan::kWidest)),
        shares_(omp_get_max_threads()) {}

  std::int64_t workspace_bytes() const override { return x_.bytes(); }

  void launch(Stream&, Buffers in, Buffers out) override {
    const MatMulEpilogue epilogue(p_, in, out);
    HWY_DYNAMIC_DISPATCH(WidenX)(plan_, p_.type, in[0].data, x_.data());
    const auto work = [&](std::int64_t chunk) {
      const std::int64_t begin = chunk * plan_.chunk;
      HWY_DYNAMIC_DISPATCH(MultiplyRows)
      (plan_, p_.type, in[1].data, x_.data(), epilogue, begin, std::min(begin + plan_.chunk, p_.n));
    };
    shares_.run((p_.n + plan_.chunk - 1) / plan_.chunk, work);
  }

 private:
  const MatMul::Params p_;
  const RowsPlan plan_;
  Scratch x_;
  Shares shares_;
};

}  // namespace cpu

std::unique_ptr<Kernel> make_matmul_rows(const Op& op, Lane&) {
  const auto& matmul = op_cast<MatMul>(op);
  cpu::require_widened(matmul.p, "rows");
  if (matmul.p.m > cpu::RowsPlan::kMaxM)
    throw Unsupported("rows is for at most " + std::to_string(cpu::RowsPlan::kMaxM) + " rows of x, not " +
                      std::to_string(matmul.p.m));
  return std::make_unique<cpu::RowsKernel>(matmul);
}

}  // namespace assay
#endif  // HWY_ONCE
