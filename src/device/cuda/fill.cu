// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/fill.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "device/cuda/convert.cuh"
#include "device/cuda/launch.cuh"

namespace assay {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 1 << 16;  // beyond it a thread takes several elements

// Nearest even on the 13 bits that tf32 drops; the hardware's own conversion rounds ties away.
__device__ float round_to_tf32(float value) {
  const unsigned bits = __float_as_uint(value);
  return __uint_as_float((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
}

__device__ void store(void* to, DType dtype, std::int64_t i, double value) {
  const auto f = static_cast<float>(value);
  switch (dtype) {
    case DType::f32: static_cast<float*>(to)[i] = f; break;
    case DType::tf32: static_cast<float*>(to)[i] = round_to_tf32(f); break;
    case DType::f16: static_cast<__half*>(to)[i] = from_float<__half>(f); break;
    case DType::bf16: static_cast<__nv_bfloat16*>(to)[i] = from_float<__nv_bfloat16>(f); break;
    case DType::f8e4m3: static_cast<__nv_fp8_e4m3*>(to)[i] = from_float<__nv_fp8_e4m3>(f); break;
    case DType::i32: static_cast<std::int32_t*>(to)[i] = integer_from(value, INT32_MIN, INT32_MAX); break;
    case DType::u8:
      static_cast<std::uint8_t*>(to)[i] = static_cast<std::uint8_t>(integer_from(value, 0, 255));
      break;
    case DType::i8:
      static_cast<std::int8_t*>(to)[i] = static_cast<std::int8_t>(integer_from(value, -128, 127));
      break;
  }
}

/// Elements by their definition; the kind is known when it is compiled, so that no element asks for it.
template <Fill::Kind kind>
__global__ void fill_elements(void* to, DType dtype, std::int64_t count, FillRule rule) {
  rule.kind = kind;
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
    store(to, dtype, i, fill_element(rule, i));
}

using FillKernel = void (*)(void*, DType, std::int64_t, FillRule);

FillKernel kernel_of(Fill::Kind kind) {
  switch (kind) {
    case Fill::Kind::normal: return fill_elements<Fill::Kind::normal>;
    case Fill::Kind::index: return fill_elements<Fill::Kind::index>;
    case Fill::Kind::permutation: return fill_elements<Fill::Kind::permutation>;
    case Fill::Kind::cycle: return fill_elements<Fill::Kind::cycle>;
    case Fill::Kind::constant: return fill_elements<Fill::Kind::constant>;
    case Fill::Kind::zipf: return fill_elements<Fill::Kind::zipf>;
    case Fill::Kind::segments: return fill_elements<Fill::Kind::segments>;
    case Fill::Kind::rows_u8: return fill_elements<Fill::Kind::rows_u8>;
    case Fill::Kind::values:
    case Fill::Kind::integers:
    case Fill::Kind::bytes: break;
  }
  throw std::logic_error("fill_on_device: what is listed comes from the host");
}

}  // namespace

void fill_on_device(void* to, DType dtype, std::int64_t count, const FillRule& rule, const Stream& stream) {
  if (count == 0) return;
  const unsigned blocks = blocks_for(std::min(count, kMostBlocks * kThreads), kThreads);
  launch(kernel_of(rule.kind), blocks, kThreads, 0, stream, to, dtype, count, rule);
}

}  // namespace assay
