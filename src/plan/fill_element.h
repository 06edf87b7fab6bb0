// SPDX-License-Identifier: Apache-2.0
// What element i of a filled tensor is, before it is rounded to the tensor's dtype: the one definition, for
// host C++ and for CUDA. Whatever fills faster is held to it bit for bit by tests.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/zipf.h"
#include "plan/fill.h"

namespace assay {

/// A part of a fill in segments.
struct FillSegment {
  std::int64_t first = 0;                 // element
  const ZipfTable* popularity = nullptr;  // where the memory of the caller is
  Scatter row_of_rank = {};
};

/// A Fill and the key of its tensor as plain data, with what elements need worked out. FillFunction makes it.
struct FillRule {
  Fill::Kind kind = Fill::Kind::normal;
  std::uint64_t key = 0;
  float mean = 0, scale = 0;              // normal
  std::int64_t limit = 0;                 // index, cycle, rows_u8
  std::int64_t start = 0, step = 0;       // cycle, constant
  Permutation permutation = {0, 0, 1};    // permutation
  const float* values = nullptr;          // values
  const ZipfTable* popularity = nullptr;  // zipf; where the memory of the caller is
  Scatter row_of_rank = {};               // zipf
  const std::int32_t* listed = nullptr;   // integers
  const std::uint8_t* bytes = nullptr;    // bytes
  const FillSegment* segments = nullptr;  // segments; where the memory of the caller is
  std::int64_t segment_count = 0;         // segments
};

/// The kinds whose elements are integers.
ASSAY_HOST_DEVICE constexpr bool is_integer(Fill::Kind kind) {
  return kind != Fill::Kind::normal && kind != Fill::Kind::values;
}

/// The kinds whose elements only the host has.
constexpr bool is_listed(Fill::Kind kind) {
  return kind == Fill::Kind::values || kind == Fill::Kind::integers || kind == Fill::Kind::bytes;
}

ASSAY_HOST_DEVICE inline std::int64_t zipf_element(std::uint64_t key, std::uint64_t index,
                                                   const ZipfTable& popularity, const Scatter& row_of_rank) {
  const PhiloxBlock block = philox(key, index / 2);
  const bool odd = index % 2 != 0;  // an index that is not constant would put the words in memory on a GPU
  return scattered(row_of_rank, zipf_rank(popularity, odd ? block.word[2] : block.word[0],
                                          odd ? block.word[3] : block.word[1]));
}

/// The last segment that does not begin behind element i.
ASSAY_HOST_DEVICE inline std::int64_t segment_of(const FillRule& f, std::int64_t i) {
  std::int64_t at = 0, behind = f.segment_count;
  while (behind - at > 1) {
    const std::int64_t middle = at + (behind - at) / 2;
    if (f.segments[middle].first <= i)
      at = middle;
    else
      behind = middle;
  }
  return at;
}

/// A scale of 1/128 to 1/64 and a bias of -2 to -1, put together from bits: no arithmetic that could round.
ASSAY_HOST_DEVICE inline std::int64_t row_u8_element(std::uint64_t key, std::uint64_t index,
                                                     std::int64_t values) {
  const auto width = static_cast<std::uint64_t>(values), row = index / (width + kRowU8Tail),
             column = index % (width + kRowU8Tail);
  if (column < width) return (philox(key, index / 16).word[index % 16 / 4] >> (index % 4 * 8)) & 0xff;
  const PhiloxBlock random = philox(~key, row);
  const std::uint64_t at = column - width;
  const std::uint32_t bits = at < 4 ? 0x3c000000u | random.word[0] >> 9 : 0xbf800000u | random.word[1] >> 9;
  return (bits >> (at % 4 * 8)) & 0xff;
}

/// Of an integer kind, exactly.
ASSAY_HOST_DEVICE inline std::int64_t fill_integer(const FillRule& f, std::int64_t i) {
  const auto index = static_cast<std::uint64_t>(i);
  switch (f.kind) {
    case Fill::Kind::index: return index_element(f.key, index, f.limit);
    case Fill::Kind::permutation: return permutation_element(f.permutation, index);
    case Fill::Kind::cycle: return f.start + i % f.limit * f.step;
    case Fill::Kind::zipf: return zipf_element(f.key, index, *f.popularity, f.row_of_rank);
    case Fill::Kind::integers: return f.listed[i];
    case Fill::Kind::bytes: return f.bytes[i];
    case Fill::Kind::segments: {
      const FillSegment& segment = f.segments[segment_of(f, i)];
      return zipf_element(f.key, index, *segment.popularity, segment.row_of_rank);
    }
    case Fill::Kind::rows_u8: return row_u8_element(f.key, index, f.limit);
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
