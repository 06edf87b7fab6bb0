// SPDX-License-Identifier: Apache-2.0
// Which kernel serves which op of a plan: chosen once, and made by each session on its own lane.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "device/backend.h"
#include "plan/plan.h"

namespace assay {

/// Of an op at a place: "matmul 64x4096x4096 bf16"; "host: ..." where a host feeds the device.
std::string placed_key(const Op& op, Place place);
std::string placed_key(const std::string& op_key, Place place);

struct Chosen {
  const KernelEntry* entry = nullptr;
  std::string variant;  // of Kernel::variants(); empty where it has none
};
/// By placed_key().
using Choices = std::map<std::string, Chosen, std::less<>>;

/// The kernel in that variant. std::logic_error where it has no such variant any more.
std::unique_ptr<Kernel> make_chosen(const Chosen& chosen, const Op& op, Lane& lane);

/// "" or why a kernel that packs cannot serve the op where only `weights` are weights.
std::string packing_objection(const Kernel& kernel, const Op& op, std::span<const std::size_t> weights);

/// For each op of a plan the first kernel of its place's table that serves it. Unsupported where none does.
Choices first_kernels(const Plan& plan, const Sites& sites);

}  // namespace assay
