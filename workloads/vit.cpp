// SPDX-License-Identifier: Apache-2.0
// A vision transformer: patches as tokens, a token of its own for the class, normalisation before each
// sublayer. Names of weights: transformers', and torchvision's.
#include <array>

#include "kernels/attention_prefill/attention_prefill.h"
#include "kernels/embedding/embedding.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/tokens/tokens.h"
#include "workloads/vision_networks.h"

namespace assay {
namespace {

constexpr double kGainDeviation = 0.1, kShiftDeviation = 0.1;
constexpr double kPositionDeviation = 0.5;
constexpr double kBranchGain = 0.5;  // of what a sublayer adds
constexpr double kLogitGain = 2;

class VitEmitter {
 public:
  VitEmitter(NetworkEmitter& e, const VisionModel& m, Value class_rows)
      : e_(e),
        m_(m),
        c_(m.vit),
        patches_((m.image / c_.patch) * (m.image / c_.patch)),
        tokens_(patches_ + 1),
        rows_(e.batch() * tokens_),
        class_rows_(class_rows) {}

  Value emit(Value patches) {
    embed(patches);
    for (std::int64_t i = 0; i < c_.layers; ++i) layer(i);
    const Value token = class_tokens();
    return e_.linear({.label = "classifier",
                      .name = "classifier",
                      .rows = e_.batch(),
                      .inputs = c_.hidden,
                      .outputs = m_.labels,
                      .gain = kLogitGain,
                      .stored = {"classifier"},
                      .also = {"heads.head"},
                      .out = DType::f32},
                     token);
  }

 private:
  void embed(Value patches) {
    const std::int64_t width = 3 * c_.patch * c_.patch;
    const Value rows = e_.linear({.label = "patch_embedding",
                                  .name = "patch_embedding",
                                  .rows = e_.batch() * patches_,
                                  .inputs = width,
                                  .outputs = c_.hidden,
                                  .stored = {kHf + "embeddings.patch_embeddings.projection"},
                                  .also = {"conv_proj"},
                                  .order = WeightSource::Order::reshaped},
                                 patches);
    const Value first = e_.weight("class_token", {c_.hidden}, 1,
                                  {.tensors = {kHf + "embeddings.cls_token"},
                                   .order = WeightSource::Order::reshaped,
                                   .also = {"class_token"}});
    const Value positions = e_.weight("positions", {tokens_, c_.hidden}, kPositionDeviation,
                                      {.tensors = {kHf + "embeddings.position_embeddings"},
                                       .order = WeightSource::Order::reshaped,
                                       .also = {"encoder.pos_embedding"}});
    stream_ =
        e_.run("tokens", "tokens",
               Tokens({.images = e_.batch(), .patches = patches_, .width = c_.hidden, .type = e_.type()}),
               {rows, first, positions})[0];
  }

  void layer(std::int64_t i) {
    name_ = "layers." + std::to_string(i) + ".";
    const std::string hf = kHf + "encoder.layer." + std::to_string(i) + ".";
    const std::string torch = "encoder.layers.encoder_layer_" + std::to_string(i) + ".";
    const Value x = norm("attention_norm", {hf + "layernorm_before", torch + "ln_1"}, rows_);
    const Value qkv = linear(
        "qkv", x, 3 * c_.hidden, c_.hidden, 1,
        {hf + "attention.attention.query", hf + "attention.attention.key", hf + "attention.attention.value"},
        torch + "self_attention.in_proj", c_.qkv_bias);
    const AttentionPrefill attention({.sequences = e_.batch(),
                                      .tokens = tokens_,
                                      .q_heads = c_.heads,
                                      .kv_heads = c_.heads,
                                      .head_dim = c_.hidden / c_.heads,
                                      .type = e_.type(),
                                      .causal = false});
    const Value y = e_.run(name_ + "attention", "attention", attention, {qkv})[0];
    e_.count_rounding(tokens_);
    // Scores and sums over the values: tokens^2 products of each head's width, twice.
    e_.count_multiply_adds(2.0 * static_cast<double>(rows_) * static_cast<double>(tokens_) *
                           static_cast<double>(c_.hidden));
    delta_ = linear("attention_out", y, c_.hidden, c_.hidden, kBranchGain, {hf + "attention.output.dense"},
                    torch + "self_attention.out_proj");
    const Value h = norm("mlp_norm", {hf + "layernorm_after", torch + "ln_2"}, rows_);
    const Value up = linear("mlp_up", h, c_.intermediate, c_.hidden, 1, {hf + "intermediate.dense"},
                            torch + "mlp.0", true, c_.activation);
    delta_ = linear("mlp_down", up, c_.hidden, c_.intermediate, kBranchGain, {hf + "output.dense"},
                    torch + "mlp.3");
  }

  Value linear(const std::string& label, Value x, std::int64_t outputs, std::int64_t inputs, double gain,
               std::vector<std::string> stored, const std::string& also, bool bias = true,
               Activation activation = Activation::none) {
    return e_.linear({.label = label,
                      .name = name_ + label,
                      .rows = rows_,
                      .inputs = inputs,
                      .outputs = outputs,
                      .gain = gain,
                      .stored = std::move(stored),
                      .also = {also},
                      .activation = activation,
                      .bias = bias},
                     x);
  }

  /// The stream and what the last sublayer adds to it, added up and normalised. Its first name is
  /// transformers', its second torchvision's.
  Value norm(const std::string& label, const std::array<std::string, 2>& stored, std::int64_t rows) {
    const std::string name = name_ + label;
    const auto parameter = [&](const char* what, double deviation, double mean) {
      const std::string suffix = std::string(".") + what;
      return e_.weight(name + suffix, {c_.hidden}, deviation,
                       {.tensors = {stored[0] + suffix}, .also = {stored[1] + suffix}}, mean);
    };
    std::vector<Value> in = {stream_, parameter("weight", kGainDeviation, 1),
                             parameter("bias", kShiftDeviation, 0)};
    const LayerNorm op({.rows = rows,
                        .cols = c_.hidden,
                        .type = e_.type(),
                        .residual = delta_.has_value(),
                        .eps = static_cast<float>(c_.eps)});
    if (delta_) {
      in[0] = *delta_;
      in.push_back(stream_);
    }
    const std::vector<Value> out = e_.run(name, label, op, in);
    e_.count_rounding(c_.hidden);
    if (delta_) stream_ = out[1];
    delta_.reset();
    return out[0];
  }

  /// What the class is read from. Only these rows are normalised at the end: the others go nowhere.
  Value class_tokens() {
    name_.clear();
    const auto rows = [&](const char* name, Value of) {
      const Embedding op({.rows = e_.batch(), .vocab = rows_, .width = c_.hidden, .type = e_.type()});
      return e_.run(name, "class_token", op, {class_rows_, of})[0];
    };
    stream_ = rows("class_token", stream_);
    delta_ = rows("class_token_delta", *delta_);
    return norm("final_norm", {kHf + "layernorm", "encoder.ln"}, e_.batch());
  }

  inline static const std::string kHf = "vit.";

  NetworkEmitter& e_;
  const VisionModel& m_;
  const VitConfig& c_;
  const std::int64_t patches_, tokens_, rows_;
  const Value class_rows_;  // i32 [batch]: where each image's class token stands
  Value stream_;
  std::optional<Value> delta_;  // of the last sublayer, not yet added
  std::string name_;
};

}  // namespace

Value emit_vit(NetworkEmitter& e, const VisionModel& model, Value patches, Value class_rows) {
  return VitEmitter(e, model, class_rows).emit(patches);
}

}  // namespace assay
