// SPDX-License-Identifier: Apache-2.0
// The many spellings of rotary scaling in Hugging Face configs.
#include <array>

#include "workloads/rotary.h"

namespace assay {
namespace {

using Kind = RotaryConfig::Kind;

constexpr double kMaxFactor = 1e6, kMaxPositions = 1 << 30;
constexpr FieldRule kPart = {.doc = "the part of a head that is rotated", .min = 1e-3, .max = 1};

Kind kind_of(const JsonReader& scaling, const std::string& name, const char* key, bool phi3) {
  struct Row {
    std::string_view name;
    Kind kind;
  };
  static constexpr std::array kRows = {Row{"default", Kind::standard}, Row{"linear", Kind::linear},
                                       Row{"dynamic", Kind::dynamic},  Row{"llama3", Kind::llama3},
                                       Row{"yarn", Kind::yarn},        Row{"longrope", Kind::longrope},
                                       Row{"su", Kind::longrope}};
  if (phi3 && name == "yarn") return Kind::longrope;
  std::string known;
  for (const Row& row : kRows) {
    if (row.name == name) return row.kind;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  scaling.fail_at(key, "is \"" + name + "\"", "known kinds: " + known);
}

/// The object with the scaling, and where it stands; the base alone may stand in it too.
const Json* scaling_object(JsonReader& model, const char*& key) {
  for (const char* spelling : {"rope_scaling", "rope_parameters"}) {
    key = spelling;
    if (!model.has(spelling)) continue;
    const Json* found = model.find(spelling);
    if (!found->is_object())
      model.fail_at(spelling, "is " + found->dump().substr(0, 60), "it must be an object or null");
    if (found->contains("full_attention")) return &found->at("full_attention");  // Gemma3
    if (!found->empty()) return found;
  }
  return nullptr;
}

void read_longrope(JsonReader& scaling, RotaryConfig& config) {
  const FieldRule rule = {
      .doc = "[a factor for each pair, ...]", .required = true, .min = 1e-6, .max = kMaxFactor};
  scaling.field("short_factor", config.short_factors, rule);
  scaling.field("long_factor", config.long_factors, rule);
  const auto pairs = static_cast<std::size_t>(config.head_dim / 2);
  for (const auto& [key, factors] :
       {std::pair{"short_factor", &config.short_factors}, std::pair{"long_factor", &config.long_factors}})
    if (factors->size() != pairs)
      scaling.fail_at(key, "has " + std::to_string(factors->size()) + " factors",
                      "it needs head_dim / 2 = " + std::to_string(pairs));
}

}  // namespace

RotaryConfig read_rotary(JsonReader& model, std::int64_t head_dim, std::int64_t max_positions, bool phi3) {
  const FieldRule theta_rule = {.doc = "base of the frequencies", .min = 1.0001, .max = 1e12};
  const FieldRule positions_rule = {.doc = "tokens", .min = 1, .max = kMaxPositions};
  RotaryConfig config;
  config.head_dim = head_dim;
  config.max_positions = config.original_positions = max_positions;
  model.field("rope_theta", config.theta, theta_rule);

  const char* key = nullptr;
  const Json* found = scaling_object(model, key);
  std::optional<double> partial;
  model.field("partial_rotary_factor", partial, kPart);
  if (found && found->contains("partial_rotary_factor"))
    model.child(*found, key).field("partial_rotary_factor", partial, kPart);
  config.head_dim = static_cast<std::int64_t>(static_cast<double>(head_dim) * partial.value_or(1));
  if (config.head_dim < 2 || config.head_dim % 2 != 0)
    model.fail_at("partial_rotary_factor", "is " + Json(*partial).dump(),
                  "of heads " + std::to_string(head_dim) + " wide it leaves " +
                      std::to_string(config.head_dim) + ", which must be even");
  if (found) {
    JsonReader scaling = model.child(*found, key);
    scaling.ignore_rest();
    const char* type_key = scaling.has("rope_type") ? "rope_type" : "type";
    std::string type = "default";
    scaling.field(type_key, type);
    config.kind = kind_of(scaling, type, type_key, phi3);
    scaling.field("rope_theta", config.theta, theta_rule);
    scaling.field("original_max_position_embeddings", config.original_positions, positions_rule);
    // Phi-3 and its kin keep it beside rope_scaling, where it wins.
    if (phi3 && config.kind == Kind::longrope && !scaling.has("original_max_position_embeddings"))
      config.original_positions = 4096;
    if (model.has("original_max_position_embeddings"))
      model.field("original_max_position_embeddings", config.original_positions, positions_rule);

    const bool stretched = config.kind == Kind::yarn || config.kind == Kind::longrope;
    const bool derived = stretched && !scaling.has("factor");
    if (derived)
      config.factor =
          static_cast<double>(config.max_positions) / static_cast<double>(config.original_positions);
    else if (config.kind != Kind::standard)
      scaling.field(
          "factor", config.factor,
          {.doc = "how far the context is stretched", .required = true, .min = 1e-6, .max = kMaxFactor});
    if (config.kind == Kind::llama3) {
      const FieldRule rule = {.doc = "a number", .required = true, .min = 1e-6, .max = kMaxFactor};
      scaling.field("low_freq_factor", config.low_freq_factor, rule);
      scaling.field("high_freq_factor", config.high_freq_factor, rule);
      if (config.high_freq_factor <= config.low_freq_factor)
        scaling.fail_at("high_freq_factor", "is not above low_freq_factor", "Llama 3.1 has 4 and 1");
    }
    if (stretched)
      scaling.field("attention_factor", config.attention_factor, {.min = 1e-6, .max = kMaxFactor});
    if (config.kind == Kind::yarn) {
      std::optional<double> beta_fast, beta_slow;
      std::optional<bool> truncate;
      scaling.field("beta_fast", beta_fast, {.min = 0, .max = kMaxFactor});
      scaling.field("beta_slow", beta_slow, {.min = 0, .max = kMaxFactor});
      scaling.field("mscale", config.mscale, {.min = 0, .max = kMaxFactor});
      scaling.field("mscale_all_dim", config.mscale_all_dim, {.min = 0, .max = kMaxFactor});
      scaling.field("truncate", truncate);
      if (beta_fast.value_or(0) != 0) config.beta_fast = *beta_fast;
      if (beta_slow.value_or(0) != 0) config.beta_slow = *beta_slow;
      config.truncate = truncate.value_or(true);
    }
    if (config.kind == Kind::longrope) read_longrope(scaling, config);
  }
  return config;
}

RotaryConfig read_local_rotary(JsonReader& model, std::int64_t head_dim, std::int64_t max_positions) {
  RotaryConfig config{.theta = 10000,
                      .head_dim = head_dim,
                      .max_positions = max_positions,
                      .original_positions = max_positions};
  const FieldRule rule = {.doc = "base of the frequencies", .min = 1.0001, .max = 1e12};
  model.field("rope_local_base_freq", config.theta, rule);
  const Json* parameters = model.find("rope_parameters");
  if (parameters == nullptr || !parameters->is_object() || !parameters->contains("sliding_attention"))
    return config;
  JsonReader local = model.child(parameters->at("sliding_attention"), "rope_parameters");
  local.ignore_rest();
  local.field("rope_theta", config.theta, rule);
  return config;
}

}  // namespace assay
