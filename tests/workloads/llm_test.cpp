// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json_file.h"
#include "plan/memory.h"
#include "support/expect_error.h"
#include "workloads/workload.h"

namespace assay::llm_tests {
namespace {

Plan plan_of(const std::string& file, const std::vector<std::string>& overrides = {}) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) / "configs" /
                                                    file};
  return load_runs(files, overrides).expand().at(0).make_plan();
}

std::int64_t fact(const Plan& plan, const char* name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? found->value.get<std::int64_t>() : -1;
}

// Counted by transformers (sum of parameters of the model on the meta device) and published with the models.
TEST(Llm, CountsParametersExactly) {
  const std::pair<const char*, std::int64_t> published[] = {{"smollm2-135m", 134515008},
                                                            {"qwen2.5-0.5b", 494032768},
                                                            {"tinyllama-1.1b", 1100048384},
                                                            {"llama-3.2-1b", 1235814400},
                                                            {"llama-3.1-8b", 8030261248},
                                                            {"llama-3.1-70b", 70553706496},
                                                            {"qwen3-8b", 8190735360},
                                                            {"mistral-7b-v0.3", 7248023552},
                                                            {"gemma-2-9b", 9241705984},
                                                            {"phi-3-mini", 3821079552},
                                                            {"gpt2", 124439808}};
  for (const auto& [model, parameters] : published) {
    const Plan plan = plan_of("models/" + std::string(model) + ".json");
    EXPECT_EQ(fact(plan, "parameters"), parameters) << model;
    EXPECT_EQ(fact(plan, "active_parameters"), parameters) << model;
    EXPECT_EQ(plan.weight_bytes(), 2 * parameters) << model;
  }
}

TEST(Llm, CountsKvBytesOfAllLayers) {
  // 32 layers x (keys, values) x 8 heads x 128 x 2 bytes
  EXPECT_EQ(fact(plan_of("models/llama-3.1-8b.json"), "kv_bytes_per_token"), 131072);
  EXPECT_EQ(fact(plan_of("models/llama-3.1-8b.json", {"/dtype=f32"}), "kv_bytes_per_token"), 262144);
}

/// One layer, small enough to count by hand: hidden 4, 2 query heads and 1 key head of width 2, MLP 6,
/// vocab 10.
Plan tiny(const std::vector<std::string>& overrides = {}) {
  const Json document = {{"workload", "llm"},
                         {"model_name", "tiny"},
                         {"dtype", "f32"},
                         {"model",
                          {{"architectures", {"LlamaForCausalLM"}},
                           {"vocab_size", 10},
                           {"hidden_size", 4},
                           {"intermediate_size", 6},
                           {"num_hidden_layers", 1},
                           {"num_attention_heads", 2},
                           {"num_key_value_heads", 1}}},
                         {"load", {{"batch", 3}, {"prompt_tokens", 5}, {"generate_tokens", 5}}}};
  RunSet set = runs_of(document, "tiny.json", all_workloads());
  Case one = set.expand().at(0);
  for (const std::string& text : overrides) {
    const std::size_t equals = text.find('=');
    one.document[Json::json_pointer(text.substr(0, equals))] = Json::parse(text.substr(equals + 1));
  }
  return one.make_plan();
}

double flops_of(const Stage& stage, const std::string& label) {
  double flops = 0;
  for (const Step& step : stage.steps)
    if (step.label == label) flops += step.op->cost().flops;
  return flops;
}

TEST(Llm, PrefillCostsWhatItsShapesSay) {
  const Plan plan = tiny();
  const Stage& prefill = *plan.stages()[0];
  const double tokens = 3 * 5;
  EXPECT_EQ(flops_of(prefill, "qkv"),
            2 * tokens * (4 + 2 * 2) * 4);  // rows: 2 heads of q, 1 of k, 1 of v, width 2
  EXPECT_EQ(flops_of(prefill, "attention_out"), 2 * tokens * 4 * 4);
  EXPECT_EQ(flops_of(prefill, "gate_up"), 2 * tokens * 12 * 4);
  EXPECT_EQ(flops_of(prefill, "down"), 2 * tokens * 4 * 6);
  EXPECT_EQ(flops_of(prefill, "lm_head"), 2 * 3.0 * 10 * 4);  // the last token of each sequence alone
  EXPECT_EQ(prefill.items, tokens);
  EXPECT_EQ(plan.times(0), 1);
}

TEST(Llm, DecodeCostsOneTokenASequence) {
  const Plan plan = tiny();
  const Stage& decode = *plan.stages()[1];
  EXPECT_EQ(flops_of(decode, "qkv"), 2 * 3.0 * 8 * 4);
  EXPECT_EQ(flops_of(decode, "lm_head"), 2 * 3.0 * 10 * 4);
  EXPECT_EQ(decode.items, 3);
  EXPECT_EQ(plan.times(1), 4);  // the first of 5 tokens comes from prefill
}

// Every weight is read once a decode step, but of the embedding table only the rows of the batch.
TEST(Llm, DecodeReadsEveryWeight) {
  const Plan plan = tiny();
  double weights = 0;
  for (const PlanTensor& tensor : plan.tensors())
    if (tensor.role == Role::weight && tensor.spec.name != "embedding")
      weights += static_cast<double>(tensor.spec.bytes());
  std::set<std::size_t> used;
  for (const Step& step : plan.stages()[1]->steps)
    for (const Value v : step.in)
      if (plan.tensor(v).role == Role::weight) used.insert(v.id);
  double read = 0;
  for (const std::size_t id : used)
    if (plan.tensors()[id].spec.name != "embedding")
      read += static_cast<double>(plan.tensors()[id].spec.bytes());
  EXPECT_EQ(read, weights);
  EXPECT_GT(plan.stages()[1]->cost().memory().read, weights);
}

TEST(Llm, GivesEachLayerWeightsOfItsOwn) {
  const Plan plan = plan_of("models/smollm2-135m.json");
  std::set<std::string> names;
  for (const PlanTensor& tensor : plan.tensors())
    EXPECT_TRUE(names.insert(tensor.spec.name).second) << tensor.spec.name;
  EXPECT_TRUE(names.contains("layers.29.gate_up"));
  std::set<std::string> steps;
  for (const auto& stage : plan.stages()) {
    steps.clear();
    for (const Step& step : stage->steps) EXPECT_TRUE(steps.insert(step.name).second) << step.name;
  }
  EXPECT_TRUE(steps.contains("layers.29.attention"));
}

TEST(Llm, SharesATiedTableBetweenEmbeddingAndHead) {
  const Plan tied = plan_of("models/smollm2-135m.json");
  EXPECT_FALSE(tied.find("lm_head"));
  EXPECT_TRUE(plan_of("models/tinyllama-1.1b.json").find("lm_head"));
}

TEST(Llm, LeavesDecodeOutWhereOneTokenIsGenerated) {
  const Plan plan = tiny({"/load/generate_tokens=1"});
  ASSERT_EQ(plan.stages().size(), 1u);
  for (const MetricSpec& metric : plan.metrics) EXPECT_EQ(metric.of, "stage/prefill");
}

TEST(Llm, DefinesItsMetrics) {
  std::set<std::string> names;
  for (const MetricSpec& metric : tiny().metrics) {
    names.insert(metric.name);
    EXPECT_GT(metric.definition.size(), 40u) << metric.name;
    EXPECT_TRUE(metric.definition.ends_with('.')) << metric.name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"time_to_first_token_s", "inter_token_latency_s",
                                          "prefill_tokens_per_s", "output_tokens_per_s",
                                          "prefill_flop_utilisation", "decode_bandwidth_utilisation"}));
}

TEST(Llm, ComparesLogitsThatOneFlippedTokenCannotMakeMeaningless) {
  const Plan plan = tiny();
  ASSERT_EQ(plan.outputs.size(), 2u);
  EXPECT_EQ(plan.outputs[0].name, "prefill logits");
  EXPECT_TRUE(plan.outputs[0].pins.empty()) << "nothing was chosen before them";
  EXPECT_EQ(plan.outputs[1].stage, "decode");
  ASSERT_EQ(plan.outputs[1].pins.size(), 1u);
  EXPECT_EQ(plan.tensor(plan.outputs[1].pins[0].value).spec.name, "token");
  // f32: 2^-24 stored and summed over K = 6, twice 11 roundings in one layer, and the growth.
  EXPECT_NEAR(plan.outputs[0].tolerance.value(),
              std::pow(2.0, -24) * (1 + std::sqrt(6.0)) * std::sqrt(22.0) * 4, 1e-12);
}

TEST(Llm, MultipliesInTf32AndKeepsTheRestInF32) {
  const Plan plan = tiny({"/dtype=\"tf32\""});
  for (const auto& stage : plan.stages())
    for (const Step& step : stage->steps)
      EXPECT_EQ(step.op->dtype(), step.op->kind() == "matmul" ? DType::tf32 : DType::f32) << step.name;
  EXPECT_EQ(plan.weight_bytes(), 4 * fact(plan, "parameters"));
}

TEST(Llm, RoundsGemmasEmbeddingScaleToTheModelsDtype) {
  // sqrt(3584) = 59.8665; in bf16, whose step is 0.25 there, 59.75.
  const auto scale = [](const Plan& plan) { return plan.stages()[0]->steps[0].op->shape(); };
  ASSAY_EXPECT_HAS(scale(plan_of("models/gemma-2-9b.json")), "59.75");
  EXPECT_EQ(scale(plan_of("models/gemma-2-9b.json", {"/dtype=f32"})).find("59.75"), std::string::npos);
}

TEST(Llm, SaysThatAModelPublishedInAnotherFormatIsPlannedInThisOne) {
  const auto notes = [](const Json& published, const std::vector<std::string>& overrides) {
    std::vector<std::string> changes = {"/model/torch_dtype=" + published.dump()};
    changes.insert(changes.end(), overrides.begin(), overrides.end());
    return plan_of("llm/gpt2.json", changes).notes;
  };
  using Notes = std::vector<std::string>;
  EXPECT_EQ(notes("float32", {}),
            Notes{"The model is published in f32 and planned in bf16, as serving engines run "
                  "it; --set /dtype=f32 plans it as published."});
  EXPECT_EQ(notes("bfloat16", {"/dtype=f32"}),
            Notes{"The model is published in bf16 and planned in f32; --set "
                  "/dtype=bf16 plans it as published."});
  EXPECT_EQ(notes("float32", {"/dtype=tf32"}), Notes{});  // in memory the same
  EXPECT_EQ(notes("bfloat16", {}), Notes{});
  EXPECT_EQ(notes(nullptr, {}), Notes{});
  EXPECT_EQ(notes("float8", {}), Notes{});
  EXPECT_EQ(notes(nullptr, {"/model/dtype=float32"}).size(), 1u);  // the key's newer name
  EXPECT_EQ(plan_of("models/llama-3.1-8b.json", {"/model/torch_dtype=float32"}).notes.size(), 1u);
}

TEST(Llm, RefusesMorePositionsThanGpt2HasLearned) {
  const std::string text = test::bad_input([] { plan_of("models/gpt2.json", {"/load/prompt_tokens=1024"}); });
  ASSAY_EXPECT_HAS(text, "gpt2.json:/load: needs 1088 positions | GPT2LMHeadModel has learned 1024");
}

TEST(Llm, RefusesMorePositionsThanAModelIsMadeForUnlessItsScalingGoesBeyond) {
  const std::string text =
      test::bad_input([] { plan_of("models/llama-3.1-8b.json", {"/load/prompt_tokens=131072"}); });
  ASSAY_EXPECT_HAS(text,
                   "llama-3.1-8b.json:/load: needs 131136 positions | LlamaForCausalLM is made for 131072");
  plan_of("models/llama-3.1-8b.json", {"/load/prompt_tokens=131072",
                                       "/model/rope_scaling={\"rope_type\": \"dynamic\", \"factor\": 2.0}"});
}

TEST(Llm, RefusesLoadsWhoseSizesWouldOverflow) {
  const std::string text = test::bad_input([] {
    plan_of("models/llama-3.1-70b.json", {"/load/batch=1000", "/load/prompt_tokens=1000000"});
  });
  ASSAY_EXPECT_HAS(text, "over a petabyte");
}

// The steps of a plan share an arena: without sharing, 80 layers of activations would take far more.
TEST(Llm, SharesMemoryBetweenActivations) {
  const Plan plan = plan_of("models/llama-3.1-70b.json", {"/load/batch=1"});
  const MemoryPlan memory = plan_memory(plan);
  const std::int64_t row = 2 * 28672 + 28672 + 3 * 8192;  // gate_up, gated, the stream: the widest moment
  EXPECT_LT(memory.device.arena_bytes, 512 * row * 2 * 1.3);
  EXPECT_GT(memory.device.bytes(1), plan.weight_bytes());
}

TEST(Configs, AllLoadAndPlan) {
  const std::filesystem::path configs = std::filesystem::path(ASSAY_SOURCE_DIR) / "configs";
  int planned = 0;
  for (const char* folder : {"models", "llm", "suites"})
    for (const auto& entry : std::filesystem::directory_iterator(configs / folder)) {
      // A model that is no Hugging Face config is planned by the run configs that name it.
      if (folder == std::string("models") && !load_json(entry.path()).contains("architectures")) continue;
      const std::vector<std::filesystem::path> files = {entry.path()};
      for (const Case& one : load_runs(files).expand()) {
        SCOPED_TRACE(entry.path().string() + " " + one.id);
        const Plan plan = one.make_plan();
        EXPECT_FALSE(plan.stages().empty());
        ++planned;
      }
    }
  EXPECT_GT(planned, 40);
}

// What scripts/demo runs first must be short on two cores.
TEST(Configs, QuickIsQuick) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) /
                                                    "configs/suites/quick.json"};
  for (const Case& one : load_runs(files).expand()) {
    EXPECT_LE(one.measure.max_seconds, 3) << one.id;
    EXPECT_LT(fact(one.make_plan(), "parameters"), 600'000'000) << one.id;
  }
}

// 4096 positions stretched 32 times; its config says what came of it.
TEST(Llm, EndsAtTheContextThatYarnStretchesTo) {
  EXPECT_EQ(plan_of("models/gpt-oss-20b.json", {"/load/prompt_tokens=131008"}).stages().size(), 2u);
  ASSAY_EXPECT_HAS(
      test::bad_input([] { plan_of("models/gpt-oss-20b.json", {"/load/prompt_tokens=131009"}); }),
      "GptOssForCausalLM is made for 131072");
  // Qwen2.5 with the rope_scaling that its makers give for long prompts.
  const std::string yarn =
      R"(/model/rope_scaling={"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768})";
  ASSAY_EXPECT_HAS(test::bad_input([&] {
                     plan_of("models/qwen2.5-0.5b.json", {yarn, "/load/prompt_tokens=140000"});
                   }),
                   "is made for 131072");
}

}  // namespace
}  // namespace assay::llm_tests
