// SPDX-License-Identifier: Apache-2.0
// Where every tensor of a plan lives: at each place weights in a block that all lanes share, inputs and state
// side by side in one of each lane, activations in an arena of each lane in which tensors whose lifetimes do
// not overlap share bytes. The total is what a device then takes.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace assay {

struct MemoryPlan {
  static constexpr std::int64_t kAlignment = 256;  // bytes; what cudaMalloc and vector loads want

  struct Blocks {
    std::int64_t weight_bytes = 0;
    std::int64_t persistent_bytes = 0;  // of a lane: inputs, state
    std::int64_t state_bytes = 0;       // of these: state
    std::int64_t arena_bytes = 0;       // of a lane: activations, the most alive at once
    std::int64_t bytes(std::int64_t lanes) const {
      return weight_bytes + lanes * (persistent_bytes + arena_bytes);
    }
  };

  std::vector<std::int64_t> offsets;  // a tensor: bytes from the start of its block
  Blocks device, host;
  std::int64_t lanes = 1;

  Blocks& at(Place place) { return place == Place::host ? host : device; }
  const Blocks& at(Place place) const { return place == Place::host ? host : device; }
  std::int64_t peak_bytes() const { return device.bytes(lanes); }
  std::int64_t host_bytes() const { return host.bytes(lanes); }
};

/// Greedy by size with first fit on overlapping lifetimes. Activations of stages outside the pass live
/// always: a scheduler may run those in any order.
MemoryPlan plan_memory(const Plan& plan);

}  // namespace assay
