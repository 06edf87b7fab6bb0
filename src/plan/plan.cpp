// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <algorithm>
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

std::string text_of(Place place) {
  return std::string(name(place));
}
Place other(Place place) {
  return place == Place::host ? Place::device : Place::host;
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
  constexpr std::size_t kOfLargeModels = 4096;  // half a kilobyte each; what is not used is never touched
  if (tensors_.capacity() == 0) tensors_.reserve(kOfLargeModels);
  tensors_.push_back(std::move(tensor));
  return {tensors_.size() - 1};
}

Stage& Plan::stage(std::string stage_name, std::int64_t times, double items, std::string item, Place place) {
  stages_.push_back(std::make_unique<Stage>(Stage{std::move(stage_name), items, std::move(item), place, {}}));
  if (times > 0) pass.push_back({stages_.size() - 1, times});
  return *stages_.back();
}

std::int64_t Plan::times(std::size_t stage) const {
  std::int64_t times = 0;
  for (const Turn& turn : pass) times += turn.stage == stage ? turn.times : 0;
  return times;
}

bool Plan::uses_host() const {
  return std::ranges::any_of(stages_, [](const auto& stage) { return stage->place == Place::host; }) ||
         std::ranges::any_of(tensors_, [](const PlanTensor& t) { return t.place == Place::host; });
}

Cost Plan::pass_cost() const {
  Cost sum;
  for (const Turn& turn : pass) sum += stages_[turn.stage]->cost() * static_cast<double>(turn.times);
  return sum;
}

std::vector<Value> Plan::run(Stage& stage, std::string step_name, std::string label,
                             std::shared_ptr<const Op> op, const std::vector<Value>& in,
                             const std::vector<std::optional<Value>>& into) {
  const std::vector<TensorSpec> inputs = op->inputs(), outputs = op->outputs();
  if (op->moves_to() && stage.place == Place::host)
    mismatch(step_name, "is a copy, which a stage of the device does, and not one of the host");
  if (op->runs_at().value_or(stage.place) != stage.place)
    mismatch(step_name, "is an op of the " + text_of(*op->runs_at()) + ", and stage " + stage.name +
                            " is of the " + text_of(stage.place));
  const Place takes = op->moves_to() ? other(*op->moves_to()) : stage.place;
  if (inputs.size() != in.size()) mismatch(step_name, "takes " + std::to_string(inputs.size()) + " inputs");
  for (std::size_t i = 0; i < in.size(); ++i) {
    const TensorSpec& given = tensor(in[i]).spec;
    const Place wanted = op->input_place(i).value_or(takes);
    if (tensor(in[i]).place != wanted)
      mismatch(step_name, "takes it on the " + text_of(wanted) + ", and " + given.name + " lives on the " +
                              text_of(tensor(in[i]).place) + ": copy it first");
    if (given.shape != inputs[i].shape || !same_storage(given.dtype, inputs[i].dtype))
      mismatch(step_name, "wants " + text_of(inputs[i]) + ", gets " + text_of(given));
  }
  std::vector<Value> results;
  const Place gives = op->moves_to().value_or(stage.place);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o].aliases_input) {
      results.push_back(in[*outputs[o].aliases_input]);
    } else if (o < into.size() && into[o]) {
      const TensorSpec& given = tensor(*into[o]).spec;
      if (given.shape != outputs[o].shape || !same_storage(given.dtype, outputs[o].dtype))
        mismatch(step_name, "writes " + text_of(outputs[o]) + " into " + text_of(given));
      if (tensor(*into[o]).place != gives)
        mismatch(step_name, "writes " + outputs[o].name + " on the " + text_of(gives) + ", and " +
                                given.name + " lives on the " + text_of(tensor(*into[o]).place));
      results.push_back(*into[o]);
    } else {
      TensorSpec spec = outputs[o];
      spec.name = stage.name + "." + step_name + "." + spec.name;
      results.push_back(add({std::move(spec), Role::activation, {}, gives}));
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
