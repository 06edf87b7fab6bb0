// SPDX-License-Identifier: Apache-2.0
#include "plan/memory.h"

#include <algorithm>

namespace assay {
namespace {

struct Lifetime {
  std::size_t tensor;
  std::int64_t bytes;
  std::size_t first, last;  // steps, counted over all stages
};

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + MemoryPlan::kAlignment - 1) / MemoryPlan::kAlignment * MemoryPlan::kAlignment;
}

std::vector<Lifetime> activation_lifetimes(const Plan& plan) {
  constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  std::vector<Lifetime> by_tensor;
  for (std::size_t t = 0; t < plan.tensors().size(); ++t)
    by_tensor.push_back({t, aligned(plan.tensors()[t].spec.bytes()), kNever, 0});
  std::size_t time = 0;
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps) {
      for (const auto* values : {&step.in, &step.out})
        for (const Value v : *values) {
          by_tensor[v.id].first = std::min(by_tensor[v.id].first, time);
          by_tensor[v.id].last = time;
        }
      ++time;
    }
  for (const Output& output : plan.outputs) {  // read after its stage, whatever may follow
    std::size_t end = 0;
    for (const auto& stage : plan.stages()) {
      end += stage->steps.size();
      if (stage->name == output.stage) break;
    }
    std::size_t& last = by_tensor[output.value.id].last;
    last = std::max(last, end - 1);
  }
  std::erase_if(by_tensor, [&](const Lifetime& l) {
    return plan.tensors()[l.tensor].role != Role::activation || l.first == kNever;
  });
  return by_tensor;
}

}  // namespace

MemoryPlan plan_memory(const Plan& plan) {
  MemoryPlan memory;
  memory.offsets.assign(plan.tensors().size(), 0);
  for (std::size_t t = 0; t < plan.tensors().size(); ++t)
    if (plan.tensors()[t].role != Role::activation) {
      memory.offsets[t] = memory.persistent_bytes;
      memory.persistent_bytes += aligned(plan.tensors()[t].spec.bytes());
    }

  std::vector<Lifetime> lifetimes = activation_lifetimes(plan);
  std::stable_sort(lifetimes.begin(), lifetimes.end(),
                   [](const Lifetime& a, const Lifetime& b) { return a.bytes > b.bytes; });
  std::vector<Lifetime> placed;
  for (const Lifetime& next : lifetimes) {
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;  // [begin, end) alive at the same time
    for (const Lifetime& other : placed)
      if (other.first <= next.last && next.first <= other.last)
        taken.emplace_back(memory.offsets[other.tensor], memory.offsets[other.tensor] + other.bytes);
    std::sort(taken.begin(), taken.end());
    std::int64_t offset = 0;
    for (const auto& [begin, end] : taken) {
      if (offset + next.bytes <= begin) break;
      offset = std::max(offset, end);
    }
    memory.offsets[next.tensor] = offset;
    memory.arena_bytes = std::max(memory.arena_bytes, offset + next.bytes);
    placed.push_back(next);
  }
  return memory;
}

}  // namespace assay
