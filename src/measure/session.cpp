// SPDX-License-Identifier: Apache-2.0
#include "measure/session.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/random.h"
#include "measure/weights.h"

namespace assay {

KernelMap first_kernels(const Plan& plan, OpenDevice& device) {
  KernelMap kernels;
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps) {
      std::shared_ptr<Kernel>& kernel = kernels[op_key(*step.op)];
      std::string refusals;
      for (const KernelEntry& entry : device.kernels) {
        if (kernel != nullptr || entry.op != step.op->kind()) continue;
        try {
          kernel = entry.make(*step.op, *device.device);
        } catch (const Unsupported& refusal) {
          refusals += fmt::format("; {}: {}", entry.name, refusal.what());
        }
      }
      if (kernel == nullptr) throw Unsupported("no kernel serves " + op_key(*step.op) + refusals);
    }
  return kernels;
}

Session::Session(const Plan& plan, Device& device, KernelMap kernels, std::uint64_t seed,
                 const SafeTensors* weights)
    : plan_(plan), device_(device), kernels_(std::move(kernels)), seed_(seed) {
  if (weights != nullptr) check_weights(plan, *weights);  // before anything slow
  const MemoryPlan memory = plan_memory(plan);
  const Buffer persistent = allocate(memory.persistent_bytes), arena = allocate(memory.arena_bytes);
  for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
    const PlanTensor& tensor = plan.tensors()[t];
    const Buffer block = tensor.role == Role::activation ? arena : persistent;
    buffers_.push_back({static_cast<std::byte*>(block.data) + memory.offsets[t], tensor.spec.bytes()});
  }
  if (arena.bytes > 0) device_.poison(arena);  // what a step reads before another wrote it shows
  for (std::size_t t = 0; t < plan.tensors().size(); ++t)
    if (plan.tensors()[t].role == Role::weight &&
        (weights == nullptr || plan.tensors()[t].source.tensors.empty()))
      fill({t});
  if (weights != nullptr) load_weights(plan, *weights, device_, buffers_);
  reset();
  for (const auto& stage : plan.stages()) bind_stage(*stage);
  device_.synchronize();
}

Buffer Session::allocate(std::int64_t bytes) {
  if (bytes == 0) return {};
  memory_.push_back(device_.allocate(bytes));
  return memory_.back()->buffer();
}

void Session::fill(Value value) {
  const TensorSpec& spec = plan_.tensor(value).spec;
  device_.fill(buffers_[value.id], spec, random_key(seed_, spec.name));
}

void Session::bind_stage(const Stage& stage) {
  std::size_t count = 0;
  for (const Step& step : stage.steps) count += step.in.size() + step.out.size();
  arguments_.push_back(std::make_unique<Buffer[]>(count));
  Buffer* next = arguments_.back().get();
  const auto place = [&](const std::vector<Value>& values) {
    const Buffer* first = next;
    for (const Value value : values) *next++ = buffers_[value.id];
    return std::span<const Buffer>(first, values.size());
  };
  std::vector<BoundStep>& steps = steps_.emplace_back();
  for (const Step& step : stage.steps) {
    const auto kernel = kernels_.find(op_key(*step.op));
    if (kernel == kernels_.end()) throw std::logic_error("session without a kernel for " + op_key(*step.op));
    const std::span<const Buffer> in = place(step.in), out = place(step.out);
    steps.push_back({&step, kernel->second.get(), in, out});
  }
  const std::span<const BoundStep> all(steps.begin(),
                                       steps.size());  // the vector may move, its elements stay
  programs_.push_back(device_.record([all](Stream& stream) {
    for (const BoundStep& step : all) step.kernel->launch(stream, step.in, step.out);
  }));
}

std::int64_t Session::workspace_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [key, kernel] : kernels_) bytes += kernel->workspace_bytes();
  return bytes;
}

void Session::reset() {
  for (std::size_t t = 0; t < plan_.tensors().size(); ++t) {
    const Role role = plan_.tensors()[t].role;
    if (role == Role::input || role == Role::state) fill({t});
  }
}

std::vector<double> Session::read(Value value) {
  const TensorSpec& spec = plan_.tensor(value).spec;
  std::vector<std::byte> host(static_cast<std::size_t>(spec.bytes()));
  device_.synchronize();
  device_.read(host.data(), buffers_[value.id], spec.bytes());
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
  device_.synchronize();
  device_.write(buffers_[value.id], host.data(), spec.bytes());
}

}  // namespace assay
