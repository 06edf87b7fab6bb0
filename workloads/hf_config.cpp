// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_config.h"

#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "workloads/hf_fields.h"

namespace assay {
namespace {

using hf::activation_of;
using hf::published_dtype;

/// What transformers assumes where a key is left out, and what is fixed for an architecture.
struct Architecture {
  std::string_view name, model_type;
  std::optional<std::int64_t> kv_heads = {};  // empty: as many as query heads
  std::optional<std::int64_t> head_dim = {};  // empty: hidden / heads
  std::int64_t max_positions = 2048;
  double norm_eps = 1e-6;
  bool tied = false;
  std::optional<std::int64_t> window = {};
};
constexpr std::array kArchitectures = {
    Architecture{.name = "LlamaForCausalLM", .model_type = "llama"},
    Architecture{.name = "MistralForCausalLM",
                 .model_type = "mistral",
                 .kv_heads = 8,
                 .max_positions = 131072,
                 .window = 4096},
    Architecture{.name = "Qwen2ForCausalLM",
                 .model_type = "qwen2",
                 .kv_heads = 32,
                 .max_positions = 32768,
                 .window = 4096},
    Architecture{.name = "Qwen3ForCausalLM",
                 .model_type = "qwen3",
                 .kv_heads = 32,
                 .head_dim = 128,
                 .max_positions = 32768,
                 .window = 4096},
    Architecture{.name = "Phi3ForCausalLM", .model_type = "phi3", .max_positions = 4096, .norm_eps = 1e-5},
    Architecture{.name = "Gemma2ForCausalLM",
                 .model_type = "gemma2",
                 .kv_heads = 4,
                 .head_dim = 256,
                 .max_positions = 8192,
                 .tied = true,
                 .window = 4096},
    Architecture{.name = "GPT2LMHeadModel",
                 .model_type = "gpt2",
                 .max_positions = 1024,
                 .norm_eps = 1e-5,
                 .tied = true},
};

// Far above any model there is, and low enough that no product of sizes overflows.
constexpr FieldRule kVocab = {.doc = "tokens in the vocabulary", .required = true, .min = 1, .max = 1 << 24};
constexpr FieldRule kHidden = {
    .doc = "width of the residual stream", .required = true, .min = 1, .max = 1 << 18};
constexpr FieldRule kIntermediate = {
    .doc = "width inside the MLP", .required = true, .min = 1, .max = 1 << 20};
constexpr FieldRule kLayers = {.doc = "layers", .required = true, .min = 1, .max = 1024};
constexpr FieldRule kHeads = {.doc = "attention heads", .required = true, .min = 1, .max = 4096};
constexpr FieldRule kHeadDim = {.doc = "width of a head", .min = 2, .max = 2048};
constexpr FieldRule kPositions = {.doc = "longest sequence", .min = 1, .max = 1 << 30};
constexpr FieldRule kEps = {.doc = "added to a variance", .min = 0, .max = 1};
constexpr FieldRule kWindow = {.doc = "tokens seen", .min = 1, .max = 1 << 30};
constexpr FieldRule kCap = {.doc = "bound of the logits", .min = 1e-6, .max = 1e6};

/// Left out: `missing`. Null: nothing.
template <typename T>
std::optional<T> optional_field(JsonReader& model, std::string_view key, std::optional<T> missing,
                                const FieldRule& rule) {
  if (model.find(key) == nullptr) return missing;
  std::optional<T> value;
  model.field(key, value, rule);
  return value;
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

/// One of `layer_types`, or the rule of the architecture where that is left out.
std::vector<std::int64_t> read_windows(JsonReader& model, const DecoderConfig& c, const Architecture& a) {
  const auto layers = static_cast<std::size_t>(c.layers);
  std::vector<std::int64_t> windows(layers, 0);
  if (!a.window && a.name != "Phi3ForCausalLM") return windows;
  const bool qwen = a.name == "Qwen2ForCausalLM" || a.name == "Qwen3ForCausalLM";
  const bool by_layer = qwen || a.name == "Gemma2ForCausalLM";
  bool used = !qwen;
  std::int64_t first = 28;  // Qwen: layers from here on slide
  if (qwen) {
    model.field("use_sliding_window", used);
    std::optional<std::int64_t> given =
        optional_field<std::int64_t>(model, "max_window_layers", first, {.min = 0});
    first = given.value_or(0);
  }
  const auto window = optional_field<std::int64_t>(model, "sliding_window", a.window, kWindow);
  if (!used || !window) return windows;

  std::vector<std::string> types;
  if (by_layer && model.has("layer_types")) {
    model.field("layer_types", types);
    if (types.size() != layers)
      model.fail_at("layer_types", "has " + std::to_string(types.size()) + " entries",
                    "it needs one for each of the " + std::to_string(layers) + " layers");
  }
  for (std::size_t i = 0; i < layers; ++i) {
    bool slides = true;
    if (!types.empty()) {
      slides = types[i] == "sliding_attention";
      if (!slides && types[i] != "full_attention")
        model.fail_at("layer_types", "holds \"" + types[i].substr(0, 60) + "\"",
                      "known: full_attention, sliding_attention");
    } else if (by_layer) {
      slides = qwen ? static_cast<std::int64_t>(i) >= first : i % 2 == 0;
    }
    if (slides) windows[i] = *window;
  }
  return windows;
}

void check_heads(JsonReader& model, const DecoderConfig& c, std::string_view heads_key) {
  if (c.q_heads % c.kv_heads != 0)
    model.fail_at("num_key_value_heads", "is " + std::to_string(c.kv_heads),
                  "it must divide the " + std::to_string(c.q_heads) + " attention heads");
  if (c.head_dim % 2 != 0)
    model.fail_at(model.has("head_dim") ? "head_dim" : heads_key,
                  "gives heads of width " + std::to_string(c.head_dim), "it must be even");
}

DecoderConfig read_gpt2(JsonReader& model, const Architecture& a) {
  DecoderConfig c;
  c.architecture = a.name;
  c.gpt2 = true;
  c.norm_eps = a.norm_eps;
  c.tied = a.tied;
  c.max_positions = a.max_positions;
  c.qkv_bias = c.attention_out_bias = c.mlp_bias = true;
  model.field("vocab_size", c.vocab, kVocab);
  model.field("n_embd", c.hidden, kHidden);
  model.field("n_layer", c.layers, kLayers);
  model.field("n_head", c.q_heads, kHeads);
  model.field("n_positions", c.max_positions, kPositions);
  model.field("layer_norm_epsilon", c.norm_eps, kEps);
  model.field("tie_word_embeddings", c.tied);
  c.intermediate = optional_field<std::int64_t>(model, "n_inner", {}, kIntermediate).value_or(4 * c.hidden);
  c.activation = activation_of(model, "activation_function", "gelu_new");
  c.kv_heads = c.q_heads;
  if (c.hidden % c.q_heads != 0)
    model.fail_at("n_head", "is " + std::to_string(c.q_heads),
                  "it must divide n_embd, " + std::to_string(c.hidden));
  c.head_dim = c.hidden / c.q_heads;
  check_heads(model, c, "n_head");
  bool cross = false, scaled = true, by_layer = false;
  model.field("add_cross_attention", cross);
  if (cross)
    model.fail_at("add_cross_attention", "is true", "only decoders without an encoder are supported");
  model.field("scale_attn_weights", scaled);
  model.field("scale_attn_by_inverse_layer_idx", by_layer);
  const double scale = scaled ? 1 / std::sqrt(static_cast<double>(c.head_dim)) : 1;
  for (std::int64_t i = 0; i < c.layers; ++i)
    c.attention_scales.push_back(by_layer ? scale / static_cast<double>(i + 1) : scale);
  c.windows.assign(static_cast<std::size_t>(c.layers), 0);
  return c;
}

}  // namespace

std::vector<std::string> decoder_architectures() {
  std::vector<std::string> names;
  for (const Architecture& a : kArchitectures) names.emplace_back(a.name);
  return names;
}

DecoderConfig read_decoder(JsonReader& model) {
  model.ignore_rest();
  const Architecture& a = architecture_of(model);
  const std::optional<DType> published = published_dtype(model);
  if (a.name == "GPT2LMHeadModel") {
    DecoderConfig c = read_gpt2(model, a);
    c.published_dtype = published;
    return c;
  }

  const bool llama = a.name == "LlamaForCausalLM", gemma = a.name == "Gemma2ForCausalLM";
  const bool qwen2 = a.name == "Qwen2ForCausalLM", qwen3 = a.name == "Qwen3ForCausalLM";
  DecoderConfig c;
  c.architecture = a.name;
  c.published_dtype = published;
  c.max_positions = a.max_positions;
  c.norm_eps = a.norm_eps;
  c.tied = a.tied;
  model.field("vocab_size", c.vocab, kVocab);
  model.field("hidden_size", c.hidden, kHidden);
  model.field("intermediate_size", c.intermediate, kIntermediate);
  model.field("num_hidden_layers", c.layers, kLayers);
  model.field("num_attention_heads", c.q_heads, kHeads);
  model.field("max_position_embeddings", c.max_positions, kPositions);
  model.field("rms_norm_eps", c.norm_eps, kEps);
  model.field("tie_word_embeddings", c.tied);

  FieldRule heads = kHeads;
  heads.required = false;
  c.kv_heads =
      optional_field<std::int64_t>(model, "num_key_value_heads", a.kv_heads, heads).value_or(c.q_heads);
  const auto head_dim = optional_field<std::int64_t>(model, "head_dim", a.head_dim, kHeadDim);
  if (!head_dim && c.hidden % c.q_heads != 0)
    model.fail_at(
        "num_attention_heads", "is " + std::to_string(c.q_heads),
        "it must divide hidden_size, " + std::to_string(c.hidden) + ", where head_dim is not given");
  c.head_dim = head_dim.value_or(c.hidden / c.q_heads);
  check_heads(model, c, "num_attention_heads");

  bool attention_bias = false;
  if (llama || qwen3 || gemma) model.field("attention_bias", attention_bias);
  c.qkv_bias = attention_bias || qwen2;
  c.attention_out_bias = attention_bias;
  if (llama) model.field("mlp_bias", c.mlp_bias);
  c.qk_norm = qwen3;
  c.fused_checkpoint = a.name == "Phi3ForCausalLM";
  c.activation = gemma ? activation_of(model, "hidden_activation", "gelu_pytorch_tanh")
                       : activation_of(model, "hidden_act", "silu");
  double scale_base = static_cast<double>(c.head_dim);
  if (gemma) {
    c.post_norms = c.norm_adds_one = c.scaled_embedding = true;
    scale_base = 256;
    model.field("query_pre_attn_scalar", scale_base, {.doc = "scales attention", .min = 1e-3, .max = 1e6});
    c.attention_softcap = optional_field<double>(model, "attn_logit_softcapping", 50.0, kCap).value_or(0);
    c.logit_softcap = optional_field<double>(model, "final_logit_softcapping", 30.0, kCap).value_or(0);
    std::optional<bool> bidirectional;
    model.field("use_bidirectional_attention", bidirectional);
    if (bidirectional.value_or(false))
      model.fail_at("use_bidirectional_attention", "is true", "only causal models generate text");
  }
  c.attention_scales.assign(static_cast<std::size_t>(c.layers), 1 / std::sqrt(scale_base));
  c.windows = read_windows(model, c, a);
  c.rotary = read_rotary(model, c.head_dim, c.max_positions, c.fused_checkpoint);
  return c;
}

}  // namespace assay
