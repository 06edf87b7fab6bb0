// SPDX-License-Identifier: Apache-2.0
// What of a stage's arithmetic is set beside a peak.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "plan/plan.h"

namespace assay {

/// Of what runs on the units whose peak it is set against: elementwise work would flatter.
inline double product_flops(const Stage& stage) {
  static constexpr std::array<std::string_view, 4> kProducts = {"matmul", "conv2d", "attention_prefill",
                                                                "interaction"};
  double flops = 0;
  for (const Step& step : stage.steps)
    if (std::ranges::find(kProducts, step.op->kind()) != kProducts.end()) flops += step.op->cost().flops;
  return flops;
}

}  // namespace assay
