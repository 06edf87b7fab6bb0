// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_config.h"

#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "workloads/hf_architectures.h"
#include "workloads/hf_fields.h"

namespace assay {
namespace {

using hf::activation_of;
using hf::optional_field;
using hf::published_dtype;

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
constexpr FieldRule kWindow = {.doc = "tokens seen; 0: all", .min = 0, .max = 1 << 30};
constexpr FieldRule kCap = {.doc = "bound of the logits", .min = 1e-6, .max = 1e6};

/// One of `layer_types`, or the rule of the architecture where that is left out.
std::vector<std::int64_t> read_windows(JsonReader& model, const DecoderConfig& c, const Architecture& a) {
  const auto layers = static_cast<std::size_t>(c.layers);
  std::vector<std::int64_t> windows(layers, 0);
  if (a.windows == Windows::none) return windows;
  const bool qwen = a.windows == Windows::last;
  bool used = !qwen;
  std::int64_t first = 28;  // Qwen: layers from here on slide
  if (qwen) {
    model.field("use_sliding_window", used);
    std::optional<std::int64_t> given =
        optional_field<std::int64_t>(model, "max_window_layers", first, {.min = 0});
    first = given.value_or(0);
  }
  std::int64_t pattern = 6;
  if (a.windows == Windows::five_of_six)
    model.field("sliding_window_pattern", pattern,
                {.doc = "layers, of which the last sees all", .min = 1, .max = 1024});
  const auto window = optional_field<std::int64_t>(model, "sliding_window", a.window, kWindow);
  if (!used || !window) return windows;

  std::vector<std::string> types;
  if (a.windows != Windows::all && model.has("layer_types")) {
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
    } else {
      const auto layer = static_cast<std::int64_t>(i);
      if (qwen) slides = layer >= first;
      if (a.windows == Windows::every_other) slides = layer % 2 == 0;
      if (a.windows == Windows::five_of_six) slides = (layer + 1) % pattern != 0;
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

/// Sizes that every config.json must say, but for the text_config of a multimodal model.
void read_sizes(JsonReader& model, const Architecture& a, bool inner, DecoderConfig& c) {
  const auto size = [&](const char* key, std::int64_t& value, std::int64_t usual, FieldRule rule) {
    if (inner && usual > 0) {
      value = usual;
      rule.required = false;
    }
    model.field(key, value, rule);
  };
  size("vocab_size", c.vocab, a.vocab, kVocab);
  size("hidden_size", c.hidden, a.hidden, kHidden);
  size("intermediate_size", c.intermediate, a.intermediate, kIntermediate);
  size("num_hidden_layers", c.layers, a.layers, kLayers);
  size("num_attention_heads", c.q_heads, a.heads, kHeads);
  model.field("max_position_embeddings", c.max_positions, kPositions);
  model.field("rms_norm_eps", c.norm_eps, kEps);
  model.field("tie_word_embeddings", c.tied);
}

void read_heads(JsonReader& model, const Architecture& a, DecoderConfig& c) {
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
}

double read_gemma(JsonReader& model, DecoderConfig& c) {
  const bool first = c.architecture == "GemmaForCausalLM", third = c.architecture == "Gemma3ForCausalLM";
  c.norm_adds_one = true;
  c.embedding_scale = std::sqrt(static_cast<double>(c.hidden));
  c.post_norms = !first;
  c.qk_norm = third;
  if (first) return static_cast<double>(c.head_dim);
  double scale_base = 256;
  model.field("query_pre_attn_scalar", scale_base, {.doc = "scales attention", .min = 1e-3, .max = 1e6});
  const std::optional<double> attention_cap = third ? std::nullopt : std::optional(50.0),
                              logit_cap = third ? std::nullopt : std::optional(30.0);
  c.attention_softcap =
      optional_field<double>(model, "attn_logit_softcapping", attention_cap, kCap).value_or(0);
  c.logit_softcap = optional_field<double>(model, "final_logit_softcapping", logit_cap, kCap).value_or(0);
  std::optional<bool> bidirectional;
  model.field("use_bidirectional_attention", bidirectional);
  if (bidirectional.value_or(false))
    model.fail_at("use_bidirectional_attention", "is true", "only causal models generate text");
  return scale_base;
}

/// SmolLM3: every fourth layer does without, or those that are 0 in a list.
void read_layers_rotated(JsonReader& model, DecoderConfig& c) {
  const auto layers = static_cast<std::size_t>(c.layers);
  std::int64_t interval = 4;
  std::vector<std::int64_t> given;
  model.field("no_rope_layer_interval", interval, {.doc = "layers", .min = 1, .max = 1024});
  if (model.has("no_rope_layers")) model.field("no_rope_layers", given, {.min = 0, .max = 1});
  if (!given.empty() && given.size() != layers)
    model.fail_at("no_rope_layers", "has " + std::to_string(given.size()) + " entries",
                  "it needs one for each of the " + std::to_string(layers) + " layers");
  for (std::size_t i = 0; i < layers; ++i)
    c.rotated.push_back(given.empty() ? (i + 1) % static_cast<std::size_t>(interval) != 0 : given[i] != 0);
}

void read_granite(JsonReader& model, DecoderConfig& c, double& scale) {
  const FieldRule rule = {.doc = "a factor", .min = 1e-6, .max = 1e6};
  scale = 1;
  model.field("attention_multiplier", scale, rule);
  model.field("embedding_multiplier", c.embedding_scale, rule);
  model.field("residual_multiplier", c.residual_scale, rule);
  model.field("logits_scaling", c.logit_divisor, rule);
}

/// `inner`: the text_config of a multimodal model.
DecoderConfig read_text_model(JsonReader& model, bool inner) {
  model.ignore_rest();
  const Architecture& a = architecture_of(model);
  if (a.name == "GPT2LMHeadModel") return read_gpt2(model, a);
  DecoderConfig c;
  c.architecture = a.name;
  c.max_positions = a.max_positions;
  c.norm_eps = a.norm_eps;
  c.tied = a.tied;
  read_sizes(model, a, inner, c);

  bool attention_bias = a.name == "GptOssForCausalLM";
  if (a.attention_bias) model.field("attention_bias", attention_bias);
  c.qkv_bias = attention_bias || a.name.starts_with("Qwen2");
  c.attention_out_bias = attention_bias && a.name != "Glm4MoeForCausalLM";
  if (a.name == "LlamaForCausalLM" || a.name == "SmolLM3ForCausalLM") model.field("mlp_bias", c.mlp_bias);
  c.qk_norm = a.name.starts_with("Qwen3");
  if (a.name == "Glm4MoeForCausalLM") model.field("use_qk_norm", c.qk_norm);
  c.fused_checkpoint = a.name == "Phi3ForCausalLM";
  c.activation = a.gemma ? activation_of(model, "hidden_activation", "gelu_pytorch_tanh")
                         : activation_of(model, "hidden_act", "silu");
  c.windows = read_windows(model, c, a);
  if (a.experts) read_experts(model, a, c);
  if (a.name.starts_with("Deepseek")) {
    read_latent(model, c);
    return c;
  }

  read_heads(model, a, c);
  double scale = 1 / std::sqrt(static_cast<double>(c.head_dim));
  if (a.gemma) scale = 1 / std::sqrt(read_gemma(model, c));
  if (a.name.starts_with("Granite")) read_granite(model, c, scale);
  if (a.name == "SmolLM3ForCausalLM") read_layers_rotated(model, c);
  if (a.name == "GptOssForCausalLM") {
    c.sinks = true;
    c.gate_limit = 7;
    model.field("swiglu_limit", c.gate_limit, {.doc = "bound of gate and up", .min = 1e-3, .max = 1e6});
  }
  c.attention_scales.assign(static_cast<std::size_t>(c.layers), scale);
  c.rotary = read_rotary(model, c.head_dim, c.max_positions, c.fused_checkpoint);
  if (a.name == "Gemma3ForCausalLM") c.local_rotary = read_local_rotary(model, c.head_dim, c.max_positions);
  return c;
}

}  // namespace

std::int64_t DecoderConfig::cached_elements() const {
  return layers * (latent ? latent->heads.cached() : 2 * kv_width());
}

DecoderConfig read_decoder(JsonReader& model) {
  model.ignore_rest();
  const Json* text = model.find("text_config");
  const bool wrapped = text != nullptr && text->is_object() && is_decoder(*text) &&
                       !(is_decoder(model.value()) && model.find("hidden_size") != nullptr);
  std::optional<DType> published = published_dtype(model);
  DecoderConfig c;
  if (wrapped) {
    JsonReader inner = model.child(*text, "text_config");
    c = read_text_model(inner, true);
    if (!published) published = published_dtype(inner);
    if (model.has("tie_word_embeddings")) model.field("tie_word_embeddings", c.tied);
    c.prefix = "language_model.";
    c.notes.push_back("The model takes more than text; what is planned is its text model, by text_config.");
    c.quantisation = Quantisation::read(inner, published.value_or(DType::bf16));
  } else {
    c = read_text_model(model, false);
  }
  c.published_dtype = published;
  if (!c.quantisation) c.quantisation = Quantisation::read(model, published.value_or(DType::bf16));
  std::int64_t next_tokens = 0;
  model.field("num_nextn_predict_layers", next_tokens, {.min = 0, .max = 64});
  if (next_tokens > 0)
    c.notes.push_back(
        "Its layers that predict further tokens for speculative decoding are not planned, nor counted.");
  return c;
}

}  // namespace assay
