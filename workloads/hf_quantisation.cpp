// SPDX-License-Identifier: Apache-2.0
#include "workloads/hf_quantisation.h"

#include <algorithm>
#include <regex>

#include "base/text.h"

namespace assay {
namespace {

using Elements = WeightFormat::Elements;
using Scale = WeightFormat::Scale;
using Zero = WeightFormat::Zero;

constexpr FieldRule kGroup = {.doc = "columns that share a scale; -1: a row", .min = -1, .max = 1 << 20};

Scale scale_of(DType type) {
  return type == DType::f32 ? Scale::f32 : type == DType::f16 ? Scale::f16 : Scale::bf16;
}

/// "int4 in groups of 128 with zero points"
std::string text_of(const WeightFormat& f) {
  std::string text = "int" + std::to_string(f.bits);
  if (f.elements == Elements::e4m3) text = "fp8";
  if (f.elements == Elements::e2m1) text = f.scale == Scale::e8m0 ? "mxfp4" : "fp4";
  if (f.elements == Elements::nf4) text = "nf4";
  if (f.group_rows > 1)
    text += " in blocks of " + std::to_string(f.group_rows) + "x" + std::to_string(f.group_cols);
  else if (f.group_rows == 0)
    text += " with a scale a matrix";
  else if (f.group_cols == 0)
    text += " with a scale a row";
  else
    text += " in groups of " + std::to_string(f.group_cols);
  if (f.zero != Zero::none) text += " with zero points";
  if (f.scale == Scale::nested) text += ", scales in int8";
  return text;
}

WeightFormat with_name(WeightFormat format) {
  format.name = text_of(format);
  return format;
}

WeightFormat fp8(std::int64_t group_rows, std::int64_t group_cols, Scale scale = Scale::f32,
                 std::int64_t other_bytes = 0) {
  return with_name({.name = {},
                    .elements = Elements::e4m3,
                    .group_rows = group_rows,
                    .group_cols = group_cols,
                    .scale = scale,
                    .other_bytes = other_bytes,
                    .multiplied = DType::f8e4m3});
}

std::vector<std::string> list_of(JsonReader& config, std::string_view key) {
  std::vector<std::string> names;
  if (config.has(key)) config.field(key, names);
  return names;
}

WeightFormat read_bitsandbytes(JsonReader& config) {
  bool eight = false, four = false, nested = false;
  std::string kind = "fp4";
  config.field("load_in_8bit", eight);
  config.field("load_in_4bit", four);
  config.field("_load_in_8bit", eight);
  config.field("_load_in_4bit", four);
  config.field("bnb_4bit_quant_type", kind);
  config.field("bnb_4bit_use_double_quant", nested);
  if (eight == four)
    config.fail_at("load_in_4bit", "does not say whether it is 4 bits or 8",
                   "one of load_in_4bit and load_in_8bit is true");
  if (eight) return with_name({.name = {}, .is_signed = true, .multiplied = DType::i8});
  if (kind != "nf4" && kind != "fp4")
    config.fail_at("bnb_4bit_quant_type", "is \"" + kind.substr(0, 60) + "\"", "known: nf4, fp4");
  return with_name({.name = {},
                    .elements = kind == "nf4" ? Elements::nf4 : Elements::e2m1,
                    .bits = 4,
                    .group_cols = 64,
                    .scale = nested ? Scale::nested : Scale::f32,
                    .other_bytes = 16 * 4});  // the table of what 4 bits mean
}

/// GPTQ and AWQ keep zero points for all groups, also where they are all alike; GPTQ the group of each
/// column.
WeightFormat read_groups(JsonReader& config, bool index) {
  WeightFormat format{.name = {}, .bits = 4, .scale = Scale::f16, .zero = Zero::packed, .group_index = index};
  std::int64_t group = 128;
  config.field("bits", format.bits, {.doc = "2, 3, 4 or 8", .required = true, .min = 2, .max = 8});
  config.field("group_size", group, kGroup);
  format.group_cols = std::max<std::int64_t>(group, 0);
  return with_name(std::move(format));
}

/// Linear layers of a compressed-tensors group.
WeightFormat read_weights(JsonReader& group, DType type) {
  const Json* found = group.find("weights");
  if (found == nullptr || !found->is_object())
    group.fail_at("weights", "is missing", "it says num_bits, type, strategy and group_size");
  JsonReader weights = group.child(*found, "weights");
  weights.ignore_rest();
  std::int64_t bits = 8;
  std::string kind = "int", strategy = "tensor";
  std::optional<std::int64_t> size;
  bool symmetric = true;
  weights.field("num_bits", bits, {.doc = "bits of a weight", .required = true, .min = 2, .max = 8});
  weights.field("type", kind);
  weights.field("strategy", strategy);
  weights.field("group_size", size, kGroup);
  weights.field("symmetric", symmetric);
  std::vector<std::int64_t> block;
  if (weights.has("block_structure") && weights.find("block_structure")->is_array())
    weights.field("block_structure", block, {.min = 1, .max = 1 << 20});

  const bool activations = group.has("input_activations");
  WeightFormat f{.name = {}, .bits = bits, .scale = scale_of(type)};
  if (kind == "float") f.elements = bits == 8 ? Elements::e4m3 : Elements::e2m1;
  if (kind == "float" && bits != 8 && bits != 4)
    weights.fail_at("num_bits", "is " + std::to_string(bits), "floats have 4 or 8");
  f.is_signed = kind == "int" && bits == 8;
  if (strategy == "tensor") f.group_rows = 0;
  if (strategy == "group" || strategy == "tensor_group") f.group_cols = size.value_or(128);
  if (strategy == "block" && block.size() == 2) {
    f.group_rows = block[0];
    f.group_cols = block[1];
  }
  f.global_scale = strategy == "tensor_group";
  if (f.global_scale) f.scale = Scale::e4m3;
  if (kind == "int" && !symmetric) f.zero = Zero::packed;
  if (kind == "int" && bits < 8) f.other_bytes = 2 * 8;  // weight_shape, for what is packed
  if (activations && bits == 8) f.multiplied = kind == "float" ? DType::f8e4m3 : DType::i8;
  return with_name(std::move(f));
}

bool matches(const std::string& module, const std::string& rule) {
  if (rule.starts_with("re:")) {
    try {
      return std::regex_search(module, std::regex(rule.substr(3)));
    } catch (const std::regex_error&) {
      return false;
    }
  }
  return module.starts_with(rule) || module.ends_with(rule);
}

bool is_router(const std::string& module) {
  return module.ends_with(".gate") || module.ends_with(".router") || module.ends_with(".router.layer") ||
         module.ends_with("_gate");
}

}  // namespace

void Quantisation::read_compressed(JsonReader& config, DType type) {
  const Json* groups = config.find("config_groups");
  if (groups == nullptr || !groups->is_object() || groups->empty())
    config.fail_at("config_groups", "is missing", "it says how the weights of each group are stored");
  if (groups->size() > 1)
    config.fail_at("config_groups", "has " + std::to_string(groups->size()) + " groups",
                   "models of one group alone are sized");
  JsonReader all = config.child(*groups, "config_groups");
  JsonReader group = all.child(groups->front(), groups->items().begin().key());
  group.ignore_rest();
  usual_ = read_weights(group, type);
  skipped_ = list_of(config, "ignore");
  router_ = head_ = true;  // but for what `ignore` names
}

void Quantisation::read_mlx(JsonReader& config, DType type) {
  const auto format_of = [&](JsonReader& at) {
    WeightFormat f{.name = {}, .bits = 4, .group_cols = 64, .scale = scale_of(type), .zero = Zero::shift};
    at.field("bits", f.bits, {.doc = "bits of a weight", .min = 2, .max = 8});
    at.field("group_size", f.group_cols, {.doc = "columns that share a scale", .min = 1, .max = 1 << 20});
    return with_name(std::move(f));
  };
  usual_ = format_of(config);
  router_ = head_ = embedding_ = true;
  for (const auto& [key, value] : config.value().items()) {
    if (value.is_boolean() && !value.get<bool>()) by_module_.emplace(key, std::nullopt);
    if (!value.is_object()) continue;
    JsonReader one = config.child(value, key);
    one.ignore_rest();
    by_module_.emplace(key, format_of(one));
  }
}

void Quantisation::read_method(JsonReader& config, DType type) {
  config.ignore_rest();
  std::string method;
  config.field("quant_method", method, {.doc = "how weights are stored", .required = true});
  for (const char* key : {"modules_to_not_convert", "llm_int8_skip_modules"})
    for (std::string& name : list_of(config, key)) skipped_.push_back(std::move(name));
  if (method == "bitsandbytes") {
    usual_ = read_bitsandbytes(config);
    router_ = true;
  } else if (method == "gptq" || method == "awq") {
    usual_ = read_groups(config, method == "gptq");
    config.field("lm_head", head_);
  } else if (method == "compressed-tensors") {
    read_compressed(config, type);
  } else if (method == "fp8") {
    std::vector<std::int64_t> block;
    std::string activations = "dynamic";
    if (config.has("weight_block_size")) config.field("weight_block_size", block, {.min = 1, .max = 1 << 20});
    config.field("activation_scheme", activations);
    usual_ =
        block.size() == 2 ? fp8(block[0], block[1]) : fp8(0, 0, Scale::f32, activations == "static" ? 4 : 0);
  } else if (method == "fbgemm_fp8") {
    usual_ = fp8(1, 0, Scale::f32, 4);
  } else if (method == "mxfp4") {
    usual_ = with_name(
        {.name = {}, .elements = Elements::e2m1, .bits = 4, .group_cols = 32, .scale = Scale::e8m0});
    experts_alone_ = true;
  } else {
    config.fail_at("quant_method", "is \"" + method.substr(0, 60) + "\"",
                   "known: awq, bitsandbytes, compressed-tensors, fbgemm_fp8, fp8, gptq, mxfp4 and MLX; "
                   "--set /model/quantization_config=null sizes the model as published");
  }
  text_ = method + ": " + usual_->name;
}

std::optional<Quantisation> Quantisation::read(JsonReader& model, DType type) {
  Quantisation found;
  for (const char* key : {"quantization_config", "quantization"}) {
    if (!model.has(key)) continue;
    const Json* object = model.find(key);
    if (!object->is_object())
      model.fail_at(key, "is " + object->dump().substr(0, 60), "it must be an object or null");
    JsonReader config = model.child(*object, key);
    if (object->contains("quant_method")) {
      found.read_method(config, type);
    } else if (object->contains("bits") && object->contains("group_size")) {
      config.ignore_rest();
      found.read_mlx(config, type);
      found.text_ = "MLX: " + found.usual_->name;
    } else {
      model.fail_at(key, "names no quant_method", "it says how weights are stored: \"gptq\", \"awq\", ...");
    }
    return found;
  }
  return std::nullopt;
}

std::optional<Quantisation> Quantisation::named(const std::string& name, DType type) {
  Quantisation made;
  if (name == "fp8") made.usual_ = fp8(1, 0);
  if (name == "int8") made.usual_ = with_name({.name = {}, .is_signed = true, .multiplied = DType::i8});
  if (name == "int4")
    made.usual_ = with_name({.name = {}, .bits = 4, .group_cols = 128, .scale = scale_of(type)});
  if (!made.usual_) return std::nullopt;
  made.text_ = made.usual_->name;
  return made;
}

std::optional<WeightFormat> Quantisation::format_of(const std::string& module, std::int64_t cols) const {
  if (const auto own = by_module_.find(module); own != by_module_.end()) return own->second;
  const bool head = module.ends_with("lm_head"),
             embedding = module.ends_with("embed_tokens") || module.ends_with("wte");
  if ((head && !head_) || (embedding && !embedding_) || (is_router(module) && !router_)) return std::nullopt;
  if (experts_alone_ && module.find(".experts") == std::string::npos) return std::nullopt;
  if (std::ranges::any_of(skipped_, [&](const std::string& rule) { return matches(module, rule); }))
    return std::nullopt;
  WeightFormat format = *usual_;
  if (format.group_cols > cols) format.group_cols = 0;
  return format;
}

}  // namespace assay
