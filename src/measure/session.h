// SPDX-License-Identifier: Apache-2.0
// A plan in a device's memory, with a kernel bound to every step: all that is slow is done here, so that
// running a stage is a flat walk over launches. One block holds inputs, weights and state, another the
// activations, as plan/memory.h lays them out. Measures nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "device/backend.h"
#include "plan/memory.h"
#include "plan/plan.h"
#include "plan/step_groups.h"

namespace assay {

/// By op_key(): one kernel serves all steps with the same.
using KernelMap = std::map<std::string, std::shared_ptr<Kernel>, std::less<>>;

/// For each op of a plan the first kernel of the table that serves it. Unsupported where none does.
KernelMap first_kernels(const Plan& plan, OpenDevice& device);

/// A step with everything resolved.
struct BoundStep {
  const Step* step = nullptr;
  Kernel* kernel = nullptr;
  std::span<const Buffer> in, out;
};

class Session {
 public:
  /// Takes the memory, fills everything from the seed, then loads `weights` where given. `plan` and `device`
  /// outlive the session.
  Session(const Plan& plan, Device& device, KernelMap kernels, std::uint64_t seed,
          const SafeTensors* weights = nullptr);

  /// Inputs and state as before the first pass.
  void reset();
  /// One iteration of a stage, without waiting for it.
  void run_stage(std::size_t stage) { programs_[stage]->launch(device_.stream()); }

  std::vector<double> read(Value value);
  void write(Value value, std::span<const double> values);

  Buffer buffer(Value value) const { return buffers_[value.id]; }
  std::span<const BoundStep> steps(std::size_t stage) const { return steps_[stage]; }
  const Plan& plan() const { return plan_; }
  Device& device() { return device_; }
  std::uint64_t seed() const { return seed_; }
  std::int64_t workspace_bytes() const;  // that the kernels hold

 private:
  Buffer allocate(std::int64_t bytes);
  void fill(Value value);
  void bind_stage(const Stage& stage);

  const Plan& plan_;
  Device& device_;
  const KernelMap kernels_;
  const std::uint64_t seed_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<Buffer> buffers_;                       // a tensor
  std::vector<std::unique_ptr<Buffer[]>> arguments_;  // what the spans of `steps_` point into, a stage
  std::vector<std::vector<BoundStep>> steps_;         // a stage
  std::vector<std::unique_ptr<Program>> programs_;    // a stage
};

}  // namespace assay
