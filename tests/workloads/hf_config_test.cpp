// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_config.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"

namespace assay::hf_config_tests {
namespace {

/// A small config of an architecture, with changes merged over it (null removes a key).
Json config_of(const std::string& architecture, const char* changes = "{}") {
  Json config = {{"architectures", {architecture}}, {"vocab_size", 96},           {"hidden_size", 32},
                 {"intermediate_size", 48},         {"num_hidden_layers", 4},     {"num_attention_heads", 4},
                 {"num_key_value_heads", 2},        {"transformers_version", "5"}};
  if (architecture == "GPT2LMHeadModel")
    config = {
        {"architectures", {architecture}}, {"vocab_size", 96}, {"n_embd", 32}, {"n_layer", 4}, {"n_head", 4}};
  config.merge_patch(Json::parse(changes));
  return config;
}

DecoderConfig read_json(const Json& config) {
  JsonReader reader(config, "config.json");
  return read_decoder(reader);
}
DecoderConfig read(const std::string& architecture, const char* changes = "{}") {
  return read_json(config_of(architecture, changes));
}

std::string complaint(const std::string& architecture, const char* changes) {
  const Json config = config_of(architecture, changes);
  return test::bad_input([&] { read_json(config); });
}

TEST(HfConfig, AcceptsKeysThatItDoesNotUse) {
  EXPECT_EQ(read("LlamaForCausalLM", R"({"use_cache": true, "task_specific_params": null})").hidden, 32);
}

TEST(HfConfig, ListsTheArchitecturesItKnows) {
  const std::string text = complaint("MambaForCausalLM", "{}");
  ASSAY_EXPECT_HAS(text, "config.json:/architectures: names \"MambaForCausalLM\"");
  for (const char* known : {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM",
                            "Phi3ForCausalLM", "Gemma2ForCausalLM", "GPT2LMHeadModel"})
    ASSAY_EXPECT_HAS(text, known);
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"architectures": null})"), "/architectures: is missing");
  EXPECT_EQ(read("LlamaForCausalLM", R"({"architectures": null, "model_type": "qwen2"})").architecture,
            "Qwen2ForCausalLM");
}

TEST(HfConfig, ComplainsOfMissingNegativeAbsurdAndWronglyTypedSizes) {
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"hidden_size": null})"), "/hidden_size: is missing");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"hidden_size": -32})"), "/hidden_size: is -32");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"num_hidden_layers": 1000000})"),
                   "/num_hidden_layers: is 1000000");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"vocab_size": "96"})"), "/vocab_size: is \"96\"");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"num_attention_heads": 0})"),
                   "/num_attention_heads: is 0");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"num_key_value_heads": 3})"),
                   "it must divide the 4 attention heads");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"num_attention_heads": 5, "num_key_value_heads": 5})"),
                   "it must divide hidden_size, 32");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"head_dim": 7})"), "/head_dim: gives heads of width 7");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"hidden_act": "xielu"})"),
                   "/hidden_act: is \"xielu\" | known: silu");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"tie_word_embeddings": 1})"), "true or false");
  ASSAY_EXPECT_HAS(complaint("LlamaForCausalLM", R"({"architectures": "LlamaForCausalLM"})"),
                   "/architectures: is \"LlamaForCausalLM\" | it must be an array");
  ASSAY_EXPECT_HAS(complaint("GPT2LMHeadModel", R"({"n_head": 3})"), "it must divide n_embd, 32");
  ASSAY_EXPECT_HAS(complaint("GPT2LMHeadModel", R"({"add_cross_attention": true})"), "/add_cross_attention");
  ASSAY_EXPECT_HAS(complaint("Gemma2ForCausalLM", R"({"use_bidirectional_attention": true})"),
                   "/use_bidirectional");
  ASSAY_EXPECT_HAS(test::bad_input([] { read_json(Json(3)); }), "config.json:/: is not an object (3)");
}

// What transformers' config classes assume where a key is left out, and where it is null.
TEST(HfConfig, HasTheDefaultsOfTransformers) {
  EXPECT_EQ(read("LlamaForCausalLM", R"({"num_key_value_heads": null})").kv_heads, 4);
  EXPECT_EQ(
      read("MistralForCausalLM", R"({"num_key_value_heads": null, "num_attention_heads": 16})").kv_heads, 8);
  EXPECT_EQ(read("Gemma2ForCausalLM", R"({"num_key_value_heads": null})").kv_heads, 4);
  Json with_null = config_of("MistralForCausalLM");
  with_null["num_key_value_heads"] = nullptr;
  EXPECT_EQ(read_json(with_null).kv_heads, 4);

  EXPECT_EQ(read("LlamaForCausalLM").head_dim, 8);
  EXPECT_EQ(read("Qwen3ForCausalLM").head_dim, 128);
  EXPECT_EQ(read("Gemma2ForCausalLM").head_dim, 256);
  EXPECT_EQ(read("LlamaForCausalLM", R"({"head_dim": 16})").head_dim, 16);

  EXPECT_FALSE(read("Qwen2ForCausalLM").tied);
  EXPECT_TRUE(read("Gemma2ForCausalLM").tied);
  EXPECT_TRUE(read("GPT2LMHeadModel").tied);
  EXPECT_EQ(read("Phi3ForCausalLM").norm_eps, 1e-5);
  EXPECT_EQ(read("LlamaForCausalLM").norm_eps, 1e-6);
  EXPECT_EQ(read("GPT2LMHeadModel").intermediate, 128);
  EXPECT_EQ(read("GPT2LMHeadModel", R"({"n_inner": 40})").intermediate, 40);
}

TEST(HfConfig, KnowsWhereBiasesAre) {
  const DecoderConfig llama = read("LlamaForCausalLM"),
                      biased = read("LlamaForCausalLM", R"({"attention_bias": true, "mlp_bias": true})");
  EXPECT_FALSE(llama.qkv_bias || llama.attention_out_bias || llama.mlp_bias);
  EXPECT_TRUE(biased.qkv_bias && biased.attention_out_bias && biased.mlp_bias);
  const DecoderConfig qwen2 = read("Qwen2ForCausalLM");
  EXPECT_TRUE(qwen2.qkv_bias);
  EXPECT_FALSE(qwen2.attention_out_bias);
}

using Windows = std::vector<std::int64_t>;

TEST(HfConfig, KnowsWhichLayersSlide) {
  EXPECT_EQ(read("LlamaForCausalLM", R"({"sliding_window": 8})").windows, (Windows{0, 0, 0, 0}));
  EXPECT_EQ(read("MistralForCausalLM", R"({"sliding_window": 8})").windows, (Windows{8, 8, 8, 8}));
  EXPECT_EQ(read("MistralForCausalLM").windows[0], 4096);
  Json without = config_of("MistralForCausalLM");
  without["sliding_window"] = nullptr;
  EXPECT_EQ(read_json(without).windows, (Windows{0, 0, 0, 0}));
  EXPECT_EQ(read("Gemma2ForCausalLM", R"({"sliding_window": 8})").windows, (Windows{8, 0, 8, 0}));
  EXPECT_EQ(read("Qwen2ForCausalLM", R"({"sliding_window": 8})").windows,
            (Windows{0, 0, 0, 0}));  // not switched on
  EXPECT_EQ(
      read("Qwen2ForCausalLM", R"({"sliding_window": 8, "use_sliding_window": true, "max_window_layers": 3})")
          .windows,
      (Windows{0, 0, 0, 8}));
  EXPECT_EQ(read("Qwen3ForCausalLM", R"({"sliding_window": 8, "use_sliding_window": true,
      "layer_types": ["sliding_attention", "full_attention", "full_attention", "sliding_attention"]})")
                .windows,
            (Windows{8, 0, 0, 8}));
  EXPECT_EQ(read("Phi3ForCausalLM", R"({"sliding_window": 7})").windows, (Windows{7, 7, 7, 7}));
  EXPECT_EQ(read("Phi3ForCausalLM").windows, (Windows{0, 0, 0, 0}));
  ASSAY_EXPECT_HAS(complaint("Gemma2ForCausalLM", R"({"layer_types": ["full_attention"]})"),
                   "/layer_types: has 1 entries");
  ASSAY_EXPECT_HAS(
      complaint("Gemma2ForCausalLM",
                R"({"layer_types": ["full_attention", "full_attention", "full_attention", "chunked"]})"),
      "holds \"chunked\"");
}

TEST(HfConfig, ScalesAttentionAsEachArchitectureDoes) {
  EXPECT_DOUBLE_EQ(read("LlamaForCausalLM").attention_scales[0], 1 / std::sqrt(8.0));
  EXPECT_DOUBLE_EQ(read("Gemma2ForCausalLM").attention_scales[0], 1 / 16.0);
  EXPECT_DOUBLE_EQ(read("Gemma2ForCausalLM", R"({"query_pre_attn_scalar": 144})").attention_scales[0],
                   1 / 12.0);
  EXPECT_DOUBLE_EQ(
      read("GPT2LMHeadModel", R"({"scale_attn_by_inverse_layer_idx": true})").attention_scales[3],
      1 / std::sqrt(8.0) / 4);
  EXPECT_DOUBLE_EQ(read("GPT2LMHeadModel", R"({"scale_attn_weights": false})").attention_scales[0], 1);
  EXPECT_EQ(read("Gemma2ForCausalLM").attention_softcap, 50);
  EXPECT_EQ(read("Gemma2ForCausalLM").logit_softcap, 30);
  EXPECT_EQ(read("LlamaForCausalLM", R"({"attn_logit_softcapping": 50})").attention_softcap, 0);
}

}  // namespace
}  // namespace assay::hf_config_tests
