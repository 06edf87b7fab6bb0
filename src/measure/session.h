// SPDX-License-Identifier: Apache-2.0
// A plan in memory, with a kernel of this session's own bound to every step: all that is slow is done here,
// so that running a stage is a flat walk over launches. At each place one block holds inputs and state,
// another the activations, as plan/memory.h lays them out; weights are shared. It belongs to its lane, and so
// to one thread. Measures nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "device/backend.h"
#include "measure/chosen.h"
#include "measure/weight_block.h"
#include "plan/fill_function.h"
#include "plan/memory.h"
#include "plan/plan.h"

namespace assay {

/// A step with everything resolved.
struct BoundStep {
  const Step* step = nullptr;
  Kernel* kernel = nullptr;
  std::span<const Buffer> in, out;
};

class Session {
 public:
  /// Takes the memory and fills inputs and state from the seed. `plan` and the lanes outlive the session.
  /// Null `weights`: a block of its own, from the seed.
  Session(const Plan& plan, const Sites& sites, const Choices& choices, std::uint64_t seed,
          std::shared_ptr<const WeightBlock> weights = nullptr);
  /// Laid out as `memory` says (plan_memory() where it is left out).
  Session(const Plan& plan, const Sites& sites, const Choices& choices, std::uint64_t seed,
          std::shared_ptr<const WeightBlock> weights, const MemoryPlan& memory);

  /// Inputs and state as before a pass. Inputs are others for each number: a pass that sees the ids of the
  /// last one measures a cache. What devices are compared by is pass 0.
  void reset(std::uint64_t pass = 0);
  /// One run of a stage, without waiting for it. A stage of the host begins when the device is done, and is
  /// done when this returns.
  void run_stage(std::size_t stage);

  std::vector<double> read(Value value);
  /// A weight is packed again by the kernels that keep it in a form of their own.
  void write(Value value, std::span<const double> values);

  Buffer buffer(Value value) const { return buffers_[value.id]; }
  std::span<const BoundStep> steps(std::size_t stage) const { return steps_[stage]; }
  const Plan& plan() const { return plan_; }
  const Sites& sites() const { return sites_; }
  /// That of the device.
  Lane& lane() const { return *sites_.device.lane; }
  Lane& lane_of(Place place) const { return *sites_.at(place).lane; }
  Lane& lane_of(Value value) const { return lane_of(plan_.tensor(value).place); }
  std::uint64_t seed() const { return seed_; }
  /// Of a weight that came from the seed, what its elements are; else nothing.
  std::optional<FillFunction> fill_of(Value value) const;
  std::int64_t workspace_bytes() const;  // that the kernels hold

 private:
  /// A step whose inputs its kernel packs, and where.
  struct Packing {
    BoundStep bound;
    Lane& lane;
  };

  Buffer allocate(Place place, std::int64_t bytes);
  void fill(Value value, std::uint64_t key);
  void bind_stage(const Stage& stage, const Choices& choices);
  Kernel& kernel_for(const Step& step, Place place, const Choices& choices);

  const Plan& plan_;
  const Sites sites_;
  const std::uint64_t seed_;
  std::shared_ptr<const WeightBlock> weights_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Buffer> buffers_;                                          // a tensor
  std::map<std::string, std::unique_ptr<Kernel>, std::less<>> kernels_;  // by placed_key() and what they pack
  std::vector<Packing> packing_;                                         // of each kernel that packs
  std::vector<std::unique_ptr<Buffer[]>> arguments_;  // what the spans of `steps_` point into, a stage
  std::vector<std::vector<BoundStep>> steps_;         // a stage
  std::vector<std::unique_ptr<Program>> programs_;    // a stage
};

}  // namespace assay
