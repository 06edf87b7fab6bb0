// SPDX-License-Identifier: Apache-2.0
#include "measure/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/random.h"
#include "plan/step_groups.h"

namespace assay {
namespace {

constexpr Place kPlaces[] = {Place::device, Place::host};

/// Of a pass; 0 for the first, so that its inputs are those of the seed alone.
std::uint64_t salt_of(std::uint64_t pass) {
  return pass == 0 ? 0 : random_key(pass, "pass");
}

}  // namespace

Session::Session(const Plan& plan, const Sites& sites, const Choices& choices, std::uint64_t seed,
                 std::shared_ptr<const WeightBlock> weights)
    : Session(plan, sites, choices, seed, std::move(weights), plan_memory(plan)) {}

Session::Session(const Plan& plan, const Sites& sites, const Choices& choices, std::uint64_t seed,
                 std::shared_ptr<const WeightBlock> weights, const MemoryPlan& memory)
    : plan_(plan), sites_(sites), seed_(seed), weights_(std::move(weights)) {
  if (weights_ == nullptr) weights_ = std::make_shared<const WeightBlock>(plan, memory, sites, seed, nullptr);
  buffers_.resize(plan.tensors().size());
  for (const Place place : kPlaces) {
    const MemoryPlan::Blocks& blocks = memory.at(place);
    const Buffer persistent = allocate(place, blocks.persistent_bytes),
                 arena = allocate(place, blocks.arena_bytes);
    for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
      const PlanTensor& tensor = plan.tensors()[t];
      if (tensor.place != place) continue;
      if (tensor.role == Role::weight) {
        buffers_[t] = weights_->buffer({t});
        continue;
      }
      const Buffer block = tensor.role == Role::activation ? arena : persistent;
      buffers_[t] = {static_cast<std::byte*>(block.data) + memory.offsets[t], tensor.spec.bytes()};
      if (tensor.role != Role::activation) fill({t}, random_key(seed, tensor.spec.name));
    }
    if (arena.bytes > 0) lane_of(place).poison(arena);  // what a step reads before another wrote it shows
  }
  reset();
  for (const auto& stage : plan.stages()) bind_stage(*stage, choices);
  for (const Place place : kPlaces) lane_of(place).synchronize();
}

Buffer Session::allocate(Place place, std::int64_t bytes) {
  if (bytes == 0) return {};
  memory_.push_back(allocate_at(sites_, place, bytes));
  return memory_.back()->buffer();
}

void Session::fill(Value value, std::uint64_t key) {
  lane_of(value).fill(buffers_[value.id], plan_.tensor(value).spec, key);
}

/// One that keeps weights in a form of its own serves the steps that have these weights; any other serves all
/// steps of its op.
Kernel& Session::kernel_for(const Step& step, Place place, const Choices& choices) {
  std::string key = placed_key(*step.op, place);
  const auto known = kernels_.find(key);
  if (known != kernels_.end() && known->second->packs().empty()) return *known->second;
  const auto chosen = choices.find(key);
  if (chosen == choices.end()) throw std::logic_error("session without a kernel for " + key);
  std::unique_ptr<Kernel> kernel = make_chosen(chosen->second, *step.op, lane_of(place));
  for (const std::size_t i : kernel->packs()) {
    const PlanTensor& packed = plan_.tensor(step.in.at(i));
    if (packed.role != Role::weight)
      throw std::logic_error(fmt::format("{} packs {}, which is no weight", key, packed.spec.name));
    key += fmt::format(" {}", packed.spec.name);
  }
  return *kernels_.try_emplace(key, std::move(kernel)).first->second;
}

void Session::bind_stage(const Stage& stage, const Choices& choices) {
  std::size_t count = 0;
  for (const Step& step : stage.steps) count += step.in.size() + step.out.size();
  arguments_.push_back(std::make_unique<Buffer[]>(count));
  Buffer* next = arguments_.back().get();
  const auto lay_down = [&](const std::vector<Value>& values) {
    const Buffer* first = next;
    for (const Value value : values) *next++ = buffers_[value.id];
    return std::span<const Buffer>(first, values.size());
  };
  const Place place = sites_.place(stage.place);
  std::vector<BoundStep>& steps = steps_.emplace_back();
  for (const Step& step : stage.steps) {
    Kernel& kernel = kernel_for(step, place, choices);
    const std::span<const Buffer> in = lay_down(step.in), out = lay_down(step.out);
    steps.push_back({&step, &kernel, in, out});
    const auto is_kernels = [&](const Packing& packing) { return packing.bound.kernel == &kernel; };
    if (kernel.packs().empty() || std::ranges::any_of(packing_, is_kernels)) continue;
    packing_.push_back({steps.back(), lane_of(place)});
    kernel.pack(lane_of(place).stream(), in);
  }
  const std::span<const BoundStep> all(steps.begin(),
                                       steps.size());  // the vector may move, its elements stay
  programs_.push_back(lane_of(place).record([all](Stream& stream) {
    for (const BoundStep& step : all) step.kernel->launch(stream, step.in, step.out);
  }));
}

std::int64_t Session::workspace_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [key, kernel] : kernels_) bytes += kernel->workspace_bytes();
  return bytes;
}

std::optional<FillFunction> Session::fill_of(Value value) const {
  const PlanTensor& tensor = plan_.tensor(value);
  if (tensor.role != Role::weight || !weights_->is_seeded(value)) return std::nullopt;
  return FillFunction(tensor.spec.fill, tensor.spec.elements(), random_key(seed_, tensor.spec.name));
}

void Session::reset(std::uint64_t pass) {
  const std::uint64_t salt = salt_of(pass);
  for (std::size_t t = 0; t < plan_.tensors().size(); ++t) {
    const PlanTensor& tensor = plan_.tensors()[t];
    const std::uint64_t key = random_key(seed_, tensor.spec.name);
    if (tensor.role == Role::input && is_drawn(tensor.spec.fill)) fill({t}, key ^ salt);
    if (tensor.role == Role::state && tensor.reset == Reset::refilled) fill({t}, key);
  }
}

void Session::run_stage(std::size_t stage) {
  const Place place = sites_.place(plan_.stages()[stage]->place);
  if (place == Place::host) lane().synchronize();  // what it reads may still be on its way
  programs_[stage]->launch(lane_of(place).stream());
  if (place == Place::host) lane_of(place).synchronize();
}

std::vector<double> Session::read(Value value) {
  const TensorSpec& spec = plan_.tensor(value).spec;
  std::vector<std::byte> host(static_cast<std::size_t>(spec.bytes()));
  Lane& lane = lane_of(value);
  this->lane().synchronize();
  lane.synchronize();
  lane.read(host.data(), buffers_[value.id], spec.bytes());
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(spec.elements()));
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    values.push_back(load_element(spec.dtype, host.data(), i));
  return values;
}

void Session::write(Value value, std::span<const double> values) {
  const TensorSpec& spec = plan_.tensor(value).spec;
  if (static_cast<std::int64_t>(values.size()) != spec.elements())
    throw std::logic_error(
        fmt::format("{} has {} elements, not {}", spec.name, spec.elements(), values.size()));
  std::vector<std::byte> host(static_cast<std::size_t>(spec.bytes()));
  for (std::int64_t i = 0; i < spec.elements(); ++i)
    store_element(spec.dtype, host.data(), i, values[static_cast<std::size_t>(i)]);
  Lane& lane = lane_of(value);
  this->lane().synchronize();
  lane.synchronize();
  lane.write(buffers_[value.id], host.data(), spec.bytes());
  for (const auto& [bound, packing_lane] : packing_) {
    const auto is_written = [&](std::size_t i) { return bound.step->in[i].id == value.id; };
    if (!std::ranges::any_of(bound.kernel->packs(), is_written)) continue;
    bound.kernel->pack(packing_lane.stream(), bound.in);
    packing_lane.synchronize();
  }
}

}  // namespace assay
