// SPDX-License-Identifier: Apache-2.0
// Windows in two passes: a block reduces the rows that its tile of y needs along their width, into shared
// memory, and those results down their height. An element of y costs kernel_h + kernel_w loads, not their
// product.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/dynamic_shared.cuh"
#include "device/cuda/launch.cuh"
#include "kernels/pool/pool.h"

namespace assay {
namespace {

constexpr int kThreads = 256;
constexpr int kTile = 8;  // pixels of y, in each direction

/// Places within an image are 32 bits: index arithmetic of 64 would take the registers of the sums.
struct WindowArgs {
  int height, width, kernel_h, kernel_w, stride_h, stride_w, top, left, out_height, out_width;
  int vectors, group;    // of a pixel; of a block
  int tiles_h, tiles_w;  // of an image
};

/// The pixels that exist of the window of y's pixel `at`.
struct Span {
  __device__ Span(int at, int stride, int pad, int kernel, int pixels)
      : first(max(at * stride - pad, 0)), end(min(at * stride - pad + kernel, pixels)) {}
  int first, end;
};

/// A maximum is kept as it was stored; a sum is a float.
template <typename T, bool kMax>
using Kept = std::conditional_t<kMax, T, float>;

template <bool kMax, typename From, int N>
__device__ inline void join(float (&joint)[N], const Vec<From, N>& next) {
#pragma unroll
  for (int k = 0; k < N; ++k)
    joint[k] = kMax ? fmaxf(joint[k], to_float(next.at[k])) : joint[k] + to_float(next.at[k]);
}

template <typename T, int N, bool kMax>
__global__ void __launch_bounds__(kThreads)
    pool_windows(const T* __restrict__ x,  // [batch, height, width, channels]
                 T* __restrict__ y,        // [batch, out_height, out_width, channels]
                 WindowArgs a) {
  using Row = Vec<Kept<T, kMax>, N>;
  Row* rows = dynamic_shared<Row>();  // [rows of x that the tile needs][kTile][group]
  const unsigned tile = blockIdx.x / a.tiles_w;
  const int q0 = static_cast<int>(blockIdx.x % a.tiles_w) * kTile;
  const int r0 = static_cast<int>(tile % a.tiles_h) * kTile, r1 = min(r0 + kTile, a.out_height);
  const int v0 = static_cast<int>(blockIdx.y) * a.group;
  const std::int64_t image = tile / a.tiles_h, channels = std::int64_t{a.vectors} * N;
  const int first_row = Span(r0, a.stride_h, a.top, a.kernel_h, a.height).first;
  const int row_count = Span(r1 - 1, a.stride_h, a.top, a.kernel_h, a.height).end - first_row;
  const float start = kMax ? -INFINITY : 0.0f;

  for (int i = static_cast<int>(threadIdx.x); i < row_count * kTile * a.group; i += kThreads) {
    const int v = v0 + i % a.group, q = q0 + i / a.group % kTile, h = first_row + i / a.group / kTile;
    if (v >= a.vectors || q >= a.out_width) continue;
    const Span columns(q, a.stride_w, a.left, a.kernel_w, a.width);
    const T* at = x + ((image * a.height + h) * a.width + columns.first) * channels + v * N;
    float joint[N];
#pragma unroll
    for (float& each : joint) each = start;
    for (int w = columns.first; w < columns.end; ++w, at += channels) join<kMax>(joint, Vec<T, N>::load(at));
#pragma unroll
    for (int k = 0; k < N; ++k) rows[i].at[k] = from_float<Kept<T, kMax>>(joint[k]);
  }
  __syncthreads();

  for (int i = static_cast<int>(threadIdx.x); i < (r1 - r0) * kTile * a.group; i += kThreads) {
    const int place = i % (kTile * a.group), r = r0 + i / (kTile * a.group);
    const int v = v0 + place % a.group, q = q0 + place / a.group;
    if (v >= a.vectors || q >= a.out_width) continue;
    const Span span(r, a.stride_h, a.top, a.kernel_h, a.height);
    float joint[N];
#pragma unroll
    for (float& each : joint) each = start;
    for (int h = span.first; h < span.end; ++h)
      join<kMax>(joint, rows[(h - first_row) * kTile * a.group + place]);
    if constexpr (!kMax) {
      const Span columns(q, a.stride_w, a.left, a.kernel_w, a.width);
      const float share = 1 / static_cast<float>((span.end - span.first) * (columns.end - columns.first));
#pragma unroll
      for (float& each : joint) each *= share;
    }
    Vec<T, N> result;
#pragma unroll
    for (int k = 0; k < N; ++k) result.at[k] = from_float<T>(joint[k]);
    result.store(y + ((image * a.out_height + r) * a.out_width + q) * channels + v * N);
  }
}

template <typename T, bool kMax>
class PoolWindowsCuda final : public Kernel {
 public:
  explicit PoolWindowsCuda(const Pool& op)
      : wide_(rows_align_16<T>(op.p.channels)),
        blocks_(op.p.batch * tiles_of(op.out_height()) * tiles_of(op.out_width())) {
    const Pool::Params& p = op.p;
    const std::int64_t vector = wide_ ? kVec16<T> : 1, vectors = p.channels / vector;
    const std::int64_t rows = std::min((kTile - 1) * p.stride_h + p.kernel_h, p.height);  // of x, for a tile
    bytes_of_vector_ = rows * kTile * vector * static_cast<std::int64_t>(sizeof(Kept<T, kMax>));
    const std::int64_t group = std::min({kShared / bytes_of_vector_, vectors, kMostChannels / vector});
    if (group < 1) throw Unsupported("pool/windows keeps up to 48 KiB of rows, too few for " + op.shape());
    if ((vectors + group - 1) / group > 65535 || std::max(p.height, p.width) > kMostPixels)
      throw Unsupported("pool/windows takes no image of " + op.shape());
    const auto small = [](std::int64_t value) { return static_cast<int>(value); };
    args_ = {.height = small(p.height),
             .width = small(p.width),
             .kernel_h = small(p.kernel_h),
             .kernel_w = small(p.kernel_w),
             .stride_h = small(p.stride_h),
             .stride_w = small(p.stride_w),
             .top = small(p.top),
             .left = small(p.left),
             .out_height = small(op.out_height()),
             .out_width = small(op.out_width()),
             .vectors = small(vectors),
             .group = small(group),
             .tiles_h = small(tiles_of(op.out_height())),
             .tiles_w = small(tiles_of(op.out_width()))};
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    wide_ ? run<kVec16<T>>(stream, in, out) : run<1>(stream, in, out);
  }

 private:
  static constexpr std::int64_t kShared = 48 * 1024;
  static constexpr std::int64_t kMostChannels = 64;     // of a block
  static constexpr std::int64_t kMostPixels = 1 << 20;  // in a direction, padding apart

  static std::int64_t tiles_of(std::int64_t pixels) { return (pixels + kTile - 1) / kTile; }

  template <int N>
  void run(const Stream& stream, Buffers in, Buffers out) const {
    const dim3 grid(blocks_for(blocks_, 1), blocks_for(args_.vectors, args_.group));
    assay::launch(pool_windows<T, N, kMax>, grid, kThreads,
                  static_cast<std::size_t>(args_.group * bytes_of_vector_), stream,
                  static_cast<const T*>(in[0].data), static_cast<T*>(out[0].data), args_);
  }

  const bool wide_;
  const std::int64_t blocks_;  // tiles of all images
  WindowArgs args_;
  std::int64_t bytes_of_vector_;  // of shared memory
};

}  // namespace

std::unique_ptr<Kernel> make_pool_cuda_windows(const Op& op, Lane&) {
  const auto& pool = op_cast<Pool>(op);
  if (pool.global()) throw Unsupported("pool/windows has no global average");
  return kernel_for(pool.p.type, "pool/windows", [&]<typename T>() -> std::unique_ptr<Kernel> {
    if (pool.p.kind == Pooling::max) return std::make_unique<PoolWindowsCuda<T, true>>(pool);
    return std::make_unique<PoolWindowsCuda<T, false>>(pool);
  });
}

}  // namespace assay
