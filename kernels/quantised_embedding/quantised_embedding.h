// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/weight_format.h"

namespace assay {

/// y[r, :] = table[ids[r], :] * scale, where the table [vocab, width] is stored in a format of few bits.
struct QuantisedEmbedding final : Op {
  struct Params {
    std::int64_t rows, vocab, width;
    DType type = DType::bf16;  // of y
    WeightFormat format;
    float scale = 1;
    std::int64_t distinct_rows = 0;  // as of embedding
  };
  explicit QuantisedEmbedding(Params params) : p(std::move(params)) {}
  const Params p;

  std::string_view kind() const override { return "quantised_embedding"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // ids i32 [rows], those of the format
  std::vector<TensorSpec> outputs() const override;  // y [rows, width]
  Cost cost() const override;                        // distinct rows read, not the table
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;
};

std::vector<std::shared_ptr<const Op>> quantised_embedding_examples();

}  // namespace assay
