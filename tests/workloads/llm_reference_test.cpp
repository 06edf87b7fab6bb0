// SPDX-License-Identifier: Apache-2.0
// The plans of tiny models, run by their ops' references alone, give the logits and greedy tokens of Hugging
// Face transformers: the proof that plans write the models down right, before any kernel comes in.
#include <gtest/gtest.h>

#include "support/reference_interpreter.h"
#include "tiny_models.h"

namespace assay::test::llm_reference_tests {
namespace {

std::vector<float> transposed(const std::vector<float>& part, std::int64_t matrices, std::int64_t height,
                              std::int64_t width) {
  std::vector<float> turned(part.size());
  const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
  for (std::int64_t m = 0; m < matrices; ++m)
    for (std::int64_t r = 0; r < height; ++r)
      for (std::int64_t c = 0; c < width; ++c)
        turned[at((m * width + c) * height + r)] = part[at((m * height + r) * width + c)];
  return turned;
}

/// Stacked rows of the sources, each transposed first where the plan asks for it.
std::vector<float> stored_weight(const SafeTensors& file, const PlanTensor& tensor) {
  std::vector<float> values;
  for (const std::string& name : tensor.source.tensors) {
    const StoredTensor* stored = file.find(name);
    EXPECT_NE(stored, nullptr) << name;
    if (!stored) continue;
    std::vector<float> part(static_cast<std::size_t>(stored->elements()));
    stored->convert(0, stored->elements(), DType::f32, part.data());
    const Shape& shape = stored->shape;
    if (tensor.source.order == WeightSource::Order::transposed && shape.size() == 2)
      part = transposed(part, 1, shape[0], shape[1]);
    if (tensor.source.order == WeightSource::Order::each_transposed)
      part = transposed(part, shape[0], shape[1], shape[2]);
    values.insert(values.end(), part.begin(), part.end());
  }
  EXPECT_EQ(static_cast<std::int64_t>(values.size()), tensor.spec.elements()) << tensor.spec.name;
  return values;
}

/// The expected logits were computed in f32: against float64 throughout, transformers itself is off by up
/// to 1.6e-5 (llama-llama3, step 7), mostly from angles of the rotary embedding.
constexpr double kOracleError = 3e-5;

void expect_transformers_numbers(const TinyModel& model) {
  const Plan plan = model.plan();
  const SafeTensors file = SafeTensors::open(model.folder);
  ReferenceInterpreter run(plan, 1, [&](const PlanTensor& t) { return stored_weight(file, t); });
  run.integers(run.value("prompt_ids")) = model.prompt_ids();

  for (std::size_t step = 0; step < model.steps(); ++step) {
    const Stage& stage = *plan.stages()[step == 0 ? 0 : 1];
    run.run(stage);
    const Value logits = stage.steps.back().in[0];
    const double error = model.logit_error(step, run.reals(logits));
    EXPECT_LT(error, kOracleError) << "step " << step;
    for (std::size_t s = 0; s < model.tokens.size(); ++s)
      EXPECT_EQ(run.integers(run.value("token"))[s], model.tokens[s][step])
          << "step " << step << " sequence " << s;
  }

  // The history holds what was generated, at the positions it will be read from.
  const auto& history = run.integers(run.value("history"));
  const std::size_t prompt = model.prompts[0].size(), capacity = prompt + model.steps();
  for (std::size_t s = 0; s < model.tokens.size(); ++s)
    for (std::size_t step = 0; step < model.steps(); ++step)
      EXPECT_EQ(history[s * capacity + prompt + step], model.tokens[s][step]);
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class TinyReference : public ::testing::TestWithParam<std::string> {};
TEST_P(TinyReference, GivesTheLogitsAndGreedyTokensOfTransformers) {
  expect_transformers_numbers(TinyModel(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(EveryTinyModel, TinyReference, ::testing::ValuesIn(tiny_models()), test_name);

// Plans whose ops have no kernel yet are right all the same: what executes them will add kernels alone.
class TinySizedReference : public ::testing::TestWithParam<std::string> {};
TEST_P(TinySizedReference, GivesTheLogitsAndGreedyTokensOfTransformers) {
  expect_transformers_numbers(TinyModel(GetParam(), "tiny_sized"));
}
INSTANTIATE_TEST_SUITE_P(EverySizedModel, TinySizedReference, ::testing::ValuesIn(tiny_models("tiny_sized")),
                         test_name);

}  // namespace
}  // namespace assay::test::llm_reference_tests
