// SPDX-License-Identifier: Apache-2.0
#include "device/cpu/fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "base/random.h"

namespace assay {
namespace {

constexpr std::int64_t kChunk = 4096;  // elements: their floats stay in L1

/// f(i) for every element, through the conversion that defines rounding.
template <typename Element>
void fill_each(void* to, const TensorSpec& spec, const Element& element) {
  const std::int64_t count = spec.elements();
#pragma omp parallel for schedule(static) if (count > kChunk)
  for (std::int64_t i = 0; i < count; ++i)
    store_element(spec.dtype, to, i, static_cast<double>(element(static_cast<std::uint64_t>(i))));
}

void fill_normal(void* to, const TensorSpec& spec, std::uint64_t key) {
  const auto mean = static_cast<float>(spec.fill.mean);
  const float scale = normal_scale(spec.fill.deviation);
  if (spec.dtype == DType::i32 || !std::isfinite(mean) || !std::isfinite(scale * 131070)) {
    fill_each(to, spec, [&](std::uint64_t i) { return normal_element(key, i, mean, scale); });
    return;
  }
  const std::int64_t count = spec.elements(), bytes = bytes_of(spec.dtype);
#pragma omp parallel for schedule(static) if (count > kChunk)
  for (std::int64_t first = 0; first < count; first += kChunk) {
    const auto size = static_cast<std::size_t>(std::min(kChunk, count - first));
    char* const chunk = static_cast<char*>(to) + first * bytes;
    if (spec.dtype == DType::f32) {
      normal_floats({reinterpret_cast<float*>(chunk), size}, key, first, mean, scale);
      continue;
    }
    alignas(64) std::array<float, kChunk> floats;
    normal_floats({floats.data(), size}, key, first, mean, scale);
    round_floats({floats.data(), size}, spec.dtype, chunk);
  }
}

}  // namespace

void fill_on_cpu(Buffer to, const TensorSpec& spec, std::uint64_t key) {
  if (to.bytes < spec.bytes()) throw std::logic_error("fill: buffer smaller than tensor " + spec.name);
  const std::int64_t count = spec.elements();
  if (count == 0) return;
  const Fill& fill = spec.fill;
  switch (fill.kind) {
    case Fill::Kind::normal: return fill_normal(to.data, spec, key);
    case Fill::Kind::index:
      return fill_each(to.data, spec, [&](std::uint64_t i) { return index_element(key, i, fill.limit); });
    case Fill::Kind::permutation: {
      const Permutation permutation = permutation_of(key, static_cast<std::uint64_t>(count));
      return fill_each(to.data, spec, [&](std::uint64_t i) { return permutation_element(permutation, i); });
    }
    case Fill::Kind::cycle:
      if (fill.limit <= 0) throw std::logic_error("fill: cycle without a limit for tensor " + spec.name);
      return fill_each(to.data, spec, [&](std::uint64_t i) {
        return fill.start + static_cast<std::int64_t>(i % static_cast<std::uint64_t>(fill.limit)) * fill.step;
      });
    case Fill::Kind::constant: return fill_each(to.data, spec, [&](std::uint64_t) { return fill.start; });
    case Fill::Kind::values:
      if (!fill.data || static_cast<std::int64_t>(fill.data->size()) != count)
        throw std::logic_error("fill: as many values as elements are needed for tensor " + spec.name);
      return fill_each(to.data, spec, [&](std::uint64_t i) { return (*fill.data)[i]; });
  }
  throw std::logic_error("fill: unknown kind");
}

}  // namespace assay
