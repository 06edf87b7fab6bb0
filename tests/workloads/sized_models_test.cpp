// SPDX-License-Identifier: Apache-2.0
// Models of which some ops have no kernel yet, and checkpoints of few bits: what their plans count, beside
// what was published of them.
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "workloads/workload.h"

namespace assay::sized_models_tests {
namespace {

Plan plan_of(const std::string& model, const std::vector<std::string>& overrides = {}) {
  const std::vector<std::filesystem::path> files = {std::filesystem::path(ASSAY_SOURCE_DIR) /
                                                    "configs/models" / (model + ".json")};
  return load_runs(files, overrides).expand().at(0).make_plan();
}

std::int64_t fact(const Plan& plan, const char* name) {
  const Fact* found = plan.find_fact(name);
  return found != nullptr ? found->value.get<std::int64_t>() : -1;
}

std::vector<std::string> of_model(const Json& changes) {
  std::vector<std::string> overrides;
  for (const auto& [key, value] : changes.items()) overrides.push_back("/model/" + key + "=" + value.dump());
  return overrides;
}

// Sums over the tensors of the published checkpoints, as the hub says them beside each model ("safetensors":
// "total" of huggingface.co/api/models/NAME, general.parameter_count of its GGUF files, total_size / 2 of its
// index in bf16).
TEST(SizedModels, CountParametersAsPublished) {
  const std::pair<const char*, std::int64_t> published[] = {
      {"mixtral-8x7b", 46702792704},         // mistralai/Mixtral-8x7B-v0.1: total_size 93405585408
      {"qwen1.5-moe-a2.7b", 14315784192},    // Qwen/Qwen1.5-MoE-A2.7B
      {"qwen3-30b-a3b", 30532122624},        // Qwen/Qwen3-30B-A3B: total_size 61064245248
      {"deepseek-v2-lite", 15706484224},     // deepseek-ai/DeepSeek-V2-Lite
      {"deepseek-v3", 671026419200},         // deepseek-ai/DeepSeek-V3, "671B", without its MTP layer
      {"kimi-k2", 1026408232448},            // moonshotai/Kimi-K2-Instruct
      {"gpt-oss-20b", 20914757184},          // openai/gpt-oss-20b
      {"gpt-oss-120b", 116829156672},        // openai/gpt-oss-120b
      {"granite-3.1-3b-a800m", 3298793472},  // ibm-granite/granite-3.1-3b-a800m-instruct
      {"glm-4.5-air", 106852251264},         // zai-org/GLM-4.5-Air-Base without its MTP layer
      {"gemma-2b", 2506172416},              // google/gemma-2b
      {"gemma-3-1b", 999885952},             // google/gemma-3-1b-it
      {"smollm3-3b", 3075098624}};           // HuggingFaceTB/SmolLM3-3B: total_size 6150197248
  for (const auto& [model, parameters] : published)
    EXPECT_EQ(fact(plan_of(model), "parameters"), parameters) << model;
}

TEST(SizedModels, CountTheirLargerKin) {
  // Qwen/Qwen3-235B-A22B: total_size 470187269120
  EXPECT_EQ(fact(plan_of("qwen3-30b-a3b", of_model({{"hidden_size", 4096},
                                                    {"num_hidden_layers", 94},
                                                    {"num_attention_heads", 64},
                                                    {"intermediate_size", 12288},
                                                    {"moe_intermediate_size", 1536}})),
                 "parameters"),
            470187269120 / 2);
  // deepseek-ai/DeepSeek-V2
  EXPECT_EQ(fact(plan_of("deepseek-v2-lite", of_model({{"hidden_size", 5120},
                                                       {"num_hidden_layers", 60},
                                                       {"num_attention_heads", 128},
                                                       {"intermediate_size", 12288},
                                                       {"q_lora_rank", 1536},
                                                       {"n_routed_experts", 160},
                                                       {"moe_intermediate_size", 1536},
                                                       {"n_group", 8},
                                                       {"topk_group", 3},
                                                       {"topk_method", "group_limited_greedy"}})),
                 "parameters"),
            235741434880);
}

TEST(SizedModels, CountWhatOneTokenUses) {
  // 48 layers pass over 120 of 128 experts of 3 x 768 x 2048.
  EXPECT_EQ(fact(plan_of("qwen3-30b-a3b"), "active_parameters"), 30532122624 - 48LL * 120 * 3 * 768 * 2048);
  // The model card counts 3.61 and 5.13 billion without the embedding table of 201088 x 2880.
  EXPECT_NEAR(static_cast<double>(fact(plan_of("gpt-oss-20b"), "active_parameters") - 201088LL * 2880),
              3.61e9, 0.005e9);
  EXPECT_NEAR(static_cast<double>(fact(plan_of("gpt-oss-120b"), "active_parameters") - 201088LL * 2880),
              5.13e9, 0.005e9);
  // "37B activated": with the head, without the embedding table (README_WEIGHTS.md of DeepSeek-V3).
  EXPECT_NEAR(static_cast<double>(fact(plan_of("deepseek-v3"), "active_parameters") - 129280LL * 7168),
              36.7e9, 0.1e9);
}

TEST(SizedModels, KeepLatentVectorsAlone) {
  // 61 layers of a vector of 512 and a rotated key of 64, in bf16
  EXPECT_EQ(fact(plan_of("deepseek-v3"), "kv_bytes_per_token"), 61 * (512 + 64) * 2);
  EXPECT_EQ(fact(plan_of("deepseek-v3", {"/load/kv_dtype=fp8"}), "kv_bytes_per_token"), 61 * (512 + 64));
  EXPECT_EQ(fact(plan_of("llama-3.1-8b", {"/load/kv_dtype=fp8"}), "kv_bytes_per_token"), 131072 / 2);
}

// metadata.total_size of model.safetensors.index.json, or all tensors of the one file.
TEST(SizedModels, CountTheBytesOfCheckpointsOfFewBits) {
  EXPECT_EQ(plan_of("gpt-oss-20b").weight_bytes(), 13761264768);   // openai/gpt-oss-20b
  EXPECT_EQ(plan_of("gpt-oss-120b").weight_bytes(), 65248815744);  // openai/gpt-oss-120b
  const auto llama = [](const char* quantisation) {
    return plan_of("llama-3.1-8b", {std::string("/model/quantization_config=") + quantisation})
        .weight_bytes();
  };
  // mlx-community/Llama-3.1-8B-Instruct-4bit
  EXPECT_EQ(llama(R"({"group_size": 64, "bits": 4})"), 4517404672);
  // RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic
  EXPECT_EQ(
      llama(R"({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"group_0": {
      "targets": ["Linear"], "input_activations": {"num_bits": 8, "type": "float"},
      "weights": {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": true}}}})"),
      9083953152);
  // RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16: 5735587840 with biases of zeros, an f16 for each row
  // of the seven matrices of a layer, that its maker writes and the model does not have.
  EXPECT_EQ(llama(R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": true, "sym": true})"),
            5735587840 - 32LL * 2 * (4096 + 1024 + 1024 + 4096 + 14336 + 14336 + 4096));
}

// By hand, for what no published file was found of: 32 layers of matrices of Llama-3.1-8B are 6979321856
// weights in 43008 rows a layer; embedding, head and norms are 1050939392 in bf16.
TEST(SizedModels, CountTheBytesOfOtherMethodsByHand) {
  constexpr std::int64_t kMatrices = 6979321856, kRows = 32LL * 43008, kOthers = 2LL * 1050939392;
  const auto llama = [](const Json& quantisation) {
    return plan_of("llama-3.1-8b", {"/model/quantization_config=" + quantisation.dump()}).weight_bytes();
  };
  EXPECT_EQ(llama({{"quant_method", "bitsandbytes"}, {"load_in_8bit", true}}),
            kOthers + kMatrices + 4 * kRows);
  EXPECT_EQ(llama({{"quant_method", "awq"}, {"bits", 4}, {"group_size", 128}}),
            kOthers + kMatrices / 2 + kMatrices / 128 * 2 + kMatrices / 128 / 2);
  EXPECT_EQ(llama({{"quant_method", "fbgemm_fp8"}}), kOthers + kMatrices + 4 * kRows + 32 * 7 * 4);
  EXPECT_EQ(llama({{"quant_method", "fp8"}, {"weight_block_size", {128, 128}}}),
            kOthers + kMatrices + kMatrices / 128 / 128 * 4);
  const std::int64_t nf4 =
      llama({{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}, {"bnb_4bit_quant_type", "nf4"}});
  EXPECT_EQ(nf4, kOthers + kMatrices / 2 + kMatrices / 64 * 4 + 32 * 7 * 16 * 4);
}

TEST(SizedModels, StoreWeightsInTheFormatThatTheConfigAsksFor) {
  const Plan int4 = plan_of("llama-3.1-8b", {"/dtype=int4"});
  EXPECT_EQ(fact(int4, "parameters"), 8030261248);
  EXPECT_EQ(int4.weight_bytes(), 2LL * 1050939392 + 6979321856 / 2 + 6979321856 / 128 * 2);
  EXPECT_EQ(fact(int4, "kv_bytes_per_token"), 131072);  // that of activations
  EXPECT_EQ(plan_of("llama-3.1-8b", {"/dtype=fp8"}).weight_bytes(),
            2LL * 1050939392 + 6979321856 + 32LL * 43008 * 4);
  ASSAY_EXPECT_HAS(test::bad_input([] { plan_of("llama-3.1-8b", {"/dtype=int3"}); }), "/dtype");
}

TEST(SizedModels, RefuseAMethodThatTheyDoNotKnow) {
  const auto complaint = [](const char* quantisation) {
    return test::bad_input(
        [&] { plan_of("llama-3.1-8b", {std::string("/model/quantization_config=") + quantisation}); });
  };
  ASSAY_EXPECT_HAS(complaint(R"({"quant_method": "aqlm"})"), "/quant_method: is \"aqlm\"");
  ASSAY_EXPECT_HAS(complaint(R"({"bits": 4})"), "names no quant_method");
  ASSAY_EXPECT_HAS(complaint(R"({"quant_method": "gptq", "bits": 40})"), "/bits: is 40");
  ASSAY_EXPECT_HAS(complaint("7"), "/quantization_config: is 7");
  EXPECT_EQ(plan_of("deepseek-v3", {"/model/quantization_config=null"}).weight_bytes() / 1000000000, 1342);
}

// One sequence goes to 2 of 8 experts in each of 32 layers, and reads all other weights but the embedding
// table.
TEST(SizedModels, ReadTheExpertsThatTokensTouch) {
  const auto decode_reads = [](int batch) {
    const Plan plan = plan_of("mixtral-8x7b", {"/load/batch=" + std::to_string(batch),
                                               "/load/prompt_tokens=1", "/load/generate_tokens=2"});
    return plan.stages().at(1)->cost().memory().read;
  };
  const double expert = 3.0 * 4096 * 14336 * 2,
               rest = 46702792704.0 * 2 - 32 * 8 * expert - 32000.0 * 4096 * 2;
  EXPECT_NEAR(decode_reads(1), rest + 32 * 2 * expert, 0.002 * decode_reads(1));
  EXPECT_NEAR(decode_reads(2), rest + 32 * 3.5 * expert, 0.002 * decode_reads(2));
}

TEST(SizedModels, ReadTheTextModelOfAMultimodalOne) {
  // google/gemma-3-4b-it, whose text_config leaves out what is as usual for its kin.
  const Json wrapper = {{"architectures", {"Gemma3ForConditionalGeneration"}},
                        {"model_type", "gemma3"},
                        {"text_config",
                         {{"model_type", "gemma3_text"},
                          {"hidden_size", 2560},
                          {"intermediate_size", 10240},
                          {"num_hidden_layers", 34},
                          {"sliding_window", 1024},
                          {"rope_scaling", {{"factor", 8.0}, {"rope_type", "linear"}}}}},
                        {"torch_dtype", "bfloat16"}};
  const Plan plan = runs_of(wrapper, "config.json", all_workloads()).expand().at(0).make_plan();
  // Of its 4300079472 parameters those of the text model, counted by hand a layer.
  const std::int64_t layer =
      2560LL * (2048 + 2 * 1024) + 2048LL * 2560 + 3LL * 2560 * 10240 + 4 * 2560 + 2 * 256;
  EXPECT_EQ(fact(plan, "parameters"), 262208LL * 2560 + 34 * layer + 2560);
  EXPECT_EQ(plan.find_fact("architecture")->value, "Gemma3ForCausalLM");
  ASSERT_FALSE(plan.notes.empty());
  ASSAY_EXPECT_HAS(plan.notes[0], "text model");
}

TEST(SizedModels, GetTheirExpertsFromTheCheckpointInOrder) {
  const Plan plan = plan_of("mixtral-8x7b");
  const PlanTensor& gate_up = plan.tensor(*plan.find("layers.0.experts_gate_up"));
  EXPECT_EQ(gate_up.spec.shape, (Shape{8 * 2 * 14336, 4096}));
  ASSERT_EQ(gate_up.source.tensors.size(), 16u);
  EXPECT_EQ(gate_up.source.tensors[2], "model.layers.0.block_sparse_moe.experts.1.w1.weight");
  EXPECT_EQ(gate_up.source.tensors[3], "model.layers.0.block_sparse_moe.experts.1.w3.weight");
}

}  // namespace
}  // namespace assay::sized_models_tests
