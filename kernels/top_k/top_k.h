// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// The best classes of each row and how likely they are:
///   probabilities[r, i] = the i-th largest of softmax(logits[r, :]), classes[r, i] = a class that has it,
/// no class twice. Logits are compared as they are stored; which of equal ones comes first is left open (ours
/// take the lowest class).
struct TopK final : Op {
  struct Params {
    std::int64_t rows, classes, k;  // k: at most `classes`
    DType type = DType::bf16;       // of the logits
  };
  explicit TopK(const Params& params);
  const Params p;

  std::string_view kind() const override { return "top_k"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // logits [rows, classes]
  std::vector<TensorSpec> outputs() const override;  // probabilities f32 [rows, k], classes i32 [rows, k]
  Cost cost() const override;
  std::int64_t units() const override { return p.rows; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;  // of the probabilities
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t unit) const override;  // to the classes
  bool judged_by_objection() const override { return true; }
};

std::vector<std::shared_ptr<const Op>> top_k_examples();

}  // namespace assay
