// SPDX-License-Identifier: Apache-2.0
// Mixtures of experts and latent attention, as config.json files say them.
#include <algorithm>
#include <cmath>

#include "workloads/hf_architectures.h"
#include "workloads/hf_fields.h"

namespace assay {
namespace {

using Stored = ExpertsConfig::Stored;

constexpr FieldRule kCount = {.doc = "experts", .min = 1, .max = 65536};
constexpr FieldRule kWidth = {.doc = "elements", .min = 1, .max = 1 << 20};
constexpr FieldRule kFactor = {.doc = "a factor", .min = 1e-6, .max = 1e6};

/// The first of these keys that is there.
void field_of(JsonReader& model, std::initializer_list<const char*> keys, std::int64_t& value) {
  for (const char* key : keys)
    if (model.has(key)) {
      model.field(key, value, kCount);
      return;
    }
}

void read_groups(JsonReader& model, const DecoderConfig& c, ExpertsConfig& e) {
  std::optional<std::int64_t> groups = e.groups, used = e.groups_used;
  model.field("n_group", groups, kCount);
  model.field("topk_group", used, kCount);
  std::string method = "greedy";
  model.field("topk_method", method);
  // DeepSeek-V2-Lite has groups in its config, and a method that does not look at them.
  const bool grouped = c.architecture != "DeepseekV2ForCausalLM" || method == "group_limited_greedy";
  e.groups = grouped ? groups.value_or(1) : 1;
  e.groups_used = grouped ? used.value_or(1) : 1;
  if (e.count % e.groups != 0)
    model.fail_at("n_group", "is " + std::to_string(e.groups),
                  "it must divide the " + std::to_string(e.count) + " experts");
  if (e.groups_used > e.groups)
    model.fail_at("topk_group", "is " + std::to_string(e.groups_used),
                  "there are " + std::to_string(e.groups) + " groups");
}

/// Which layers have experts: all, all but the first few, every n-th but for some.
std::vector<bool> sparse_layers(JsonReader& model, const DecoderConfig& c) {
  std::int64_t dense = 0, step = 1;
  std::vector<std::int64_t> plain;
  if (c.architecture.starts_with("Deepseek") || c.architecture.starts_with("Glm4")) {
    dense = c.architecture.starts_with("DeepseekV3") ? 3 : c.architecture.starts_with("Glm4") ? 1 : 0;
    model.field("first_k_dense_replace", dense, {.doc = "layers", .min = 0, .max = 1024});
    model.field("moe_layer_freq", step, {.doc = "layers", .min = 1, .max = 1024});
  }
  const bool qwen = c.architecture.starts_with("Qwen");
  if (qwen) {
    model.field("decoder_sparse_step", step, {.doc = "layers", .min = 1, .max = 1024});
    if (model.has("mlp_only_layers")) model.field("mlp_only_layers", plain, {.min = 0, .max = 1024});
  }
  std::vector<bool> sparse;
  for (std::int64_t i = 0; i < c.layers; ++i)
    sparse.push_back(i >= dense && (qwen ? i + 1 : i) % step == 0 &&
                     std::ranges::find(plain, i) == plain.end());
  return sparse;
}

}  // namespace

void read_experts(JsonReader& model, const Architecture& a, DecoderConfig& c) {
  ExpertsConfig e = *a.experts;
  field_of(model, {"num_local_experts", "num_experts", "n_routed_experts"}, e.count);
  field_of(model, {"num_experts_per_tok", "experts_per_token"}, e.used);
  if (e.used > e.count)
    model.fail_at("num_experts_per_tok", "is " + std::to_string(e.used),
                  "there are " + std::to_string(e.count) + " experts");
  if (e.stored == Stored::one_by_one)
    model.field("moe_intermediate_size", e.width, kWidth);
  else
    e.width = c.intermediate;
  if (e.shared_gate) {
    model.field("shared_expert_intermediate_size", e.shared_width,
                {.doc = "elements", .min = 0, .max = 1 << 20});
  } else if (e.stored == Stored::one_by_one && !c.architecture.starts_with("Qwen")) {
    std::optional<std::int64_t> shared = c.architecture.starts_with("DeepseekV2") ? 2 : 1;
    model.field("n_shared_experts", shared, {.doc = "experts", .min = 0, .max = 1024});
    e.shared_width = shared.value_or(0) * e.width;
  }
  if (e.stored == Stored::one_by_one) model.field("norm_topk_prob", e.normalised);
  if (!c.architecture.starts_with("Qwen")) model.field("routed_scaling_factor", e.scale, kFactor);
  if (c.architecture.starts_with("Deepseek") || c.architecture.starts_with("Glm4")) read_groups(model, c, e);
  if (e.used > e.count / e.groups * e.groups_used)
    model.fail_at(
        "num_experts_per_tok", "is " + std::to_string(e.used),
        "the groups that a token may go to hold " + std::to_string(e.count / e.groups * e.groups_used));
  c.experts = e;
  c.sparse = sparse_layers(model, c);
}

void read_latent(JsonReader& model, DecoderConfig& c) {
  LatentConfig latent{.heads = {.heads = c.q_heads, .rank = 512, .plain = 128, .rotary = 64, .value = 128}};
  std::optional<std::int64_t> q_rank = 1536;
  model.field("q_lora_rank", q_rank, kWidth);
  model.field("kv_lora_rank", latent.heads.rank, kWidth);
  model.field("qk_nope_head_dim", latent.heads.plain, kWidth);
  model.field("qk_rope_head_dim", latent.heads.rotary, kWidth);
  model.field("v_head_dim", latent.heads.value, kWidth);
  if (latent.heads.rotary % 2 != 0)
    model.fail_at("qk_rope_head_dim", "is " + std::to_string(latent.heads.rotary), "it must be even");
  latent.q_rank = q_rank.value_or(0);
  c.latent = latent;
  c.kv_heads = 1;
  c.head_dim = latent.heads.cached();
  c.rotary = read_rotary(model, latent.heads.rotary, c.max_positions, false);
  double scale = 1 / std::sqrt(static_cast<double>(latent.heads.plain + latent.heads.rotary));
  // What a longer context takes from the scores, their scale gives back (DeepSeek-V2, section 3.1.4).
  if (c.rotary.kind == RotaryConfig::Kind::yarn && c.rotary.mscale_all_dim.value_or(0) != 0)
    scale *= std::pow(yarn_mscale(c.rotary.factor, *c.rotary.mscale_all_dim), 2);
  c.attention_scales.assign(static_cast<std::size_t>(c.layers), scale);
}

}  // namespace assay
