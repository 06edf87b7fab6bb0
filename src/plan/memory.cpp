// SPDX-License-Identifier: Apache-2.0
#include "plan/memory.h"

#include <algorithm>

namespace assay {
namespace {

struct Lifetime {
  std::size_t tensor;
  std::int64_t bytes;
  std::size_t first, last;  // steps, counted over all turns of a pass
};

constexpr std::size_t kNever = static_cast<std::size_t>(-1);

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + MemoryPlan::kAlignment - 1) / MemoryPlan::kAlignment * MemoryPlan::kAlignment;
}

/// Calls use(value, time) for each value that a step of the stage reads or writes; the time after its last
/// step.
template <class Use>
std::size_t walk(const Stage& stage, std::size_t time, const Use& use) {
  for (const Step& step : stage.steps) {
    for (const auto* values : {&step.in, &step.out})
      for (const Value v : *values) use(v, time);
    ++time;
  }
  return time;
}

std::vector<Lifetime> lifetimes(const Plan& plan) {
  std::vector<Lifetime> by_tensor;
  for (std::size_t t = 0; t < plan.tensors().size(); ++t)
    by_tensor.push_back({t, aligned(plan.tensors()[t].spec.bytes()), kNever, 0});
  std::size_t time = 0;
  for (const Turn& turn : plan.pass) {
    const Stage& stage = *plan.stages()[turn.stage];
    const std::size_t begin = time;
    time = walk(stage, begin, [&](Value v, std::size_t now) {
      by_tensor[v.id].first = std::min(by_tensor[v.id].first, now);
      by_tensor[v.id].last = now;
    });
    const std::size_t end = std::max(time, begin + 1) - 1;
    // What was there before is read again when the stage is run again.
    if (turn.times > 1)
      walk(stage, begin, [&](Value v, std::size_t) {
        if (by_tensor[v.id].first < begin) by_tensor[v.id].last = end;
      });
    for (const Output& output : plan.outputs)  // read after its stage, whatever may follow
      if (output.stage == stage.name)
        by_tensor[output.value.id].last = std::max(by_tensor[output.value.id].last, end);
  }
  for (std::size_t s = 0; s < plan.stages().size(); ++s)
    if (plan.times(s) == 0)
      walk(*plan.stages()[s], 0, [&](Value v, std::size_t) {
        by_tensor[v.id].first = 0;
        by_tensor[v.id].last = kNever;
      });
  return by_tensor;
}

void place_activations(const Plan& plan, Place place, const std::vector<Lifetime>& all, MemoryPlan& memory) {
  std::vector<Lifetime> mine;
  for (const Lifetime& one : all) {
    const PlanTensor& tensor = plan.tensors()[one.tensor];
    if (tensor.role == Role::activation && tensor.place == place && one.first != kNever) mine.push_back(one);
  }
  std::stable_sort(mine.begin(), mine.end(),
                   [](const Lifetime& a, const Lifetime& b) { return a.bytes > b.bytes; });
  // Most tensors live for a few steps: whom one meets stands with the steps of its life.
  std::size_t steps = 0;
  for (const Lifetime& one : mine)
    if (one.last != kNever) steps = std::max(steps, one.last + 1);
  std::vector<std::vector<const Lifetime*>> alive(std::max<std::size_t>(1, steps));
  const auto each_step = [&](const Lifetime& of, const auto& use) {
    for (std::size_t step = of.first; step <= std::min(of.last, alive.size() - 1); ++step) use(alive[step]);
  };
  std::int64_t& arena = memory.at(place).arena_bytes;
  for (const Lifetime& next : mine) {
    std::vector<std::pair<std::int64_t, std::int64_t>> taken;  // [begin, end) alive at the same time
    each_step(next, [&](const auto& others) {
      for (const Lifetime* other : others)
        taken.emplace_back(memory.offsets[other->tensor], memory.offsets[other->tensor] + other->bytes);
    });
    std::sort(taken.begin(), taken.end());
    std::int64_t offset = 0;
    for (const auto& [begin, end] : taken) {
      if (offset + next.bytes <= begin) break;
      offset = std::max(offset, end);
    }
    memory.offsets[next.tensor] = offset;
    arena = std::max(arena, offset + next.bytes);
    each_step(next, [&](auto& others) { others.push_back(&next); });
  }
}

}  // namespace

MemoryPlan plan_memory(const Plan& plan) {
  MemoryPlan memory;
  memory.lanes = plan.in_flight;
  memory.offsets.assign(plan.tensors().size(), 0);
  for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
    const PlanTensor& tensor = plan.tensors()[t];
    if (tensor.role == Role::activation) continue;
    MemoryPlan::Blocks& blocks = memory.at(tensor.place);
    std::int64_t& bytes = tensor.role == Role::weight ? blocks.weight_bytes : blocks.persistent_bytes;
    memory.offsets[t] = bytes;
    bytes += aligned(tensor.spec.bytes());
    if (tensor.role == Role::state) blocks.state_bytes += aligned(tensor.spec.bytes());
  }
  const std::vector<Lifetime> all = lifetimes(plan);
  for (const Place place : {Place::device, Place::host}) place_activations(plan, place, all, memory);
  return memory;
}

}  // namespace assay
