// SPDX-License-Identifier: Apache-2.0
// What element i of a filled tensor is, before it is rounded to the tensor's dtype: the one definition, for
// host C++ and for CUDA. Whatever fills faster is held to it bit for bit by tests.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/zipf.h"
#include "plan/fill.h"

namespace assay {

/// A Fill and the key of its tensor as plain data, with what elements need worked out. FillFunction makes it.
struct FillRule {
  Fill::Kind kind = Fill::Kind::normal;
  std::uint64_t key = 0;
  float mean = 0, scale = 0;              // normal
  std::int64_t limit = 0;                 // index, cycle
  std::int64_t start = 0, step = 0;       // cycle, constant
  Permutation permutation = {0, 0, 1};    // permutation
  const float* values = nullptr;          // values
  const ZipfTable* popularity = nullptr;  // zipf; where the memory of the caller is
  Scatter row_of_rank = {};               // zipf
};

/// The kinds whose elements are integers.
ASSAY_HOST_DEVICE constexpr bool is_integer(Fill::Kind kind) {
  return kind != Fill::Kind::normal && kind != Fill::Kind::values;
}

/// Of an integer kind, exactly.
ASSAY_HOST_DEVICE inline std::int64_t fill_integer(const FillRule& f, std::int64_t i) {
  const auto index = static_cast<std::uint64_t>(i);
  switch (f.kind) {
    case Fill::Kind::index: return index_element(f.key, index, f.limit);
    case Fill::Kind::permutation: return permutation_element(f.permutation, index);
    case Fill::Kind::cycle: return f.start + i % f.limit * f.step;
    case Fill::Kind::zipf: {
      const PhiloxBlock block = philox(f.key, index / 2);
      const std::uint32_t* pair = block.word + 2 * (index % 2);
      return scattered(f.row_of_rank, zipf_rank(*f.popularity, pair[0], pair[1]));
    }
    default: return f.start;
  }
}

ASSAY_HOST_DEVICE inline double fill_element(const FillRule& f, std::int64_t i) {
  if (f.kind == Fill::Kind::normal)
    return static_cast<double>(normal_element(f.key, static_cast<std::uint64_t>(i), f.mean, f.scale));
  if (f.kind == Fill::Kind::values) return static_cast<double>(f.values[i]);
  return static_cast<double>(fill_integer(f, i));
}

}  // namespace assay
