// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "device/cuda/cuda_lane.h"
#include "device/cuda/launch.cuh"
#include "kernels/matmul/cuda/operands_cuda.h"
#include "kernels/matmul/cuda/skinny_cuda.cuh"

namespace assay {
namespace {

constexpr std::int64_t kMostRows = 16;  // of x: beyond, sums no longer fit registers and tensor cores win

template <typename T>
using SkinnyFunction = void (*)(const T*, const T*, SkinnyShape, MatMulEpilogue);

// What is compiled: `rows` of w a warp for up to m of x. Every weight is used m times, from x in the
// first-level cache, and a second row halves those reads; one row alone pays only where m is 1 and n too
// small to go round. Sums take rows * m registers, which leaves 16 of x one row. Where k is not aligned, one
// kernel serves all m.
template <typename T, int V>
SkinnyFunction<T> function_for(std::int64_t m, int rows) {
  if constexpr (V > 1) {
    if (m == 1 && rows == 1) return skinny_rows<T, V, 1, 1>;
    if (m <= 8 && rows != 2) return nullptr;
    if (m == 1) return skinny_rows<T, V, 1, 2>;
    if (m == 2) return skinny_rows<T, V, 2, 2>;
    if (m <= 4) return skinny_rows<T, V, 4, 2>;
    if (m <= 8) return skinny_rows<T, V, 8, 2>;
  }
  return rows == 1 ? skinny_rows<T, V, 16, 1> : nullptr;
}

template <typename T>
class MatMulSkinny final : public Kernel {
 public:
  MatMulSkinny(const MatMul& op, CudaLane& lane) : p_(op.p), at_once_(kBlocksAtOnce * lane.info().units) {
    const bool aligned = rows_align_16<T>(p_.k);
    for (const int rows : {1, 2})
      for (int split = 1; split <= kSkinnyWarps; split *= 2) {
        const SkinnyFunction<T> function =
            aligned ? function_for<T, kVec16<T>>(p_.m, rows) : function_for<T, 1>(p_.m, rows);
        const std::int64_t step = std::int64_t{kWarp} * (aligned ? kVec16<T> : 1);
        // A slice without a single step of k has nothing to do.
        if (function != nullptr && (split == 1 || (split - 1) * step < p_.k))
          ways_.push_back({function, rows, split});
      }
    // The best guess: enough warps for every multiprocessor, then as many rows a warp as possible.
    const std::int64_t enough = std::int64_t{lane.info().units} * 2 * kSkinnyWarps;
    std::stable_sort(ways_.begin(), ways_.end(), [&](const Way& a, const Way& b) {
      return std::min(warps(a), enough) > std::min(warps(b), enough);
    });
  }

  void launch(Stream& stream, Buffers in, Buffers out) override {
    const Way& way = ways_.at(way_);
    const MatMulOperands operands(p_, in, out);
    const MatMulEpilogue epilogue{.y = operands.y,
                                  .bias = operands.bias,
                                  .residual = operands.residual,
                                  .scale_x = static_cast<const float*>(operands.scale_x),
                                  .scale_w = static_cast<const float*>(operands.scale_w),
                                  .out = p_.out,
                                  .activation = p_.activation,
                                  .cap = p_.cap};
    const std::int64_t rows_a_block = std::int64_t{kSkinnyWarps} / way.split * way.rows;
    assay::launch_early(way.function, blocks_for(p_.n, rows_a_block), kSkinnyThreads, 0, stream,
                        static_cast<const T*>(operands.x), static_cast<const T*>(operands.w),
                        SkinnyShape{p_.m, p_.n, p_.k, way.split, at_once_}, epilogue);
  }

  std::vector<std::string> variants() const override {
    std::vector<std::string> names;
    for (const Way& way : ways_)
      names.push_back("rows " + std::to_string(way.rows) + " split " + std::to_string(way.split));
    return names;
  }
  void use(std::size_t variant) override { way_ = variant; }

 private:
  struct Way {
    SkinnyFunction<T> function;
    int rows, split;  // of w a warp; warps that share k
  };
  std::int64_t warps(const Way& way) const { return (p_.n + way.rows - 1) / way.rows * way.split; }

  static constexpr int kBlocksAtOnce = 2;  // a multiprocessor, by their registers
  const MatMul::Params p_;
  const int at_once_;
  std::vector<Way> ways_;
  std::size_t way_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_matmul_skinny(const Op& op, Lane& lane) {
  const auto& matmul = op_cast<MatMul>(op);
  if (matmul.p.m > kMostRows)
    throw Unsupported("skinny takes at most " + std::to_string(kMostRows) +
                      " rows of x, not m=" + std::to_string(matmul.p.m));
  CudaLane& cuda = cuda_lane(lane);
  switch (matmul.p.type) {
    case DType::f32:
    case DType::tf32: return std::make_unique<MatMulSkinny<float>>(matmul, cuda);
    case DType::f16: return std::make_unique<MatMulSkinny<__half>>(matmul, cuda);
    case DType::bf16: return std::make_unique<MatMulSkinny<__nv_bfloat16>>(matmul, cuda);
    case DType::f8e4m3: return std::make_unique<MatMulSkinny<__nv_fp8_e4m3>>(matmul, cuda);
    case DType::i32:
    case DType::u8:
    case DType::i8: break;
  }
  throw Unsupported("skinny has no " + std::string(name(matmul.p.type)));
}

}  // namespace assay
