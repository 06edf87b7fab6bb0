// SPDX-License-Identifier: Apache-2.0
// The weights of a plan in memory, filled from the seed or from a checkpoint: once, however many sessions
// read them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/safetensors.h"
#include "device/backend.h"
#include "plan/memory.h"
#include "plan/plan.h"

namespace assay {

class WeightBlock {
 public:
  /// Done when it returns, so that other lanes may read. `checkpoint` may be null; what it does not hold
  /// comes from the seed.
  WeightBlock(const Plan& plan, const MemoryPlan& memory, const Sites& sites, std::uint64_t seed,
              const SafeTensors* checkpoint);

  Buffer buffer(Value weight) const { return buffers_[weight.id]; }
  bool is_seeded(Value weight) const { return seeded_[weight.id]; }

 private:
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Buffer> buffers_;  // a tensor of the plan; empty where it is no weight
  std::vector<bool> seeded_;     // the same
};

/// Memory at a place: the device's own, or pinned memory of the host. Empty for 0 bytes.
std::unique_ptr<Memory> allocate_at(const Sites& sites, Place place, std::int64_t bytes);

}  // namespace assay
