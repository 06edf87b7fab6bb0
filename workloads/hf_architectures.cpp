// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_architectures.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace assay {
namespace {

using Stored = ExpertsConfig::Stored;

constexpr std::array kArchitectures = {
    Architecture{.name = "LlamaForCausalLM",
                 .model_type = "llama",
                 .attention_bias = true,
                 .vocab = 32000,
                 .hidden = 4096,
                 .intermediate = 11008,
                 .layers = 32,
                 .heads = 32},
    Architecture{.name = "MistralForCausalLM",
                 .model_type = "mistral",
                 .kv_heads = 8,
                 .max_positions = 131072,
                 .window = 4096,
                 .windows = Windows::all,
                 .vocab = 32000,
                 .hidden = 4096,
                 .intermediate = 14336,
                 .layers = 32,
                 .heads = 32},
    Architecture{.name = "Qwen2ForCausalLM",
                 .model_type = "qwen2",
                 .kv_heads = 32,
                 .max_positions = 32768,
                 .window = 4096,
                 .windows = Windows::last},
    Architecture{.name = "Qwen3ForCausalLM",
                 .model_type = "qwen3",
                 .kv_heads = 32,
                 .head_dim = 128,
                 .max_positions = 32768,
                 .window = 4096,
                 .windows = Windows::last,
                 .attention_bias = true},
    Architecture{.name = "Phi3ForCausalLM",
                 .model_type = "phi3",
                 .max_positions = 4096,
                 .norm_eps = 1e-5,
                 .windows = Windows::all},
    Architecture{.name = "GemmaForCausalLM",
                 .model_type = "gemma",
                 .kv_heads = 16,
                 .head_dim = 256,
                 .max_positions = 8192,
                 .tied = true,
                 .attention_bias = true,
                 .gemma = true},
    Architecture{.name = "Gemma2ForCausalLM",
                 .model_type = "gemma2",
                 .kv_heads = 4,
                 .head_dim = 256,
                 .max_positions = 8192,
                 .tied = true,
                 .window = 4096,
                 .windows = Windows::every_other,
                 .attention_bias = true,
                 .gemma = true},
    Architecture{.name = "Gemma3ForCausalLM",
                 .model_type = "gemma3_text",
                 .kv_heads = 4,
                 .head_dim = 256,
                 .max_positions = 131072,
                 .tied = true,
                 .window = 4096,
                 .windows = Windows::five_of_six,
                 .attention_bias = true,
                 .gemma = true,
                 .vocab = 262208,
                 .hidden = 2304,
                 .intermediate = 9216,
                 .layers = 26,
                 .heads = 8},
    Architecture{.name = "SmolLM3ForCausalLM",
                 .model_type = "smollm3",
                 .kv_heads = 4,
                 .max_positions = 32768,
                 .tied = true,
                 .attention_bias = true},
    Architecture{.name = "GPT2LMHeadModel",
                 .model_type = "gpt2",
                 .max_positions = 1024,
                 .norm_eps = 1e-5,
                 .tied = true},
    // Sized alone: ops of these have no kernel yet.
    Architecture{.name = "MixtralForCausalLM",
                 .model_type = "mixtral",
                 .kv_heads = 8,
                 .max_positions = 131072,
                 .norm_eps = 1e-5,
                 .windows = Windows::all,
                 .experts = ExpertsConfig{.count = 8, .used = 2, .stored = Stored::mixtral}},
    Architecture{.name = "Qwen2MoeForCausalLM",
                 .model_type = "qwen2_moe",
                 .kv_heads = 16,
                 .max_positions = 32768,
                 .window = 4096,
                 .windows = Windows::last,
                 .experts = ExpertsConfig{.count = 60,
                                          .used = 4,
                                          .width = 1408,
                                          .shared_width = 5632,
                                          .shared_gate = true,
                                          .normalised = false}},
    Architecture{.name = "Qwen3MoeForCausalLM",
                 .model_type = "qwen3_moe",
                 .kv_heads = 4,
                 .max_positions = 32768,
                 .window = 4096,
                 .windows = Windows::last,
                 .attention_bias = true,
                 .experts = ExpertsConfig{.count = 128, .used = 8, .width = 768, .normalised = false}},
    Architecture{.name = "DeepseekV2ForCausalLM",
                 .model_type = "deepseek_v2",
                 .attention_bias = true,
                 .experts = ExpertsConfig{.count = 64, .used = 6, .width = 1407, .normalised = false}},
    Architecture{.name = "DeepseekV3ForCausalLM",
                 .model_type = "deepseek_v3",
                 .max_positions = 4096,
                 .attention_bias = true,
                 .experts = ExpertsConfig{.count = 256,
                                          .used = 8,
                                          .width = 2048,
                                          .sigmoid = true,
                                          .correction = true,
                                          .scale = 2.5,
                                          .groups = 8,
                                          .groups_used = 4}},
    Architecture{.name = "GptOssForCausalLM",
                 .model_type = "gpt_oss",
                 .kv_heads = 8,
                 .head_dim = 64,
                 .max_positions = 131072,
                 .norm_eps = 1e-5,
                 .window = 128,
                 .windows = Windows::every_other,
                 .attention_bias = true,
                 .experts = ExpertsConfig{.count = 128, .used = 4, .bias = true, .stored = Stored::gpt_oss}},
    Architecture{.name = "GraniteForCausalLM", .model_type = "granite", .attention_bias = true},
    Architecture{.name = "GraniteMoeForCausalLM",
                 .model_type = "granitemoe",
                 .tied = true,
                 .attention_bias = true,
                 .experts = ExpertsConfig{.count = 8, .used = 2, .stored = Stored::granite}},
    Architecture{
        .name = "Glm4MoeForCausalLM",
        .model_type = "glm4_moe",
        .kv_heads = 8,
        .head_dim = 128,
        .max_positions = 131072,
        .norm_eps = 1e-5,
        .attention_bias = true,
        .experts =
            ExpertsConfig{.count = 128, .used = 8, .width = 1408, .sigmoid = true, .correction = true}},
};

/// The first of `architectures`, else `model_type`; nothing where neither is known.
const Architecture* find_architecture(const Json& model) {
  const auto text = [](const Json& value) { return value.is_string() ? value.get<std::string>() : ""; };
  std::string name, type;
  if (const auto names = model.find("architectures");
      names != model.end() && names->is_array() && !names->empty())
    name = text(names->front());
  if (const auto found = model.find("model_type"); found != model.end()) type = text(*found);
  for (const Architecture& a : kArchitectures)
    if (a.name == name || (name.empty() && a.model_type == type)) return &a;
  return nullptr;
}

}  // namespace

std::span<const Architecture> known_architectures() {
  return kArchitectures;
}

std::vector<std::string> decoder_architectures() {
  std::vector<std::string> names;
  for (const Architecture& a : kArchitectures) names.emplace_back(a.name);
  return names;
}

bool is_decoder(const Json& model) {
  if (!model.is_object()) return false;
  if (find_architecture(model) != nullptr) return true;
  const auto text = model.find("text_config");
  return text != model.end() && text->is_object() && find_architecture(*text) != nullptr;
}

const Architecture& architecture_of(JsonReader& model) {
  std::string wanted;
  if (model.has("architectures")) {
    std::vector<std::string> names;
    model.field("architectures", names);
    if (!names.empty()) wanted = names.front();
  }
  std::string model_type;
  if (wanted.empty() && model.has("model_type")) model.field("model_type", model_type);
  for (const Architecture& a : kArchitectures)
    if (a.name == wanted || (wanted.empty() && a.model_type == model_type)) return a;
  const std::vector<std::string> known = decoder_architectures();
  if (wanted.empty())
    model.fail_at("architectures", "is missing", "give one of " + join(known, ", ") + " in a list");
  model.fail_at("architectures", "names \"" + wanted.substr(0, 60) + "\", which is not known",
                "known: " + join(known, ", "));
}

}  // namespace assay
