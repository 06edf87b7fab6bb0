// SPDX-License-Identifier: Apache-2.0
// The forward pass of a decoder, as straight-line code. Both stages share the layers: prefill takes whole
// prompts through attention over themselves and fills the KV cache, decode takes one token a sequence through
// attention over the cache.
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "kernels/attention_decode/attention_decode.h"
#include "kernels/attention_prefill/attention_prefill.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gated/gated.h"
#include "kernels/kv_write/kv_write.h"
#include "kernels/layernorm/layernorm.h"
#include "kernels/matmul/matmul.h"
#include "kernels/rmsnorm/rmsnorm.h"
#include "kernels/rope/rope.h"
#include "kernels/sample/sample.h"
#include "plan/fill_function.h"
#include "workloads/llm_weights.h"

namespace assay {
namespace {

class Emitter {
 public:
  Emitter(const LlmCase& one, const std::string& name)
      : one_(one), c_(one.model), load_(one.load), type_(one.storage()), plan_("llm", name) {
    plan_.in_flight = load_.in_flight;
    weights_ = add_weights(plan_, one);
    add_inputs();
    add_states();
  }

  Plan emit() {
    emit_prefill();
    add_output("prefill logits", {});
    add_prefill_metrics();
    if (load_.generate_tokens > 1) {
      emit_decode();
      // Fed tokens of the seed: those that two devices chose may differ by rounding, and all that follows
      // with them.
      add_output("decode logits", {{token_, Fill::index(c_.vocab)}});
      add_decode_metrics();
    }
    if (plan_.in_flight > 1) add_window_metrics();
    add_facts();
    return std::move(plan_);
  }

 private:
  void add_inputs() {
    const std::int64_t tokens = load_.batch * load_.prompt_tokens;
    prompt_ids_ = plan_.input({"prompt_ids", {tokens}, DType::i32, Fill::index(c_.vocab)});
    prompt_positions_ =
        plan_.input({"prompt_positions", {tokens}, DType::i32, Fill::cycle(load_.prompt_tokens)});
    last_rows_ = plan_.input({"last_rows",
                              {load_.batch},
                              DType::i32,
                              Fill::cycle(load_.batch, load_.prompt_tokens - 1, load_.prompt_tokens)});
    block_table_ = plan_.input({"block_table", cache_shape().table_shape(), DType::i32, Fill::permutation()});
    if (!c_.gpt2)
      rotary_table_ =
          plan_.input({"rotary_table",
                       {one_.capacity(), c_.head_dim / 2, 2},
                       DType::f32,
                       Fill::values(rotary_table(c_.rotary, load_.prompt_tokens, one_.capacity()))});
  }

  void add_states() {
    // The position of the last token that was processed; sampling moves it on to the one it chose.
    positions_ =
        plan_.state({"positions", {load_.batch}, DType::i32, Fill::constant(load_.prompt_tokens - 1)});
    token_ = plan_.state({"token", {load_.batch}, DType::i32, Fill::constant(0)});
    history_ = plan_.state({"history", {load_.batch, one_.capacity()}, DType::i32, Fill::constant(0)});
    for (std::int64_t i = 0; i < c_.layers; ++i) {
      const std::string layer = "layers." + std::to_string(i) + ".";
      k_cache_.push_back(
          plan_.state({layer + "k_cache", cache_shape().shape(), type_, Fill::normal()}, Reset::left_over));
      v_cache_.push_back(
          plan_.state({layer + "v_cache", cache_shape().shape(), type_, Fill::normal()}, Reset::left_over));
    }
  }

  void emit_prefill() {
    rows_ = load_.batch * load_.prompt_tokens;
    stage_ = &plan_.stage("prefill", 1, static_cast<double>(rows_), "token");
    token_positions_ = prompt_positions_;
    embed(prompt_ids_);
    for (std::int64_t i = 0; i < c_.layers; ++i) emit_layer(i);
    // Only the last token of each prompt goes on; both halves of its residual stream are taken.
    const auto gather = [&](const std::string& name, Value from) {
      return run(name, "last_token",
                 Embedding({.rows = load_.batch, .vocab = rows_, .width = c_.hidden, .type = type_}),
                 {last_rows_, from})[0];
    };
    delta_ = gather("last_token", *delta_);
    residual_ = gather("last_token_residual", residual_);
    rows_ = load_.batch;
    emit_head();
  }

  void emit_decode() {
    rows_ = load_.batch;
    stage_ = &plan_.stage("decode", load_.generate_tokens - 1, static_cast<double>(rows_), "token");
    token_positions_ = positions_;
    embed(token_);
    for (std::int64_t i = 0; i < c_.layers; ++i) emit_layer(i);
    emit_head();
  }

  bool decoding() const { return stage_->name == "decode"; }
  // Tokens a decode step attends to: from prompt + 1 to prompt + generate - 1, and this on average.
  std::int64_t mean_context() const {
    return load_.prompt_tokens + std::max<std::int64_t>(1, load_.generate_tokens / 2);
  }

  void embed(Value ids) {
    Embedding::Params p{.rows = rows_, .vocab = c_.vocab, .width = c_.hidden, .type = type_};
    if (!decoding())  // of the first pass: what a decode step looks up, the model decides
      p.distinct_rows = distinct_rows(plan_.tensor(ids).spec.fill, rows_,
                                      random_key(one_.seed, plan_.tensor(ids).spec.name));
    // transformers multiplies in the model's own dtype, so the scale is rounded to it: 59.75 in bf16 for
    // 3584.
    if (c_.scaled_embedding) p.scale = rounded(std::sqrt(static_cast<double>(c_.hidden)));
    std::vector<Value> in = {ids, weights_.embedding};
    if (c_.gpt2) {
      p.positions = c_.max_positions;
      in.insert(in.end(), {token_positions_, *weights_.position_embedding});
    }
    residual_ = run("embedding", "embedding", Embedding(p), in)[0];
    delta_.reset();
  }

  /// One transformer layer: `residual_` + `delta_` is the stream that comes in and goes out; adding the two
  /// is left to the next normalisation.
  void emit_layer(std::int64_t i) {
    const LayerWeights& w = weights_.layers[static_cast<std::size_t>(i)];
    layer_ = "layers." + std::to_string(i) + ".";

    const Value x = add_and_norm("input_norm", w.input_norm);
    Value qkv = linear("qkv", x, w.qkv, c_.qkv_width(), c_.hidden);
    if (!c_.gpt2) qkv = rotate(qkv, w);
    write_cache(i, qkv);
    const Value y = decoding() ? attend_cache(i, qkv) : attend_prompt(i, qkv);
    delta_ = linear("attention_out", y, w.attention_out, c_.hidden, c_.q_width());
    if (w.attention_post_norm) delta_ = norm("attention_post_norm", *delta_, *w.attention_post_norm);

    const Value h = add_and_norm("mlp_norm", w.mlp_norm);
    delta_ = c_.gpt2 ? plain_mlp(h, w) : gated_mlp(h, w);
    if (w.mlp_post_norm) delta_ = norm("mlp_post_norm", *delta_, *w.mlp_post_norm);
  }

  Value rotate(Value qkv, const LayerWeights& w) {
    std::vector<Value> in = {qkv, token_positions_, rotary_table_};
    if (c_.qk_norm) in.insert(in.end(), {*w.q_norm, *w.k_norm});
    return run(layer_ + "rope", "rope",
               Rope({.tokens = rows_,
                     .q_heads = c_.q_heads,
                     .kv_heads = c_.kv_heads,
                     .head_dim = c_.head_dim,
                     .positions = one_.capacity(),
                     .type = type_,
                     .qk_norm = c_.qk_norm,
                     .eps = static_cast<float>(c_.norm_eps)}),
               in)[0];
  }

  void write_cache(std::int64_t i, Value qkv) {
    const auto layer = static_cast<std::size_t>(i);
    run(layer_ + "kv_write", "kv_write",
        KvWrite({.tokens = rows_,
                 .q_heads = c_.q_heads,
                 .cache = cache_shape(),
                 .first_position = decoding() ? mean_context() - 1 : 0}),
        {qkv, token_positions_, block_table_, k_cache_[layer], v_cache_[layer]});
  }

  Value attend_prompt(std::int64_t i, Value qkv) {
    return run(layer_ + "attention", "attention",
               AttentionPrefill({.sequences = load_.batch,
                                 .tokens = load_.prompt_tokens,
                                 .q_heads = c_.q_heads,
                                 .kv_heads = c_.kv_heads,
                                 .head_dim = c_.head_dim,
                                 .type = type_,
                                 .scale = scale(i),
                                 .window = window(i),
                                 .softcap = softcap()}),
               {qkv})[0];
  }

  Value attend_cache(std::int64_t i, Value qkv) {
    const auto layer = static_cast<std::size_t>(i);
    return run(layer_ + "attention", "attention",
               AttentionDecode({.q_heads = c_.q_heads,
                                .cache = cache_shape(),
                                .context = mean_context(),
                                .scale = scale(i),
                                .window = window(i),
                                .softcap = softcap()}),
               {qkv, positions_, block_table_, k_cache_[layer], v_cache_[layer]})[0];
  }

  Value gated_mlp(Value x, const LayerWeights& w) {
    const Value gate_up = linear("gate_up", x, w.mlp_in, 2 * c_.intermediate, c_.hidden);
    const Value y =
        run(layer_ + "gated", "gated",
            Gated({.rows = rows_, .cols = c_.intermediate, .type = type_, .activation = c_.activation}),
            {gate_up})[0];
    return linear("down", y, w.mlp_out, c_.hidden, c_.intermediate);
  }

  Value plain_mlp(Value x, const LayerWeights& w) {
    const Value y = linear("up", x, w.mlp_in, c_.intermediate, c_.hidden, c_.activation);
    return linear("down", y, w.mlp_out, c_.hidden, c_.intermediate);
  }

  void emit_head() {
    layer_.clear();
    const Value x = add_and_norm("final_norm", weights_.final_norm);
    const bool capped = c_.logit_softcap > 0;
    logits_ = linear("lm_head", x, {weights_.lm_head, {}}, c_.vocab, c_.hidden,
                     capped ? Activation::softcap : Activation::none, static_cast<float>(c_.logit_softcap));
    run("sample", "sample",
        Sample({.sequences = load_.batch,
                .vocab = c_.vocab,
                .capacity = one_.capacity(),
                .type = type_,
                .temperature = static_cast<float>(load_.temperature),
                .top_k = load_.top_k,
                .top_p = static_cast<float>(load_.top_p),
                .seed = one_.seed,
                .first_position = decoding() ? mean_context() - 1 : load_.prompt_tokens - 1}),
        {logits_, positions_, history_}, {token_, {}, {}});
  }

  /// residual_ += delta_ (where there is one), and the norm of the sum.
  Value add_and_norm(const std::string& label, const NormWeights& w) {
    return delta_ ? norm(label, *delta_, w, residual_) : norm(label, residual_, w);
  }

  Value norm(const std::string& label, Value x, const NormWeights& w, std::optional<Value> residual = {}) {
    const auto eps = static_cast<float>(c_.norm_eps);
    std::vector<Value> in = {x, w.gain};
    if (w.offset) in.push_back(*w.offset);
    if (residual) in.push_back(*residual);
    if (c_.gpt2)
      return run(layer_ + label, label,
                 LayerNorm({.rows = rows_,
                            .cols = c_.hidden,
                            .type = type_,
                            .residual = residual.has_value(),
                            .eps = eps}),
                 in)[0];
    return run(layer_ + label, label,
               RmsNorm({.rows = rows_,
                        .cols = c_.hidden,
                        .type = type_,
                        .residual = residual.has_value(),
                        .eps = eps,
                        .weight_offset = c_.norm_adds_one ? 1.0f : 0.0f}),
               in)[0];
  }

  Value linear(const std::string& label, Value x, const LinearWeights& w, std::int64_t n, std::int64_t k,
               Activation activation = Activation::none, float cap = 0) {
    std::vector<Value> in = {x, w.weight};
    if (w.bias) in.push_back(*w.bias);
    return run(layer_ + label, label,
               MatMul({.m = rows_,
                       .n = n,
                       .k = k,
                       .type = one_.dtype,
                       .out = type_,
                       .bias = w.bias.has_value(),
                       .activation = activation,
                       .cap = cap}),
               in)[0];
  }

  template <typename T>
  std::vector<Value> run(std::string name, std::string label, T op, const std::vector<Value>& in,
                         const std::vector<std::optional<Value>>& into = {}) {
    return plan_.run(*stage_, std::move(name), std::move(label), std::make_shared<const T>(std::move(op)), in,
                     into);
  }

  KvCache cache_shape() const {
    return {.sequences = load_.batch,
            .capacity = one_.capacity(),
            .kv_heads = c_.kv_heads,
            .head_dim = c_.head_dim,
            .type = type_};
  }
  float scale(std::int64_t i) const {
    return static_cast<float>(c_.attention_scales[static_cast<std::size_t>(i)]);
  }
  /// A window that the sequence never outgrows is none.
  std::int64_t window(std::int64_t i) const {
    const std::int64_t tokens = c_.windows[static_cast<std::size_t>(i)];
    return tokens < one_.capacity() ? tokens : 0;
  }
  float softcap() const { return static_cast<float>(c_.attention_softcap); }
  float rounded(double value) const {
    float stored = 0;  // wide enough for every dtype
    store_element(type_, &stored, 0, value);
    return static_cast<float>(load_element(type_, &stored, 0));
  }

  void add_facts();
  void add_output(const std::string& name, std::vector<Output::Pin> pins);
  void add_prefill_metrics();
  void add_decode_metrics();
  void add_window_metrics();
  /// Of a lane among several a share of the whole device's peak would say little: windows have it.
  void add_alone(MetricSpec metric) {
    if (plan_.in_flight == 1) plan_.metrics.push_back(std::move(metric));
  }

  const LlmCase& one_;
  const DecoderConfig& c_;
  const LlmLoad& load_;
  const DType type_;
  Plan plan_;
  DecoderWeights weights_;
  Value prompt_ids_, prompt_positions_, last_rows_, block_table_, rotary_table_;
  Value positions_, token_, history_;
  std::vector<Value> k_cache_, v_cache_;  // a layer each

  // Where emission stands.
  Stage* stage_ = nullptr;
  std::int64_t rows_ = 0;       // tokens that go through the layers together
  Value token_positions_;       // of those tokens
  std::string layer_;           // "layers.3."
  Value residual_;              // [rows, hidden]
  std::optional<Value> delta_;  // [rows, hidden]; what the last sublayer adds to residual_
  Value logits_;
};

void Emitter::add_facts() {
  std::int64_t parameters = 0;
  for (const PlanTensor& tensor : plan_.tensors())
    if (tensor.role == Role::weight) parameters += tensor.spec.elements();
  plan_.facts = {{"architecture", c_.architecture, "", "The model's class in Hugging Face transformers."},
                 {"parameters", parameters, "1", "Elements of all weights; tied weights count once."},
                 {"active_parameters", parameters, "1",
                  "Parameters that one token uses, the embedding table included: all of them, since the "
                  "model is dense."},
                 {"kv_bytes_per_token", c_.layers * 2 * c_.kv_width() * bytes_of(type_), "B",
                  "Bytes that the KV cache of all layers takes for each token of each sequence."}};
}

/// Both devices round at each of about eleven places a layer where the residual stream passes, and in the
/// sums of their products, independently: their logits differ by the square root of the number of roundings.
/// The last factor is what a model may do to them.
void Emitter::add_output(const std::string& name, std::vector<Output::Pin> pins) {
  constexpr double kPlaces = 11, kGrowth = 4;
  const double roundings = 2 * kPlaces * static_cast<double>(c_.layers);
  const std::int64_t k = std::max(c_.hidden, c_.intermediate);
  const Tolerance::Factor stored =
      epsilon_factor(one_.dtype);  // tf32 rounds more coarsely than what it is stored in
  const Tolerance::Factor summed = epsilon_factor(DType::f32);
  plan_.outputs.push_back(
      {.name = name,
       .value = logits_,
       .stage = stage_->name,
       .pins = std::move(pins),
       .tolerance = {
           {{"(" + stored.name + " + sqrt(K=" + std::to_string(k) + ") x " + summed.name + ")",
             stored.value + std::sqrt(static_cast<double>(k)) * summed.value},
            {"sqrt(2 x 11 roundings x " + std::to_string(c_.layers) + " layers)", std::sqrt(roundings)},
            {"4 (growth through a model)", kGrowth}}}});
}

void Emitter::add_prefill_metrics() {
  const std::string of = stage_series("prefill");
  plan_.metrics.push_back(
      {.name = "time_to_first_token_s",
       .of = of,
       .unit = "s",
       .definition =
           "From prompts in device memory to the first token of every sequence: one prefill pass of the "
           "whole batch, sampling included; no queueing, tokenisation or transfer."});
  add_alone({.name = "prefill_tokens_per_s",
             .of = of,
             .unit = "tokens/s",
             .definition = "Prompt tokens of the whole batch divided by the time of the prefill pass.",
             .amount = stage_->items});
  add_alone({.name = "prefill_flop_utilisation",
             .of = of,
             .unit = "1",
             .definition =
                 "Model FLOP utilisation: FLOPs that the prefill pass needs by its shapes (a multiply-add is "
                 "2, only unmasked attention counts), divided by its time and by the device's peak for this "
                 "number format, probed beside it.",
             .amount = stage_->cost().flops,
             .share = one_.dtype});
}

void Emitter::add_decode_metrics() {
  const std::string of = stage_series("decode");
  plan_.metrics.push_back(
      {.name = "inter_token_latency_s",
       .of = of,
       .unit = "s",
       .definition =
           "One decode step: the time between a token and the next of the same sequence, over the growing "
           "context, sampling included."});
  add_alone({.name = "output_tokens_per_s",
             .of = of,
             .unit = "tokens/s",
             .definition =
                 "Tokens that all sequences of the batch gain in a decode step, divided by its time; prefill "
                 "is not in it.",
             .amount = stage_->items});
  add_alone(
      {.name = "decode_bandwidth_utilisation",
       .of = of,
       .unit = "1",
       .definition =
           "Model bandwidth utilisation: bytes that a decode step must move (weights once, the KV cache "
           "up to the mean context, activations), divided by its time and by the device's peak memory "
           "bandwidth, probed beside it.",
       .amount = stage_->cost().memory().both(),
       .share = Path::memory});
}

void Emitter::add_window_metrics() {
  const auto lanes = static_cast<double>(plan_.in_flight), batch = static_cast<double>(load_.batch);
  const std::string of(kWindowSeries);
  const Cost cost = plan_.pass_cost();
  plan_.metrics.insert(
      plan_.metrics.end(),
      {{.name = "pass_latency_s",
        .of = std::string(kPassSeries),
        .unit = "s",
        .definition = "From prompts in device memory to the last token of a batch, by the host's clock, "
                      "while the other "
                      "batches in flight are processed."},
       {.name = "sustained_output_tokens_per_s",
        .of = of,
        .unit = "tokens/s",
        .definition =
            "Generated tokens of all batches in flight, divided by the time in which as many batches end as "
            "are in flight: prefill, decode and the making of the next prompts are in it.",
        .amount = lanes * batch * static_cast<double>(load_.generate_tokens)},
       {.name = "sequences_per_s",
        .of = of,
        .unit = "sequences/s",
        .definition = "Sequences that end in that time, divided by it.",
        .amount = lanes * batch},
       {.name = "flop_utilisation",
        .of = of,
        .unit = "1",
        .definition =
            "FLOPs that those passes need by their shapes, divided by that time and by the device's peak for "
            "this number format, probed beside it.",
        .amount = lanes * cost.flops,
        .share = one_.dtype},
       {.name = "bandwidth_utilisation",
        .of = of,
        .unit = "1",
        .definition = "Bytes that those passes must move by their shapes (every pass its weights), divided "
                      "by that time "
                      "and by the device's peak memory bandwidth, probed beside it.",
        .amount = lanes * cost.memory().both(),
        .share = Path::memory}});
  plan_.notes.push_back(
      "Several batches are in flight: times of stages are those of one lane beside the others. Operations "
      "are "
      "timed alone, on the share of the CPU's cores that a lane has, or on the whole GPU; their shares of a "
      "peak "
      "are of the whole device's.");
}

}  // namespace

Plan llm_plan(const LlmCase& one, const std::string& name) {
  return Emitter(one, name).emit();
}

}  // namespace assay
