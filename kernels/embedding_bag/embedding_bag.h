// SPDX-License-Identifier: Apache-2.0
// The sparse half of a recommender: for each sample and each table the sum of the rows that its ids name.
//
// All tables of one row width are one op and one launch. Their rows stand in one tensor, table after table;
// ids count from the first row of their table. Bag k = t * batch + b is what sample b looks up in table t,
// and its lookups are ids[offsets[k]] ... ids[offsets[k + 1] - 1].
#pragma once

#include "plan/op.h"

namespace assay {

/// y[b, t, :] = sum over the lookups j of bag (t, b) of w[j] * table_t[ids[j], :], or that divided by how
/// many they are; an empty bag gives zeros. Sums are in f32.
///
/// Rows of 8 bits (row_type u8) carry their own scale and bias: `dim` values of a byte, then both as f32, so
/// that a row is dim + 8 bytes and element c is value[c] * scale + bias (FBGEMM's fused 8-bit row-wise
/// format, fbgemm/QuantUtils.h).
struct EmbeddingBag final : Op {
  enum class Pooling : std::uint8_t { sum, mean };
  struct Params {
    std::vector<std::int64_t> table_rows;  // a table: how many rows it has, at most 2^31
    std::int64_t dim;                      // of a row
    std::int64_t batch;
    std::int64_t lookups;            // of all bags together: the length of ids
    DType row_type = DType::bf16;    // f32, f16, bf16; u8: row-wise 8 bits
    DType out = DType::f32;          // f32, f16, bf16
    Pooling pooling = Pooling::sum;  // mean: not of weighted ones
    bool weighted = false;           // w is an input
    bool one_hot = false;            // every bag is one row: ids[k] is bag k's, and there are no offsets
    /// Where the rows live. host: the device reads them over its link where they are. All else is the
    /// device's.
    Place tables = Place::device;
    /// Different rows, over all tables, among those that ids name, for the cost; 0: not known, taken as all
    /// different.
    std::int64_t distinct_rows = 0;
    /// RandomReads::cacheable, of whoever knows the law of ids.
    std::map<std::int64_t, double> cacheable = {};
    /// Lookups of the longest bag, for the tolerance; 0: not known, taken as ten times the mean.
    std::int64_t longest = 0;

    std::int64_t tables_count() const { return static_cast<std::int64_t>(table_rows.size()); }
    std::int64_t bags() const { return tables_count() * batch; }
    std::int64_t all_rows() const;
    std::int64_t row_bytes() const;
    std::vector<std::int64_t> first_rows()
        const;  // a table: where its rows begin; and where the last one's end
  };
  /// std::logic_error for parameters that make no sense together.
  explicit EmbeddingBag(const Params& params);
  const Params p;

  std::string_view kind() const override { return "embedding_bag"; }
  std::string shape() const override;
  DType dtype() const override { return p.row_type == DType::u8 ? DType::f32 : p.row_type; }
  // rows [all_rows, dim] (u8: [all_rows, dim + 8]), ids i32 [lookups] (, offsets i32 [bags + 1] unless
  // one-hot)
  // (, w f32 [lookups])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [batch, tables, dim]
  /// Rows: the distinct ones, over the path to where they live. FLOPs an element and lookup: an add, but for
  /// the first of a bag (lookups - bags of them: too few by one a bag that is empty); a multiplication by the
  /// weight; of 8 bits 2 that decode, with the weight in scale and bias. A mean: 1 an element of y.
  Cost cost() const override;
  std::optional<RandomReads> random_reads() const override;
  std::optional<Place> input_place(std::size_t input) const override;
  /// Offsets that begin elsewhere than at 0, fall, or end elsewhere than at `lookups`; ids that no row has.
  /// Kernels leave out such rows and what lies outside ids, so that they read nothing that is not theirs.
  std::string check_inputs(std::span<const TensorView> in) const override;
  std::int64_t units() const override { return p.bags(); }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;

  // Which input is which; rows are the first, ids the second.
  static constexpr std::size_t kRows = 0, kIds = 1, kOffsets = 2;
  std::size_t weights_input() const { return p.one_hot ? 2 : 3; }
};

std::vector<std::shared_ptr<const Op>> embedding_bag_examples();

}  // namespace assay
