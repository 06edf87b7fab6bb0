// SPDX-License-Identifier: Apache-2.0
// How much memory cases take at other loads. Plans are made for it; each once, however many cases and devices
// ask.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "plan/run_config.h"

namespace assay {

/// Of all lanes, on the device.
struct MemoryParts {
  std::int64_t weight_bytes = 0;
  std::int64_t state_bytes = 0;       // KV cache, positions
  std::int64_t activation_bytes = 0;  // the most alive at once, and inputs
  std::int64_t total_bytes() const { return weight_bytes + state_bytes + activation_bytes; }
};

template <class Visitor>
void describe(Visitor& v, MemoryParts& m) {
  v.field("weight_bytes", m.weight_bytes);
  v.field("state_bytes", m.state_bytes);
  v.field("activation_bytes", m.activation_bytes);
}

struct PlanSize {
  MemoryParts memory;
  /// Of one lane: states that a pass leaves to later steps and nobody refills, which are KV caches.
  std::int64_t cache_bytes = 0;
};

PlanSize size_of(const Plan& plan);

class PlanSizes {
 public:
  /// Of the case with these values of /load; null where the workload refuses them. Stays valid.
  const PlanSize* at(const Case& one, const Json& load);
  /// Spares the plan of the case as it is.
  void add(const Case& one, const Plan& plan);
  std::int64_t plans_made() const { return made_; }  // or tried

 private:
  std::map<std::string, std::optional<PlanSize>> known_;
  std::int64_t made_ = 0;
};

}  // namespace assay
