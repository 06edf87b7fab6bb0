// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/op.h"

namespace assay {

/// Which experts each token goes to, and how much each of them counts. With s = softmax(logits[t, :]), or
/// sigmoid of each:
///   experts[t, :] = the `used` ones with the largest s + bias (no bias: s), the largest first
///   weights[t, i] = s[experts[t, i]] * scale, divided by the sum over i first where `normalised`
/// With groups, only experts of the `groups_used` best groups are chosen from. A group counts by its largest
/// s (DeepSeek-V2, arXiv 2405.04434, section 2.2.2), or with a bias by its two largest s + bias
/// (DeepSeek-V3, arXiv 2412.19437, section 2.1.2). A softmax over the chosen logits alone is `normalised`.
struct Route final : Op {
  struct Params {
    std::int64_t tokens, experts, used;
    DType type = DType::bf16;  // of the logits
    bool sigmoid = false;
    bool bias = false;
    bool normalised = false;
    float scale = 1;
    std::int64_t groups = 1, groups_used = 1;
  };
  explicit Route(const Params& params);
  const Params p;

  std::string_view kind() const override { return "route"; }
  std::string_view unserved() const override { return kWholeOp; }
  std::string shape() const override;
  DType dtype() const override { return p.type; }
  std::vector<TensorSpec> inputs() const override;   // logits [tokens, experts] (, bias f32 [experts])
  std::vector<TensorSpec> outputs() const override;  // experts i32, weights f32, both [tokens, used]
  Cost cost() const override;
  std::int64_t units() const override { return p.tokens; }
  /// Which of nearly equal experts is chosen, rounding decides: objection() judges all.
  void reference(std::span<const TensorView>, std::int64_t, Expected&) const override {}
  struct Choice {
    std::vector<std::int64_t> experts;
    std::vector<double> weights;
  };
  Choice choice(std::span<const TensorView> in, std::int64_t token) const;  // without rounding
  Tolerance tolerance() const override;                                     // of scores and weights
  std::string objection(std::span<const TensorView> in, std::span<const TensorView> out,
                        std::int64_t unit) const override;
  bool judged_by_objection() const override { return true; }
};

/// Experts that `tokens` tokens touch on average, each going to `used` of them evenly.
double experts_touched(std::int64_t tokens, std::int64_t experts, std::int64_t used);

std::vector<std::shared_ptr<const Op>> route_examples();

}  // namespace assay
