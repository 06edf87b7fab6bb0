// SPDX-License-Identifier: Apache-2.0
// Windows in two passes: a row of x is reduced along its width, once for all windows that it is in, and those
// results are reduced down the height out of a ring of the last kernel_h rows. An element of y costs
// kernel_h + kernel_w loads, not their product.
#include "kernels/elements_cpu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool/pool_cpu_windows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <vector>

#include "kernels/pool/band_cpu.h"
#include "kernels/pool/pool.h"
#include "kernels/simd_cpu-inl.h"
#include "plan/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace assay::cpu::HWY_NAMESPACE {

template <Pooling kind>
HWY_INLINE Pair joined(const Pair& a, const Pair& b) {
  if constexpr (kind == Pooling::max) return {hn::Max(a.a, b.a), hn::Max(a.b, b.b)};
  return {hn::Add(a.a, b.a), hn::Add(a.b, b.b)};
}

/// The pixels that exist of the window of y's pixel `at`.
struct Span {
  Span(std::int64_t at, std::int64_t stride, std::int64_t pad, std::int64_t kernel, std::int64_t pixels)
      : first(std::max<std::int64_t>(at * stride - pad, 0)),
        end(std::min(at * stride - pad + kernel, pixels)) {}
  std::int64_t first, end;
};

/// The windows of one row of x along its width, as pairs of T's in f32: row[out_width][kPoolChannels].
template <Pooling kind, typename T>
void pool_row(const Pool& op, const T* x, std::int64_t channels, float* row) {
  const Pool::Params& p = op.p;
  for (std::int64_t q = 0; q < op.out_width(); ++q) {
    const Span columns(q, p.stride_w, p.left, p.kernel_w, p.width);
    for (std::int64_t c = 0; c < channels; c += kStep) {
      const std::int64_t n = channels - c;
      Pair v = load_pair(x + columns.first * p.channels + c, n);
      for (std::int64_t w = columns.first + 1; w < columns.end; ++w)
        v = joined<kind>(v, load_pair(x + w * p.channels + c, n));
      store_pair(row + q * kPoolChannels + c, v);
    }
  }
}

/// `ring`: [kernel_h][out_width][kPoolChannels], row h of x at h % kernel_h.
template <Pooling kind, typename T>
void pool_band(const Pool& op, Buffers in, Buffers out, const PoolBand& band, float* ring) {
  const Pool::Params& p = op.p;
  const std::int64_t width = op.out_width(), row_floats = width * kPoolChannels;
  const T* x = in[0].as<const T>().data() + band.image * p.height * p.width * p.channels + band.channel;
  T* y = out[0].as<T>().data() + band.image * op.out_height() * width * p.channels + band.channel;
  std::int64_t done = 0;  // rows of x
  for (std::int64_t r = band.first; r < band.end; ++r) {
    const Span rows(r, p.stride_h, p.top, p.kernel_h, p.height);
    for (std::int64_t h = std::max(done, rows.first); h < rows.end; ++h)
      pool_row<kind>(op, x + h * p.width * p.channels, band.channels, ring + h % p.kernel_h * row_floats);
    done = rows.end;
    for (std::int64_t q = 0; q < width; ++q) {
      const Span columns(q, p.stride_w, p.left, p.kernel_w, p.width);
      const auto count = static_cast<float>((rows.end - rows.first) * (columns.end - columns.first));
      const Floats share = set(1 / count);
      for (std::int64_t c = 0; c < band.channels; c += kStep) {
        const float* at = ring + q * kPoolChannels + c;
        Pair v = load_pair(at + rows.first % p.kernel_h * row_floats);
        for (std::int64_t h = rows.first + 1; h < rows.end; ++h)
          v = joined<kind>(v, load_pair(at + h % p.kernel_h * row_floats));
        if constexpr (kind != Pooling::max) v = {hn::Mul(v.a, share), hn::Mul(v.b, share)};
        store_pair(y + (r * width + q) * p.channels + c, v, band.channels - c);
      }
    }
  }
}

void PoolWindows(const Pool& op, Buffers in, Buffers out, const PoolBand& band, float* ring) {
  with_element(op.p.type, [&](auto element) {
    using T = decltype(element);
    if (op.p.kind == Pooling::max) return pool_band<Pooling::max, T>(op, in, out, band, ring);
    pool_band<Pooling::average, T>(op, in, out, band, ring);
  });
}

}  // namespace assay::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay {
namespace cpu {
HWY_EXPORT(PoolWindows);

class PoolWindowsKernel final : public Kernel {
 public:
  explicit PoolWindowsKernel(const Pool& op) : op_(op), bytes_(op.cost().all_paths().both()) {
    const std::int64_t threads = omp_get_max_threads();
    blocks_ = (op.p.channels + kPoolChannels - 1) / kPoolChannels;
    // A band begins with rows that the one before has reduced too: no more bands than the threads need.
    const std::int64_t parts = op.p.batch * blocks_;
    bands_ = std::min((2 * threads + parts - 1) / parts, op.out_height());
    for (std::int64_t t = 0; t < threads; ++t)
      rings_.emplace_back(op.p.kernel_h * op.out_width() * kPoolChannels);
  }
  std::int64_t workspace_bytes() const override {
    return static_cast<std::int64_t>(rings_.size()) * rings_.front().bytes();
  }
  void launch(Stream&, Buffers in, Buffers out) override {
    const std::int64_t height = op_.out_height(), channels = op_.p.channels;
    parallel_ranges(op_.p.batch * blocks_ * bands_, bytes_,
                    [&](std::int64_t begin, std::int64_t end, int thread) {
                      for (std::int64_t i = begin; i < end; ++i) {
                        const std::int64_t b = i % bands_, c = i / bands_ % blocks_ * kPoolChannels;
                        HWY_DYNAMIC_DISPATCH(PoolWindows)
                        (op_, in, out,
                         {.image = i / bands_ / blocks_,
                          .first = height * b / bands_,
                          .end = height * (b + 1) / bands_,
                          .channel = c,
                          .channels = std::min(kPoolChannels, channels - c)},
                         rings_[static_cast<std::size_t>(thread)].data());
                      }
                    });
  }

 private:
  const Pool op_;
  const double bytes_;
  std::int64_t blocks_, bands_;  // of an image: of its channels, of its rows
  std::vector<Scratch> rings_;   // a thread's
};
}  // namespace cpu

std::unique_ptr<Kernel> make_pool_cpu_windows(const Op& op, Lane&) {
  cpu::require_element(op.dtype(), "pool");
  const auto& pool = op_cast<Pool>(op);
  if (pool.global()) throw Unsupported("pool/windows has no global average");
  return std::make_unique<cpu::PoolWindowsKernel>(pool);
}

}  // namespace assay
#endif  // HWY_ONCE
