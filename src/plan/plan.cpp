// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <stdexcept>

namespace assay {
namespace {

[[noreturn]] void mismatch(const std::string& step, const std::string& what) {
  throw std::logic_error("plan step " + step + ": " + what);
}

/// tf32 is f32 in memory, so that a matrix multiplied in tf32 may come from an op that works in f32.
bool same_storage(DType a, DType b) {
  const auto stored = [](DType dtype) { return dtype == DType::tf32 ? DType::f32 : dtype; };
  return stored(a) == stored(b);
}

std::string text_of(const TensorSpec& spec) {
  return spec.name + " " + assay::text_of(spec.shape) + " " + std::string(name(spec.dtype));
}

}  // namespace

std::string stage_series(std::string_view stage) {
  return "stage/" + std::string(stage);
}

Cost Stage::cost() const {
  Cost sum;
  for (const Step& step : steps) sum += step.op->cost();
  return sum;
}

Value Plan::add(PlanTensor tensor) {
  tensors_.push_back(std::move(tensor));
  return {tensors_.size() - 1};
}

Stage& Plan::stage(std::string stage_name, std::int64_t iterations, double items, std::string item) {
  stages_.push_back(
      std::make_unique<Stage>(Stage{std::move(stage_name), iterations, items, std::move(item), {}}));
  return *stages_.back();
}

std::vector<Value> Plan::run(Stage& stage, std::string step_name, std::string label,
                             std::shared_ptr<const Op> op, const std::vector<Value>& in,
                             const std::vector<std::optional<Value>>& into) {
  const std::vector<TensorSpec> inputs = op->inputs(), outputs = op->outputs();
  if (inputs.size() != in.size()) mismatch(step_name, "takes " + std::to_string(inputs.size()) + " inputs");
  for (std::size_t i = 0; i < in.size(); ++i) {
    const TensorSpec& given = tensor(in[i]).spec;
    if (given.shape != inputs[i].shape || !same_storage(given.dtype, inputs[i].dtype))
      mismatch(step_name, "wants " + text_of(inputs[i]) + ", gets " + text_of(given));
  }
  std::vector<Value> results;
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o].aliases_input) {
      results.push_back(in[*outputs[o].aliases_input]);
    } else if (o < into.size() && into[o]) {
      const TensorSpec& given = tensor(*into[o]).spec;
      if (given.shape != outputs[o].shape || !same_storage(given.dtype, outputs[o].dtype))
        mismatch(step_name, "writes " + text_of(outputs[o]) + " into " + text_of(given));
      results.push_back(*into[o]);
    } else {
      TensorSpec spec = outputs[o];
      spec.name = stage.name + "." + step_name + "." + spec.name;
      results.push_back(add({std::move(spec), Role::activation, {}}));
    }
  }
  stage.steps.push_back({std::move(step_name), std::move(label), std::move(op), in, results});
  return results;
}

std::optional<Value> Plan::find(std::string_view tensor_name) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i)
    if (tensors_[i].spec.name == tensor_name) return Value{i};
  return std::nullopt;
}

std::optional<std::size_t> Plan::find_stage(std::string_view stage_name) const {
  for (std::size_t i = 0; i < stages_.size(); ++i)
    if (stages_[i]->name == stage_name) return i;
  return std::nullopt;
}

const Fact* Plan::find_fact(std::string_view fact_name) const {
  for (const Fact& fact : facts)
    if (fact.name == fact_name) return &fact;
  return nullptr;
}

std::int64_t Plan::weight_bytes() const {
  std::int64_t bytes = 0;
  for (const PlanTensor& t : tensors_)
    if (t.role == Role::weight) bytes += t.spec.bytes();
  return bytes;
}

}  // namespace assay
