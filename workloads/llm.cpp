// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm.h"

#include <algorithm>

#include "workloads/hf_fields.h"
#include "workloads/llm_entry.h"

namespace assay {
namespace {

constexpr double kMaxTokens = 1 << 30;  // rows of a matrix; kernels count them in 32 bits
constexpr double kMaxBytes = 1e15;      // a petabyte: more is a typing error, and sizes must not overflow

/// The longest sequence that a model is made for; nothing where its rotary embedding stretches as it needs
/// to.
std::optional<std::int64_t> longest_sequence(const DecoderConfig& c) {
  using Kind = RotaryConfig::Kind;
  if (c.gpt2) return c.max_positions;
  const auto stretched = [&](std::int64_t trained) {
    return std::max(c.max_positions,
                    static_cast<std::int64_t>(static_cast<double>(trained) * c.rotary.factor));
  };
  switch (c.rotary.kind) {
    case Kind::standard:
    case Kind::llama3:
    case Kind::longrope: return c.max_positions;
    // max_position_embeddings is what comes of stretching, or what there was before.
    case Kind::yarn: return stretched(c.rotary.original_positions);
    case Kind::linear: return stretched(c.max_positions);
    case Kind::dynamic: return std::nullopt;
  }
  return std::nullopt;
}

void check_sizes(const JsonReader& config, const LlmCase& one) {
  const DecoderConfig& c = one.model;
  const auto batch = static_cast<double>(one.load.batch), capacity = static_cast<double>(one.capacity());
  if (batch * capacity > kMaxTokens)
    config.fail_at("load",
                   "asks for " + Json(batch * capacity).dump() + " tokens (batch x all tokens of a sequence)",
                   "at most 1073741824 are supported");
  const double cache = static_cast<double>(c.cached_elements()) * batch * capacity;
  const double attention = static_cast<double>(c.latent ? c.latent->heads.q_width() : c.qkv_width());
  const double experts = c.experts ? static_cast<double>(c.experts->used) *
                                         static_cast<double>(std::max(2 * c.experts->width, c.hidden))
                                   : 0;
  const double widest =
      std::max({static_cast<double>(std::max(2 * c.intermediate, c.vocab)), attention, experts});
  if ((cache + widest * batch * capacity) * 4 > kMaxBytes)
    config.fail_at("load", "needs over a petabyte of KV cache and activations",
                   "use a smaller batch or fewer tokens");
  if (const auto longest = longest_sequence(c); longest && one.capacity() > *longest)
    config.fail_at("load", "needs " + std::to_string(one.capacity()) + " positions",
                   c.architecture + (c.gpt2 ? " has learned " : " is made for ") + std::to_string(*longest) +
                       ": prompt_tokens + generate_tokens must not exceed them");
}

class LlmModel final : public ParsedModel {
 public:
  explicit LlmModel(DecoderConfig decoder) : decoder_(std::move(decoder)) {}
  Plan plan(JsonReader& config) const override { return plan_of(config, false); }
  Plan plan_to_size(JsonReader& config) const override { return plan_of(config, true); }

 private:
  Plan plan_of(JsonReader& config, bool sized) const;
  const DecoderConfig decoder_;
};

/// The config's dtype: of weights and activations; or of weights alone, where it is one of few bits.
void read_format(JsonReader& config, LlmCase& one) {
  std::string format = std::string(name(DType::bf16));
  config.field("dtype", format);
  const auto dtype = dtype_from(format);
  one.quantisation = one.model.quantisation;
  if (dtype && is_floating(*dtype) && *dtype != DType::f8e4m3) {
    one.dtype = *dtype;
  } else {
    const DType published = one.model.published_dtype.value_or(DType::bf16);
    one.dtype = published == DType::f16 ? DType::f16 : DType::bf16;
    one.quantisation = Quantisation::named(format, one.dtype);
    if (!one.quantisation)
      config.fail_at("dtype", "is \"" + format + "\"",
                     "models run in f32, tf32, f16 or bf16, and are sized in fp8, int8 and int4 besides");
  }
  if (one.dtype == DType::tf32 && (one.model.experts || one.model.latent || one.quantisation))
    config.fail_at("dtype", "is \"tf32\"", "such models are sized in f32, f16 and bf16");
}

Plan LlmModel::plan_of(JsonReader& config, bool sized) const {
  LlmCase one;
  one.sized = sized;
  one.model = decoder_;
  read_format(config, one);
  config.field("load", one.load);
  config.field("seed", one.seed, {.min = 0});
  std::string name = one.model.architecture;
  config.field("model_name", name);
  check_sizes(config, one);
  Plan plan = llm_plan(one, name);
  if (const std::string note = hf::dtype_note(one.model.published_dtype, one.storage(), one.dtype);
      !note.empty())
    plan.notes.push_back(note);
  const std::int64_t window = *std::ranges::max_element(decoder_.windows);
  if (window > 0 && window < one.capacity())
    plan.notes.push_back("The cache keeps all tokens, also of layers that see " + std::to_string(window) +
                         ": an engine that drops what a window has passed needs less.");
  if (one.quantisation) plan.notes.push_back("Weights are stored as " + one.quantisation->text() + ".");
  return plan;
}

void add_schema(SchemaWriter& schema) {
  const Json model = {
      {"anyOf", Json::array({Json{{"type", "string"}, {"description", "its path, from this file"}},
                             Json{{"type", "object"}, {"description", "its contents"}}})}};
  schema.add("model", model, {.doc = "a Hugging Face config.json of a decoder-only model", .required = true});
  schema.add("load", schema.schema_of<LlmLoad>(), {.doc = "what is generated; a list is a sweep axis"});
}

Json default_load() {
  return JsonWriter::write(LlmLoad{});
}

std::shared_ptr<const ParsedModel> read_model(JsonReader& model) {
  return std::make_shared<const LlmModel>(read_decoder(model));
}

}  // namespace

std::optional<DType> LlmCase::kv_stored() const {
  std::optional<DType> asked;
  switch (load.kv_dtype) {
    case KvType::as_activations: break;
    case KvType::f32: asked = DType::f32; break;
    case KvType::f16: asked = DType::f16; break;
    case KvType::bf16: asked = DType::bf16; break;
    case KvType::fp8: asked = DType::f8e4m3; break;
  }
  return asked == storage() ? std::nullopt : asked;
}

WorkloadEntry llm_entry() {
  return {.name = "llm",
          .summary = "text generation with a decoder-only model: prefill, then a token a step",
          .read_model = read_model,
          .schema = add_schema,
          .default_load = default_load,
          .takes_model = is_decoder,
          .grows = {.batch = "batch", .prompt = "prompt_tokens", .generated = "generate_tokens"}};
}

}  // namespace assay
