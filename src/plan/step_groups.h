// SPDX-License-Identifier: Apache-2.0
// The steps of a stage as people read them: the repeats of a layer share a label and an op, and are one line.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace assay {

/// Tells ops apart: "matmul 64x4096x4096 bf16".
std::string op_key(const Op& op);

struct StepGroup {
  std::string label;
  std::string name;  // unique in the stage: the label, numbered where several ops share it
  std::string part;  // of the model; of its first step
  std::shared_ptr<const Op> op;
  std::vector<std::size_t> steps;  // indices into Stage::steps
};

/// By label and op, in the order of their first step.
std::vector<StepGroup> step_groups(const Stage& stage);

/// The distinct ops of a plan, or of its stages at a place, in the order of their first step.
std::vector<std::shared_ptr<const Op>> distinct_ops(const Plan& plan, std::optional<Place> place = {});

/// The inputs of `op` that are weights in every step of the plan that calls it: what a kernel may pack.
std::vector<std::size_t> weight_inputs(const Plan& plan, const Op& op);

/// How many sets of tensors a plan's steps give `op` as these inputs: as many kernels are needed that pack
/// them; 1 where nothing is packed.
std::int64_t input_sets(const Plan& plan, const Op& op, std::span<const std::size_t> inputs);

}  // namespace assay
