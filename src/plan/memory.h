// SPDX-License-Identifier: Apache-2.0
// Where every tensor of a plan lives: inputs, weights and state side by side, activations in one arena in
// which tensors whose lifetimes do not overlap share bytes. The total is what a device then takes.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace assay {

struct MemoryPlan {
  static constexpr std::int64_t kAlignment = 256;  // bytes; what cudaMalloc and vector loads want

  std::vector<std::int64_t> offsets;  // a tensor: bytes from the start of its block (persistent, or arena)
  std::int64_t persistent_bytes = 0;  // inputs, weights, state
  std::int64_t arena_bytes = 0;       // activations: the most alive at once, over all stages
  std::int64_t peak_bytes() const { return persistent_bytes + arena_bytes; }
};

/// Greedy by size with first fit on overlapping lifetimes.
MemoryPlan plan_memory(const Plan& plan);

}  // namespace assay
