// SPDX-License-Identifier: Apache-2.0
#include "kernels/weight_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace assay {
namespace {

using Elements = WeightFormat::Elements;
using Scale = WeightFormat::Scale;
using Zero = WeightFormat::Zero;

constexpr std::array kE2m1 = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0};
constexpr std::array kNf4 = {-1.0,
                             -0.6961928009986877,
                             -0.5250730514526367,
                             -0.39491748809814453,
                             -0.28444138169288635,
                             -0.18477343022823334,
                             -0.09105003625154495,
                             0.0,
                             0.07958029955625534,
                             0.16093020141124725,
                             0.24611230194568634,
                             0.33791524171829224,
                             0.44070982933044434,
                             0.5626170039176941,
                             0.7229568362236023,
                             1.0};
constexpr std::int64_t kNested = 256;  // scales that share a scale of their own

DType dtype_of(Scale scale) {
  switch (scale) {
    case Scale::f32: return DType::f32;
    case Scale::f16: return DType::f16;
    case Scale::bf16: return DType::bf16;
    case Scale::e4m3: return DType::f8e4m3;
    case Scale::e8m0:
    case Scale::nested: return DType::u8;
  }
  throw std::logic_error("unknown scale");
}

/// Element `col` of a row of packed integers.
std::int64_t unpacked(const TensorView& packed, std::int64_t row_bytes, std::int64_t bits, std::int64_t row,
                      std::int64_t col) {
  std::int64_t value = 0;
  for (std::int64_t b = 0; b < bits; ++b) {
    const std::int64_t bit = col * bits + b;
    const std::int64_t byte = packed.integer(row * row_bytes + bit / 8) & 0xff;
    value |= (byte >> (bit % 8) & 1) << b;
  }
  return value;
}

/// Of elements that are filled evenly over all that their bits can say.
double root_mean_square(const WeightFormat& f) {
  if (f.elements == Elements::e4m3) return 1;
  if (f.elements == Elements::e2m1) return 2.93;
  if (f.elements == Elements::nf4) return 0.55;
  return std::ldexp(1 / std::sqrt(12.0), static_cast<int>(f.bits));
}

}  // namespace

std::int64_t WeightFormat::part_count() const {
  std::int64_t count = 0;
  for (const Parts& of : parts) count += of.count;
  return parts.empty() ? 1 : count;
}

std::int64_t WeightFormat::groups_of(std::int64_t rows) const {
  return group_rows == 0 ? 1 : (rows + group_rows - 1) / group_rows;
}

std::int64_t WeightFormat::groups_down(std::int64_t rows) const {
  if (parts.empty()) return groups_of(rows);
  std::int64_t sum = 0;
  for (const Parts& of : parts) sum += of.count * groups_of(of.rows);
  return sum;
}

WeightFormat::Place WeightFormat::place_of(std::int64_t row) const {
  Place place{.part = 0, .group_row = 0};
  for (const Parts& of : parts) {
    const std::int64_t passed = std::min(row / of.rows, of.count);  // parts that end above the row
    place.part += passed;
    place.group_row += passed * groups_of(of.rows);
    row -= passed * of.rows;
    if (passed < of.count) break;
  }
  place.group_row += group_rows == 0 ? 0 : row / group_rows;
  return place;
}

std::int64_t WeightFormat::groups_across(std::int64_t cols) const {
  return group_cols == 0 ? 1 : (cols + group_cols - 1) / group_cols;
}

std::vector<TensorSpec> WeightFormat::tensors(std::int64_t rows, std::int64_t cols) const {
  std::int64_t rows_of_parts = parts.empty() ? rows : 0;
  for (const Parts& of : parts) rows_of_parts += of.rows * of.count;
  if (rows_of_parts != rows) throw std::logic_error("weight format: parts are not all rows of the matrix");
  // Sums over a row come out at about 1.
  const double size = 1 / (root_mean_square(*this) * std::sqrt(static_cast<double>(cols)));
  const Shape groups = {groups_down(rows), groups_across(cols)};
  const Fill random_bits = Fill::index(256);
  std::vector<TensorSpec> all;
  if (elements == Elements::e4m3)
    all.push_back({"w", {rows, cols}, DType::f8e4m3, Fill::normal()});
  else
    all.push_back({"w", {rows, packed_bytes(cols)}, DType::u8, random_bits});

  if (scale == Scale::nested) {
    const std::int64_t count = elements_of(groups);
    all.push_back({"w_scales", groups, DType::u8, random_bits});
    all.push_back({"w_scale_table", {256}, DType::f32, Fill::normal(0.1 * size, size)});
    all.push_back({"w_scale_scales", {(count + kNested - 1) / kNested}, DType::f32, Fill::normal(0.1, 1)});
  } else if (scale == Scale::e8m0) {
    const auto middle = static_cast<std::int64_t>(127 + std::lround(std::log2(size)));
    all.push_back({"w_scales", groups, DType::u8, Fill::cycle(3, middle - 1)});
  } else {
    const double each = global_scale ? 1 : size;
    all.push_back({"w_scales", groups, dtype_of(scale), Fill::normal(0.1 * each, each)});
  }
  if (zero == Zero::packed)
    all.push_back({"w_zeros", {groups[0], packed_bytes(groups[1])}, DType::u8, random_bits});
  if (zero == Zero::shift) all.push_back({"w_shifts", groups, dtype_of(scale), Fill::normal(0.1 * size)});
  if (group_index) all.push_back({"w_group", {part_count(), cols}, DType::i32, Fill::index(groups[1])});
  if (global_scale) all.push_back({"w_scale", {part_count()}, DType::f32, Fill::normal(0.1 * size, size)});
  if (other_bytes > 0) all.push_back({"w_other", {part_count() * other_bytes}, DType::u8, random_bits});
  return all;
}

double WeightFormat::weight(std::span<const TensorView> of, std::int64_t cols, std::int64_t row,
                            std::int64_t col) const {
  const std::int64_t across = groups_across(cols);
  std::size_t next = 1;
  const TensorView& scales = of[next++];
  const TensorView* table = scale == Scale::nested ? &of[next++] : nullptr;
  const TensorView* nested = scale == Scale::nested ? &of[next++] : nullptr;
  const TensorView* zeros = zero != Zero::none ? &of[next++] : nullptr;
  const TensorView* index = group_index ? &of[next++] : nullptr;
  const TensorView* global = global_scale ? &of[next++] : nullptr;

  const auto [part, group_row] = place_of(row);
  const std::int64_t group_col = index             ? index->integer(part * cols + col)
                                 : group_cols == 0 ? 0
                                                   : col / group_cols;
  const std::int64_t group = group_row * across + group_col;
  double size = 0;
  if (scale == Scale::nested)
    size = (*table)[scales.integer(group) & 0xff] * (*nested)[group / kNested];
  else if (scale == Scale::e8m0)
    size = std::ldexp(1.0, static_cast<int>(scales.integer(group) & 0xff) - 127);
  else
    size = scales[group];
  if (global) size *= (*global)[part];

  if (elements == Elements::e4m3) return of[0][row * cols + col] * size;
  const std::int64_t code = unpacked(of[0], packed_bytes(cols), bits, row, col);
  if (elements == Elements::e2m1)
    return (code & 8 ? -1 : 1) * kE2m1[static_cast<std::size_t>(code & 7)] * size;
  if (elements == Elements::nf4) return kNf4[static_cast<std::size_t>(code)] * size;
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  if (zero == Zero::shift) return static_cast<double>(code) * size + (*zeros)[group];
  if (zero == Zero::packed)
    return static_cast<double>(code - unpacked(*zeros, packed_bytes(across), bits, group_row, group_col)) *
           size;
  return static_cast<double>(is_signed && code >= half ? code - 2 * half
                             : is_signed               ? code
                                                       : code - half) *
         size;
}

std::int64_t WeightFormat::bytes(std::int64_t rows, std::int64_t cols) const {
  std::int64_t sum = 0;
  for (const TensorSpec& spec : tensors(rows, cols)) sum += spec.bytes();
  return sum;
}

WeightFormat weight_format(std::string_view name) {
  for (WeightFormat& format : weight_formats())
    if (format.name == name) return std::move(format);
  throw std::logic_error("no such weight format");
}

std::vector<WeightFormat> weight_formats() {
  return {
      {.name = "int8", .is_signed = true},
      {.name = "e4m3", .elements = Elements::e4m3, .multiplied = DType::f8e4m3},
      {.name = "e4m3 in blocks",
       .elements = Elements::e4m3,
       .group_rows = 128,
       .group_cols = 128,
       .multiplied = DType::f8e4m3},
      {.name = "e4m3 of one scale", .elements = Elements::e4m3, .group_rows = 0, .multiplied = DType::f8e4m3},
      {.name = "int4 in groups", .bits = 4, .group_cols = 32, .scale = Scale::bf16, .other_bytes = 16},
      {.name = "int4 with zeros and an index",
       .bits = 4,
       .group_cols = 32,
       .scale = Scale::f16,
       .zero = Zero::packed,
       .group_index = true},
      {.name = "e4m3 of a scale a part",
       .elements = Elements::e4m3,
       .group_rows = 0,
       .parts = {{100, 1}, {30, 1}},
       .multiplied = DType::f8e4m3},
      {.name = "int3", .bits = 3, .group_cols = 64, .scale = Scale::f16, .zero = Zero::packed},
      {.name = "int4 with shifts", .bits = 4, .group_cols = 64, .scale = Scale::bf16, .zero = Zero::shift},
      {.name = "nf4", .elements = Elements::nf4, .bits = 4, .group_cols = 64},
      {.name = "nf4, nested", .elements = Elements::nf4, .bits = 4, .group_cols = 64, .scale = Scale::nested},
      {.name = "mxfp4", .elements = Elements::e2m1, .bits = 4, .group_cols = 32, .scale = Scale::e8m0},
      {.name = "nvfp4",
       .elements = Elements::e2m1,
       .bits = 4,
       .group_cols = 16,
       .scale = Scale::e4m3,
       .global_scale = true},
  };
}

}  // namespace assay
