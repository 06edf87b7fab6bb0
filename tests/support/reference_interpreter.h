// SPDX-License-Identifier: Apache-2.0
// Runs a plan by its ops' float64 references alone, on tensors kept as f32 whatever their dtype: no kernel,
// no device. What it computes is the model as the plan writes it down, so that the plan can be proved against
// another implementation by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "kernels/route/route.h"
#include "plan/fill_function.h"
#include "plan/plan.h"

namespace assay::test {

class ReferenceInterpreter {
 public:
  /// Tensors are filled as the plan says; `weight` (if given) gives the values of weights instead.
  using WeightValues = std::function<std::vector<float>(const PlanTensor&)>;
  explicit ReferenceInterpreter(const Plan& plan, std::uint64_t seed = 1, const WeightValues& weight = {})
      : plan_(plan), reals_(plan.tensors().size()), integers_(plan.tensors().size()) {
    for (std::size_t t = 0; t < plan.tensors().size(); ++t) {
      const PlanTensor& tensor = plan.tensors()[t];
      if (tensor.spec.dtype == DType::i32)
        integers_[t] = filled<std::int32_t>(tensor.spec, seed);
      else
        reals_[t] = tensor.role == Role::weight && weight ? weight(tensor) : filled<float>(tensor.spec, seed);
    }
  }

  /// One iteration of a stage.
  void run(const Stage& stage) {
    for (const Step& step : stage.steps) run(step);
  }

  std::vector<float>& reals(Value v) { return reals_.at(v.id); }
  std::vector<std::int32_t>& integers(Value v) { return integers_.at(v.id); }
  Value value(std::string_view name) const {
    const auto found = plan_.find(name);
    if (!found) throw std::logic_error("no tensor " + std::string(name));
    return *found;
  }

 private:
  /// Writes results in place; inputs are copies, so that no reference reads what it has just written.
  struct Sink final : Expected {
    ReferenceInterpreter& self;
    const Step& step;
    Sink(ReferenceInterpreter& interpreter, const Step& s) : self(interpreter), step(s) {}
    void set(std::size_t output, std::int64_t index, double value) override {
      const Value v = step.out.at(output);
      const auto i = static_cast<std::size_t>(index);
      if (self.plan_.tensor(v).spec.dtype == DType::i32)
        self.integers_[v.id].at(i) = static_cast<std::int32_t>(value);
      else
        self.reals_[v.id].at(i) = static_cast<float>(value);
    }
    void one_of(std::size_t output, std::int64_t index, std::span<const std::int64_t> right) override {
      set(output, index, static_cast<double>(right.front()));
    }
  };

  /// A reference leaves it open which of nearly equal experts is chosen; here it is the best one.
  void choose(const Step& step, const Route& route, std::span<const TensorView> in) {
    const Route::Params& p = route.p;
    for (std::int64_t t = 0; t < p.tokens; ++t) {
      const auto [experts, weights] = route.choice(in, t);
      for (std::size_t i = 0; i < experts.size(); ++i) {
        const std::size_t at = static_cast<std::size_t>(t * p.used) + i;
        integers_[step.out[0].id].at(at) = static_cast<std::int32_t>(experts[i]);
        reals_[step.out[1].id].at(at) = static_cast<float>(weights[i]);
      }
    }
  }

  void run(const Step& step) {
    std::vector<std::vector<float>> reals(step.in.size());
    std::vector<std::vector<std::int32_t>> integers(step.in.size());
    std::vector<TensorView> in;
    for (std::size_t i = 0; i < step.in.size(); ++i) {
      const Value v = step.in[i];
      const TensorSpec& spec = plan_.tensor(v).spec;
      if (spec.dtype == DType::i32) {
        integers[i] = integers_[v.id];
        in.push_back({integers[i].data(), DType::i32, spec.elements()});
      } else {
        reals[i] = reals_[v.id];
        in.push_back({reals[i].data(), DType::f32, spec.elements()});
      }
    }
    if (const auto* route = dynamic_cast<const Route*>(step.op.get())) return choose(step, *route, in);
    Sink sink(*this, step);
    for (std::int64_t unit = 0; unit < step.op->units(); ++unit) step.op->reference(in, unit, sink);
  }

  template <typename T>
  static std::vector<T> filled(const TensorSpec& spec, std::uint64_t seed) {
    const FillFunction element(spec.fill, spec.elements(), random_key(seed, spec.name));
    std::vector<T> values;
    for (std::int64_t i = 0; i < spec.elements(); ++i) values.push_back(static_cast<T>(element(i)));
    return values;
  }

  const Plan& plan_;
  std::vector<std::vector<float>> reals_;
  std::vector<std::vector<std::int32_t>> integers_;
};

}  // namespace assay::test
