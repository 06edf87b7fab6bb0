// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Chooses the next token of each sequence and moves the sequence on.
/// Temperature 0: the largest logit, the lowest id among equals. Otherwise:
///  - tokens stand in order of their stored logits, the lowest id first among equals;
///  - the first top_k are kept (0: all), with p = softmax(logits / temperature) over those kept;
///  - of these the shortest beginning whose sum of p reaches top_p is kept (never none);
///  - the token is the first at which the running sum of p exceeds u * (sum of those kept), where
///    u = uniform_element(random_key(seed, "sample"), b * capacity + positions[b] + 1) at the old position.
/// Then positions[b] += 1 and history[b, positions[b]] = token. A position at the end of the history
/// (capacity - 1) stays there and the token is written there, so that a step may be replayed for timing.
struct Sample final : Op {
  struct Params {
    std::int64_t sequences, vocab, capacity;  // capacity: columns of the history
    DType type = DType::bf16;
    float temperature = 0;
    std::int64_t top_k = 0;
    float top_p = 1;
    std::uint64_t seed = 1;
    std::int64_t first_position = 0;  // for examples
  };
  explicit Sample(const Params& params) : p(params) {}
  const Params p;

  std::string_view kind() const override { return "sample"; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const
      override;  // logits [sequences, vocab], positions i32 [sequences], history i32 [sequences, capacity]
  std::vector<TensorSpec> outputs()
      const override;  // token i32 [sequences], positions aliases 1, history aliases 2
  Cost cost() const override;
  std::int64_t units() const override { return p.sequences; }
  void reference(std::span<const TensorView> in, std::int64_t unit, Expected& out) const override;
  Tolerance tolerance() const override;

  /// The tokens that may be chosen from one sequence's logits: one, unless `u` falls where rounding decides.
  std::vector<std::int64_t> right_tokens(std::span<const double> logits, float u) const;
};

std::vector<std::shared_ptr<const Op>> sample_examples();

}  // namespace assay
