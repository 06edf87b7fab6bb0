// SPDX-License-Identifier: Apache-2.0
// A warp takes a row: its vectors go widened into shared memory, and each lane keeps a block of 4 x 4
// products in registers. The vectors of a block lie a quarter of all apart (g, g + groups, g + 2 groups ...),
// so that lanes beside one another read vectors beside one another, from different banks.
#include <algorithm>

#include "device/cuda/dispatch.cuh"
#include "device/cuda/dynamic_shared.cuh"
#include "device/cuda/launch.cuh"
#include "device/cuda/reduce.cuh"
#include "kernels/interaction/interaction.h"

namespace assay {
namespace {

constexpr int kBlock = 4;  // vectors on either side of a lane's block of products
constexpr int kPack = 4;   // elements of a vector that are taken together

/// How a row lies in shared memory, in floats.
struct RowShape {
  int vectors;  // tables + 1
  int width;
  int groups;  // vectors / kBlock, rounded up
  int stride;  // of a vector: an odd number of packs, so that neighbours start in other banks
  int products;

  RowShape(const Interaction& op)
      : vectors(static_cast<int>(op.p.tables) + 1),
        width(static_cast<int>(op.p.width)),
        groups((vectors + kBlock - 1) / kBlock),
        stride(((width + kPack - 1) / kPack | 1) * kPack),
        products(static_cast<int>(op.products())) {}
  /// The vectors, as many as whole groups hold, and the products behind them.
  __host__ __device__ int floats() const {
    return groups * kBlock * stride + (products + kPack - 1) / kPack * kPack;
  }
};

template <typename T>
__global__ void __launch_bounds__(256) interact_rows(const T* __restrict__ dense,   // [rows, width]
                                                     const T* __restrict__ pooled,  // [rows, tables, width]
                                                     T* __restrict__ y,  // [rows, width + products]
                                                     std::int64_t rows, RowShape s) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp, warp = static_cast<int>(threadIdx.x) / kWarp;
  const std::int64_t row = std::int64_t{blockIdx.x} * (blockDim.x / kWarp) + warp;
  if (row >= rows) return;                                 // whole warps leave together
  float* z = dynamic_shared<float>() + warp * s.floats();  // [groups * kBlock, stride]
  float* products = z + s.groups * kBlock * s.stride;      // [products]

  y += row * (s.width + s.products);
  pooled += row * (s.vectors - 1) * s.width;
  for (int c = lane; c < s.width; c += kWarp) {
    const T value = dense[row * s.width + c];
    y[c] = value;
    z[c] = to_float(value);
  }
  for (int v = 1; v < s.groups * kBlock; ++v)
    for (int c = lane; c < s.width; c += kWarp)
      z[v * s.stride + c] = v < s.vectors ? to_float(pooled[(v - 1) * s.width + c]) : 0;
  for (int v = 0; v < s.groups * kBlock; ++v)
    if (const int c = s.width + lane; c < s.stride) z[v * s.stride + c] = 0;  // fewer than kWarp are left
  __syncwarp();

  // Blocks (g, h) of groups with h <= g, row by row.
  const int blocks = s.groups * (s.groups + 1) / 2;
  int g = 0, h = lane;
  for (int block = lane; block < blocks; block += kWarp, h += kWarp) {
    while (h > g) h -= ++g;
    float sums[kBlock][kBlock] = {};
    for (int c = 0; c < s.stride; c += kPack) {
      Vec<float, kPack> right[kBlock];
#pragma unroll
      for (int b = 0; b < kBlock; ++b)
        right[b] = Vec<float, kPack>::load(z + (h + b * s.groups) * s.stride + c);
#pragma unroll
      for (int a = 0; a < kBlock; ++a) {
        const auto left = Vec<float, kPack>::load(z + (g + a * s.groups) * s.stride + c);
#pragma unroll
        for (int b = 0; b < kBlock; ++b)
#pragma unroll
          for (int i = 0; i < kPack; ++i) sums[a][b] = fmaf(left.at[i], right[b].at[i], sums[a][b]);
      }
    }
    // Of two different groups every product is one of the triangle, whichever vector comes first; of a group
    // with itself those below the diagonal are.
#pragma unroll
    for (int a = 0; a < kBlock; ++a)
#pragma unroll
      for (int b = 0; b < kBlock; ++b) {
        const int one = g + a * s.groups, other = h + b * s.groups;
        const int i = max(one, other), j = min(one, other);
        if (i < s.vectors && (g != h || a > b)) products[i * (i - 1) / 2 + j] = sums[a][b];
      }
  }
  __syncwarp();
  for (int k = lane; k < s.products; k += kWarp) y[s.width + k] = from_float<T>(products[k]);
}

template <typename T>
class InteractionCuda final : public Kernel {
 public:
  explicit InteractionCuda(const Interaction& op) : p_(op.p), shape_(op), warps_(warps(shape_)) {}

  void launch(Stream& stream, Buffers in, Buffers out) override {
    assay::launch(interact_rows<T>, blocks_for(p_.rows, warps_), warps_ * kWarp,
                  static_cast<std::size_t>(warps_ * shape_.floats()) * sizeof(float), stream,
                  static_cast<const T*>(in[0].data), static_cast<const T*>(in[1].data),
                  static_cast<T*>(out[0].data), p_.rows, shape_);
  }

 private:
  /// As many rows a block as 48 KiB hold, so that several blocks fit a multiprocessor.
  static int warps(const RowShape& shape) {
    constexpr int kSharedFloats = 48 * 1024 / 4, kMostWarps = 8;
    return std::clamp(kSharedFloats / shape.floats(), 1, kMostWarps);
  }

  const Interaction::Params p_;
  const RowShape shape_;
  const int warps_;
};

}  // namespace

std::unique_ptr<Kernel> make_interaction_cuda(const Op& op, Lane&) {
  const auto& interaction = op_cast<Interaction>(op);
  // Also keeps all counts of a row in 32 bits.
  constexpr std::int64_t kMostFloats = 96 * 1024 / 4;
  const std::int64_t vectors = interaction.p.tables + 1;
  if (vectors > kMostFloats || interaction.p.width > kMostFloats ||
      (vectors + kBlock) * (interaction.p.width + 2 * kPack) + interaction.products() + kPack > kMostFloats)
    throw Unsupported("interaction/blocks holds a row in 96 KiB of shared memory: " + interaction.shape() +
                      " does not fit");
  return kernel_for(interaction.p.type, "interaction/blocks", [&]<typename T>() -> std::unique_ptr<Kernel> {
    return std::make_unique<InteractionCuda<T>>(interaction);
  });
}

}  // namespace assay
