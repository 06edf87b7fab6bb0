// SPDX-License-Identifier: Apache-2.0
// Some rows of an output at a time, by whichever thread is free. Of the picture's rows that an output's row
// is made of, a weighted sum over the columns that are needed: bytes widened in registers, whole vectors side
// by side. Of that one row, in L1 or L2, the pixels. What columns are made of is worked out once for each
// picture and thread.
#include <algorithm>
#include <vector>

#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/resize_normalise/resize_normalise_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/resize_normalise/resize_scratch_cpu.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

/// kLanes bytes as floats.
HWY_INLINE Floats load_bytes(const std::uint8_t* p) {
#if HWY_TARGET == HWY_SCALAR
  return set(static_cast<float>(*p));
#else
  const hn::Rebind<std::uint8_t, FloatTag> bytes;
  return hn::ConvertTo(kF, hn::PromoteTo(kI, hn::LoadU(bytes, p)));
#endif
}

/// `Vectors` of them from byte `i` on, of `taps` rows.
template <int Vectors>
HWY_INLINE void sum_rows(const std::uint8_t* rows, std::int64_t stride, const float* weights,
                         std::int32_t taps, std::int64_t i, float* sums) {
  Floats sum[Vectors];
  for (int v = 0; v < Vectors; ++v) sum[v] = set(0);
  for (std::int32_t k = 0; k < taps; ++k) {
    const Floats w = set(weights[k]);
    const std::uint8_t* row = rows + k * stride + i;
    for (int v = 0; v < Vectors; ++v) sum[v] = hn::MulAdd(w, load_bytes(row + v * kLanes), sum[v]);
  }
  for (int v = 0; v < Vectors; ++v) hn::StoreU(sum[v], kF, sums + i + v * kLanes);
}

/// sums[i] = over k of weights[k] * rows[k * stride + i], i below `count`; nothing behind them is read.
void vertical(const std::uint8_t* rows, std::int64_t stride, const float* weights, std::int32_t taps,
              std::int64_t count, float* sums) {
  constexpr int kVectors = 4;
  std::int64_t i = 0;
  for (; i + kVectors * kLanes <= count; i += kVectors * kLanes)
    sum_rows<kVectors>(rows, stride, weights, taps, i, sums);
  for (; i + kLanes <= count; i += kLanes) sum_rows<1>(rows, stride, weights, taps, i, sums);
  if (i == count) return;
  if (count >= kLanes) return sum_rows<1>(rows, stride, weights, taps, count - kLanes, sums);
  for (; i < count; ++i) {
    float sum = 0;
    for (std::int32_t k = 0; k < taps; ++k) sum += weights[k] * static_cast<float>(rows[k * stride + i]);
    sums[i] = sum;
  }
}

/// Pixels of three floats, of pixels of three floats. Four are loaded and stored: the fourth is the next
/// pixel's, or nobody's at the end.
void horizontal(const float* sums, const ResizeColumns& columns, std::int32_t count, float* line) {
  const float* w = columns.weights.data();
  for (std::int32_t x = 0; x < count; ++x) {
    const float* from = sums + 3 * columns.begin[static_cast<std::size_t>(x)];
    const std::int32_t taps = columns.count[static_cast<std::size_t>(x)];
#if HWY_TARGET == HWY_SCALAR
    for (int c = 0; c < 3; ++c) {
      float sum = 0;
      for (std::int32_t k = 0; k < taps; ++k) sum += w[k] * from[3 * k + c];
      line[3 * x + c] = sum;
    }
#else
    const hn::FixedTag<float, 4> four;
    auto even = hn::Zero(four), odd = hn::Zero(four);
    std::int32_t k = 0;
    for (; k + 2 <= taps; k += 2) {
      even = hn::MulAdd(hn::Set(four, w[k]), hn::LoadU(four, from + 3 * k), even);
      odd = hn::MulAdd(hn::Set(four, w[k + 1]), hn::LoadU(four, from + 3 * k + 3), odd);
    }
    if (k < taps) even = hn::MulAdd(hn::Set(four, w[k]), hn::LoadU(four, from + 3 * k), even);
    hn::StoreU(hn::Add(even, odd), four, line + 3 * x);
#endif
    w += taps;
  }
}

/// Consecutive floats in the order of a pair of T's.
template <typename T>
HWY_INLINE Pair in_order_of(const Pair& natural) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (std::is_same_v<T, Bf16>)
    return {hn::ConcatEven(kF, natural.b, natural.a), hn::ConcatOdd(kF, natural.b, natural.a)};
#endif
  return natural;
}

/// to[i] = line[i] * factors[i] + terms[i]
template <typename T>
void normalise(const float* line, const float* factors, const float* terms, std::int64_t count, T* to) {
  for (std::int64_t i = 0; i < count; i += kStep) {
    const Pair v = load_pair(line + i), f = load_pair(factors + i), t = load_pair(terms + i);
    store_pair(to + i, in_order_of<T>({hn::MulAdd(v.a, f.a, t.a), hn::MulAdd(v.b, f.b, t.b)}), count - i);
  }
}

/// A row of pixels to where its layout has them.
template <typename T>
void lay_out(const ResizeRule& r, std::int64_t n, std::int64_t y, const T* row, T* out) {
  if (r.layout == PixelLayout::focus) {
    for (std::int64_t x = 0; x < r.out_w; ++x)
      std::memcpy(out + element_of(r, n, y, x, 0), row + 3 * x, 3 * sizeof(T));
    return;
  }
  for (std::int64_t square = 0; square < r.out_w; square += r.patch)
    for (std::int64_t c = 0; c < 3; ++c) {
      T* to = out + element_of(r, n, y, square, c);
      for (std::int64_t x = 0; x < r.patch; ++x) to[x] = row[3 * (square + x) + c];
    }
}

template <typename T>
void rows_of(const ResizeRule& r, ResizeScratch& s, const std::uint8_t* picture, std::int64_t n,
             std::int64_t begin, std::int64_t end, T* out) {
  const ResizeView& v = s.view;
  for (std::int64_t y = begin; y < end; ++y) {
    float* line = s.line.data();
    const std::int64_t shown = y < v.shown_h ? v.shown_w : 0;
    if (shown > 0) {
      const Taps rows = s.weigh_rows(static_cast<std::int32_t>(v.top + y));
      const std::int64_t first = s.columns.first;
      vertical(picture + 3 * (std::int64_t{rows.begin} * v.width + first), 3 * std::int64_t{v.width},
               s.row_weights.data(), rows.count, 3 * s.columns.needed, s.sums.data());
      horizontal(s.sums.data(), s.columns, static_cast<std::int32_t>(shown), line);
    }
    for (std::int64_t i = 3 * shown; i < 3 * r.out_w; ++i) line[i] = r.padding;
    if (r.order == ChannelOrder::bgr)
      for (std::int64_t x = 0; x < shown; ++x) std::swap(line[3 * x], line[3 * x + 2]);
    T* row =
        r.layout == PixelLayout::nhwc ? out + element_of(r, n, y, 0, 0) : reinterpret_cast<T*>(s.row.data());
    normalise(line, s.factors.data(), s.terms.data(), 3 * r.out_w, row);
    if (r.layout != PixelLayout::nhwc) lay_out(r, n, y, row, out);
  }
}

void ResizeRows(const ResizeRule& r, DType type, ResizeScratch& s, const std::uint8_t* picture,
                std::int64_t n, std::int64_t begin, std::int64_t end, void* out) {
  with_element(type, [&](auto element) {
    rows_of(r, s, picture, n, begin, end, static_cast<decltype(element)*>(out));
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(ResizeRows);

class ResizeNormaliseKernel final : public Kernel {
 public:
  explicit ResizeNormaliseKernel(const ResizeNormalise& op) : rule_(op.rule()), type_(op.p.type) {
    for (int t = 0; t < omp_get_max_threads(); ++t)
      scratch_.push_back(std::make_unique<ResizeScratch>(rule_));
  }

  void launch(Stream&, Buffers in, Buffers out) override {
    constexpr std::int64_t kRows = 16;  // at a time
    const std::uint8_t* pixels = in[ResizeNormalise::kPixels].as<const std::uint8_t>().data();
    const std::int32_t* sizes = in[ResizeNormalise::kSizes].as<const std::int32_t>().data();
    const std::int64_t parts = (rule_.out_h + kRows - 1) / kRows, all = rule_.images * parts;
#pragma omp parallel for schedule(dynamic) if (all > 1)
    for (std::int64_t part = 0; part < all; ++part) {
      ResizeScratch& scratch = *scratch_[static_cast<std::size_t>(omp_get_thread_num())];
      const std::int64_t n = part / parts, begin = part % parts * kRows;
      scratch.prepare(rule_, sizes[3 * n], sizes[3 * n + 1]);
      HWY_DYNAMIC_DISPATCH(ResizeRows)
      (rule_, type_, scratch, pixels + n * rule_.capacity, n, begin,
       std::min<std::int64_t>(begin + kRows, rule_.out_h), out[0].data);
    }
  }
  std::int64_t workspace_bytes() const override {
    std::int64_t bytes = 0;
    for (const auto& scratch : scratch_) bytes += scratch->bytes();
    return bytes;
  }

 private:
  const ResizeRule rule_;
  const DType type_;
  std::vector<std::unique_ptr<ResizeScratch>> scratch_;  // a thread
};
}  // namespace cpu

std::unique_ptr<Kernel> make_resize_normalise_cpu(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "resize_normalise");
  return std::make_unique<cpu::ResizeNormaliseKernel>(op_cast<ResizeNormalise>(op));
}

}  // namespace assay
#endif  // HWY_ONCE
