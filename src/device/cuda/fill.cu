// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/fill.h"

#include <algorithm>
#include <stdexcept>

#include "base/random.h"
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

__device__ void store(void* to, DType dtype, std::int64_t i, float value) {
  switch (dtype) {
    case DType::f32: static_cast<float*>(to)[i] = value; break;
    case DType::tf32: static_cast<float*>(to)[i] = round_to_tf32(value); break;
    case DType::f16: static_cast<__half*>(to)[i] = from_float<__half>(value); break;
    case DType::bf16: static_cast<__nv_bfloat16*>(to)[i] = from_float<__nv_bfloat16>(value); break;
    case DType::f8e4m3: static_cast<__nv_fp8_e4m3*>(to)[i] = from_float<__nv_fp8_e4m3>(value); break;
    case DType::i32: static_cast<std::int32_t*>(to)[i] = static_cast<std::int32_t>(value); break;
  }
}

__device__ std::int64_t first_index() {
  return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}
__device__ std::int64_t stride() {
  return std::int64_t{gridDim.x} * blockDim.x;
}

__global__ void fill_normal(void* to, DType dtype, std::int64_t count, std::uint64_t key, float mean,
                            float scale) {
  for (std::int64_t i = first_index(); i < count; i += stride())
    store(to, dtype, i, normal_element(key, static_cast<std::uint64_t>(i), mean, scale));
}

struct Integers {
  Fill::Kind kind;
  std::uint64_t key;
  std::int64_t limit, start, step;
  Permutation permutation;
};

__device__ std::int64_t integer_element(const Integers& f, std::int64_t i) {
  switch (f.kind) {
    case Fill::Kind::index: return index_element(f.key, static_cast<std::uint64_t>(i), f.limit);
    case Fill::Kind::permutation: return permutation_element(f.permutation, static_cast<std::uint64_t>(i));
    case Fill::Kind::cycle: return f.start + (i % f.limit) * f.step;
    default: return f.start;
  }
}

__global__ void fill_integers(void* to, DType dtype, std::int64_t count, Integers f) {
  for (std::int64_t i = first_index(); i < count; i += stride()) {
    const std::int64_t value = integer_element(f, i);
    if (dtype == DType::i32)
      static_cast<std::int32_t*>(to)[i] = static_cast<std::int32_t>(value);
    else
      store(to, dtype, i, static_cast<float>(value));
  }
}

}  // namespace

void fill_on_device(Buffer to, const TensorSpec& spec, std::uint64_t key, const Stream& stream) {
  const std::int64_t count = spec.elements();
  if (count == 0) return;
  const Fill& fill = spec.fill;
  const unsigned blocks = blocks_for(std::min(count, kMostBlocks * kThreads), kThreads);
  switch (fill.kind) {
    case Fill::Kind::normal:
      launch(fill_normal, blocks, kThreads, 0, stream, to.data, spec.dtype, count, key,
             static_cast<float>(fill.mean), normal_scale(fill.deviation));
      return;
    case Fill::Kind::values: throw std::logic_error("fill_on_device: values come from the host");
    default: break;
  }
  if ((fill.kind == Fill::Kind::index || fill.kind == Fill::Kind::cycle) && fill.limit < 1)
    throw std::logic_error("fill of " + spec.name + " has no limit");
  Integers integers{fill.kind, key, fill.limit, fill.start, fill.step, {}};
  if (fill.kind == Fill::Kind::permutation)
    integers.permutation = permutation_of(key, static_cast<std::uint64_t>(count));
  launch(fill_integers, blocks, kThreads, 0, stream, to.data, spec.dtype, count, integers);
}

}  // namespace assay
