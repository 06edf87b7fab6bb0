// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// y[r, :] = table[ids[r], :] * scale (+ position_table[positions[r], :])
/// Also gathers rows of any matrix (the last token of each sequence). `scale` is Gemma's sqrt(hidden).
struct Embedding final : Op {
  struct Params {
    std::int64_t rows, vocab, width;
    DType type = DType::bf16;
    float scale = 1;
    std::int64_t positions = 0;  // rows of the position table; 0: none
    /// Different rows among those that `ids` name, for the cost; 0: not known, taken as all different.
    std::int64_t distinct_rows = 0;
  };
  explicit Embedding(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "embedding"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  // ids i32 [rows], table [vocab, width] (, positions i32 [rows], position_table [positions, width])
  std::vector<TensorSpec> inputs() const override;
  std::vector<TensorSpec> outputs() const override;  // y [rows, width]
  Cost cost() const override;                        // distinct rows read, not the table
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> embedding_examples();

}  // namespace assay
