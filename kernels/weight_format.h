// SPDX-License-Identifier: Apache-2.0
// How checkpoints store a matrix of weights in fewer bits than it is published in: packed elements, scales of
// groups of them, and what else it takes to get the weights back. Known formats of other projects, by the
// tensors that their files hold; workloads/hf_quantisation.h says which config means which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/op.h"

namespace assay {

struct WeightFormat {
  enum class Elements : std::uint8_t {
    integers,  // of `bits`, least significant first; a weight is (q - zero) * scale
    e4m3,      // DType::f8e4m3
    e2m1,      // 4 bits: sign, 2 of exponent, 1 of mantissa (OCP Microscaling Formats 1.0, section 5.3.3)
    nf4        // 4 bits: one of 16 quantiles of N(0, 1) (Dettmers et al., arXiv 2305.14314, appendix E)
  };
  enum class Scale : std::uint8_t { f32, f16, bf16, e4m3, e8m0, nested };
  enum class Zero : std::uint8_t {
    none,    // the middle of the range, or 0 where elements are signed
    packed,  // integers of `bits`, one a group
    shift    // of the scale's type, one a group: a weight is q * scale + shift (MLX)
  };

  std::string name;  // "int4 in groups of 128", as reports say it
  Elements elements = Elements::integers;
  std::int64_t bits = 8;
  bool is_signed = false;       // integers alone
  std::int64_t group_rows = 1;  // rows that share a scale; 0: all of the matrix
  std::int64_t group_cols = 0;  // columns that do; 0: a whole row
  Scale scale = Scale::f32;
  Zero zero = Zero::none;
  bool group_index = false;      // i32 a column: the group that it belongs to (GPTQ)
  bool global_scale = false;     // f32 of the whole matrix besides (NVFP4)
  std::int64_t other_bytes = 0;  // a matrix: code tables, shapes, scales of activations
  /// Matrices that lie below one another in this one and are a checkpoint's own (queries, keys, values;
  /// experts): each has its groups, its index and its scale. Empty: it is one.
  struct Parts {
    std::int64_t rows, count;  // so many of so many rows each
  };
  std::vector<Parts> parts = {};
  /// Of the products, where activations are brought to 8 bits too; empty: weights are brought to the
  /// activations' type.
  std::optional<DType> multiplied = {};

  /// The tensors of a matrix [rows, cols]: elements, scales, then the others that it has.
  std::vector<TensorSpec> tensors(std::int64_t rows, std::int64_t cols) const;
  /// Weight (row, col) of a matrix of `cols` columns, by views of tensors(), from the first.
  double weight(std::span<const TensorView> of, std::int64_t cols, std::int64_t row, std::int64_t col) const;
  /// Of all of them together.
  std::int64_t bytes(std::int64_t rows, std::int64_t cols) const;

 private:
  /// Where a row stands: in which part, and in which row of groups over all parts.
  struct Place {
    std::int64_t part, group_row;
  };
  Place place_of(std::int64_t row) const;
  std::int64_t part_count() const;
  std::int64_t groups_of(std::int64_t rows) const;  // of one part
  std::int64_t groups_down(std::int64_t rows) const;
  std::int64_t groups_across(std::int64_t cols) const;
  std::int64_t packed_bytes(std::int64_t cols) const { return (cols * bits + 7) / 8; }
};

/// One of them in each of the forms that checkpoints have, for examples and tests.
std::vector<WeightFormat> weight_formats();
WeightFormat weight_format(std::string_view name);  // one of these

}  // namespace assay
