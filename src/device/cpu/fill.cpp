// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "plan/fill_function.h"

namespace assay {
namespace {

constexpr std::int64_t kChunk = 4096;  // elements: their floats stay in L1

/// Every element by its definition.
void fill_each(void* to, const TensorSpec& spec, const FillFunction& fill) {
  const std::int64_t count = spec.elements();
#pragma omp parallel for schedule(static) if (count > kChunk)
  for (std::int64_t i = 0; i < count; ++i) store_element(spec.dtype, to, i, fill(i));
}

/// `chunk(first, size, to)` for all of the tensor.
template <typename Chunk>
void fill_chunks(void* to, const TensorSpec& spec, const Chunk& chunk) {
  const std::int64_t count = spec.elements(), bytes = bytes_of(spec.dtype);
#pragma omp parallel for schedule(static) if (count > kChunk)
  for (std::int64_t first = 0; first < count; first += kChunk)
    chunk(first, static_cast<std::size_t>(std::min(kChunk, count - first)),
          static_cast<char*>(to) + first * bytes);
}

void fill_normal(void* to, const TensorSpec& spec, const FillFunction& fill) {
  const float mean = fill.rule().mean, scale = fill.rule().scale;
  if (!is_floating(spec.dtype) || !std::isfinite(mean) || !std::isfinite(scale * 131070))
    return fill_each(to, spec, fill);
  fill_chunks(to, spec, [&](std::int64_t first, std::size_t size, char* chunk) {
    if (spec.dtype == DType::f32)
      return normal_floats({reinterpret_cast<float*>(chunk), size}, fill.rule().key, first, mean, scale);
    alignas(64) std::array<float, kChunk> floats;
    normal_floats({floats.data(), size}, fill.rule().key, first, mean, scale);
    round_floats({floats.data(), size}, spec.dtype, chunk);
  });
}

void fill_i32(void* to, const TensorSpec& spec, const FillFunction& fill) {
  fill_chunks(to, spec, [&](std::int64_t first, std::size_t size, char* chunk) {
    fill.integers(first, {reinterpret_cast<std::int32_t*>(chunk), size});
  });
}

/// 16 values of a block at once, and then the scales and biases between them.
void fill_rows_u8(void* to, const TensorSpec& spec, const FillFunction& fill) {
  const std::int64_t values = fill.rule().limit, width = values + kRowU8Tail;
  fill_chunks(to, spec, [&](std::int64_t first, std::size_t size, char* chunk) {
    static_assert(kChunk % sizeof(PhiloxBlock) == 0);
    for (std::size_t at = 0; at < size; at += sizeof(PhiloxBlock)) {
      const PhiloxBlock random =
          philox(fill.rule().key, (static_cast<std::uint64_t>(first) + at) / sizeof random);
      std::memcpy(chunk + at, &random, std::min(sizeof random, size - at));
    }
    const std::int64_t end = first + static_cast<std::int64_t>(size);
    for (std::int64_t row = first / width; row * width < end; ++row)
      for (std::int64_t i = std::max(first, row * width + values); i < std::min(end, (row + 1) * width); ++i)
        chunk[i - first] = static_cast<char>(fill_integer(fill.rule(), i));
  });
}

}  // namespace

void fill_on_cpu(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  if (to.bytes < spec.bytes()) throw std::logic_error("fill: buffer smaller than tensor " + spec.name);
  if (spec.elements() == 0) return;
  const FillFunction fill(spec.fill, spec.elements(), key);
  if (spec.fill.kind == Fill::Kind::normal)
    fill_normal(to.data, spec, fill);
  else if (is_integer(spec.fill.kind) && spec.dtype == DType::i32)
    fill_i32(to.data, spec, fill);
  else if (spec.fill.kind == Fill::Kind::bytes && spec.dtype == DType::u8)
    std::memcpy(to.data, spec.fill.file->data(), static_cast<std::size_t>(spec.bytes()));
  else if (spec.fill.kind == Fill::Kind::rows_u8 && spec.dtype == DType::u8)
    fill_rows_u8(to.data, spec, fill);
  else
    fill_each(to.data, spec, fill);
}

}  // namespace assay
