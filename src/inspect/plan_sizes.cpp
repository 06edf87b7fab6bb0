// SPDX-License-Identifier: Apache-2.0
#include "inspect/plan_sizes.h"

#include "plan/memory.h"

namespace assay {
namespace {

/// The same for cases that are planned alike: of one model, with all that a plan is made of.
std::string key_of(const Case& one, const Json& load) {
  std::string key = std::to_string(reinterpret_cast<std::uintptr_t>(one.model.get()));
  for (const auto& [name, value] : one.document.items()) {
    if (name == "model" || name == "name" || name == "model_name" || name == "measure") continue;
    if (name != "load") {
      key.append(" ").append(name).append(value.dump());
      continue;
    }
    Json changed = value;
    changed.update(load);
    key.append(" ").append(changed.dump());
  }
  return key;
}

}  // namespace

PlanSize size_of(const Plan& plan) {
  const MemoryPlan memory = plan_memory(plan);
  const MemoryPlan::Blocks& at = memory.device;
  PlanSize size{
      .memory = {.weight_bytes = at.weight_bytes,
                 .state_bytes = memory.lanes * at.state_bytes,
                 .activation_bytes = memory.lanes * (at.persistent_bytes - at.state_bytes + at.arena_bytes)}};
  for (const PlanTensor& tensor : plan.tensors())
    if (tensor.role == Role::state && tensor.reset == Reset::left_over && tensor.place == Place::device)
      size.cache_bytes += tensor.spec.bytes();
  return size;
}

const PlanSize* PlanSizes::at(const Case& one, const Json& load) {
  const auto [found, is_new] = known_.try_emplace(key_of(one, load));
  if (is_new) {
    ++made_;
    try {
      found->second = size_of(one.plan_to_size(load));
    } catch (const Error&) {
      // it stays empty: refused
    }
  }
  return found->second ? &*found->second : nullptr;
}

void PlanSizes::add(const Case& one, const Plan& plan) {
  known_.insert_or_assign(key_of(one, Json::object()), size_of(plan));
}

}  // namespace assay
