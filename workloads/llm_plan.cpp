// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "kernels/embedding/embedding.h"
#include "kernels/quantised_embedding/quantised_embedding.h"
#include "kernels/sample/sample.h"
#include "plan/fill_function.h"
#include "workloads/llm_emitter.h"

namespace assay {
namespace {

double rounded(double value, DType type) {
  float stored = 0;  // wide enough for every dtype
  store_element(type, &stored, 0, value);
  return load_element(type, &stored, 0);
}

}  // namespace

LlmEmitter::LlmEmitter(const LlmCase& one, const std::string& name)
    : one_(one), c_(one.model), load_(one.load), type_(one.storage()), plan_("llm", name) {
  plan_.in_flight = load_.in_flight;
  weights_ = add_weights(plan_, one);
  add_inputs();
  add_states();
}

Plan LlmEmitter::emit() {
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

void LlmEmitter::add_inputs() {
  const std::int64_t tokens = load_.batch * load_.prompt_tokens;
  prompt_ids_ = plan_.input({"prompt_ids", {tokens}, DType::i32, Fill::index(c_.vocab)});
  prompt_positions_ =
      plan_.input({"prompt_positions", {tokens}, DType::i32, Fill::cycle(load_.prompt_tokens)});
  last_rows_ = plan_.input({"last_rows",
                            {load_.batch},
                            DType::i32,
                            Fill::cycle(load_.batch, load_.prompt_tokens - 1, load_.prompt_tokens)});
  block_table_ = plan_.input({"block_table", cache_shape().table_shape(), DType::i32, Fill::permutation()});
  if (c_.gpt2) return;
  const auto table = [&](const std::string& name, const RotaryConfig& rotary) {
    return plan_.input({name,
                        {one_.capacity(), rotary.head_dim / 2, 2},
                        DType::f32,
                        Fill::values(one_.capacity() * (rotary.head_dim / 2) * 2,
                                     [rotary, prompt = load_.prompt_tokens, positions = one_.capacity()] {
                                       return rotary_table(rotary, prompt, positions);
                                     })});
  };
  rotary_table_ = table("rotary_table", c_.rotary);
  if (c_.local_rotary) local_rotary_table_ = table("local_rotary_table", *c_.local_rotary);
}

void LlmEmitter::add_states() {
  // The position of the last token that was processed; sampling moves it on to the one it chose.
  positions_ = plan_.state({"positions", {load_.batch}, DType::i32, Fill::constant(load_.prompt_tokens - 1)});
  token_ = plan_.state({"token", {load_.batch}, DType::i32, Fill::constant(0)});
  history_ = plan_.state({"history", {load_.batch, one_.capacity()}, DType::i32, Fill::constant(0)});
  const KvCache cache = cache_shape();
  const auto kept = [&](const std::string& name) {
    return plan_.state({name, cache.shape(), cache.element(), Fill::normal()}, Reset::left_over);
  };
  for (std::int64_t i = 0; i < c_.layers; ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    k_cache_.push_back(kept(layer + (c_.latent ? "cache" : "k_cache")));
    if (!c_.latent) v_cache_.push_back(kept(layer + "v_cache"));
  }
}

void LlmEmitter::emit_prefill() {
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

void LlmEmitter::emit_decode() {
  rows_ = load_.batch;
  stage_ = &plan_.stage("decode", load_.generate_tokens - 1, static_cast<double>(rows_), "token");
  token_positions_ = positions_;
  embed(token_);
  for (std::int64_t i = 0; i < c_.layers; ++i) emit_layer(i);
  emit_head();
}

void LlmEmitter::embed(Value ids) {
  // Of the first pass: what a decode step looks up, the model decides.
  const std::int64_t distinct = decoding() || one_.sized
                                    ? 0
                                    : distinct_rows(plan_.tensor(ids).spec.fill, rows_,
                                                    random_key(one_.seed, plan_.tensor(ids).spec.name));
  // transformers multiplies Gemma's in the model's own dtype, so that scale is rounded to it: 59.75 in bf16
  // for 3584.
  const auto scale =
      static_cast<float>(c_.norm_adds_one ? rounded(c_.embedding_scale, type_) : c_.embedding_scale);
  std::vector<Value> in = {ids};
  in.insert(in.end(), weights_.embedding.weight.begin(), weights_.embedding.weight.end());
  delta_.reset();
  if (weights_.embedding.format) {
    residual_ = run("embedding", "embedding",
                    QuantisedEmbedding({.rows = rows_,
                                        .vocab = c_.vocab,
                                        .width = c_.hidden,
                                        .type = type_,
                                        .format = *weights_.embedding.format,
                                        .scale = scale,
                                        .distinct_rows = distinct}),
                    in)[0];
    return;
  }
  Embedding::Params p{.rows = rows_,
                      .vocab = c_.vocab,
                      .width = c_.hidden,
                      .type = type_,
                      .scale = scale,
                      .distinct_rows = distinct};
  if (c_.gpt2) {
    p.positions = c_.max_positions;
    in.insert(in.end(), {token_positions_, *weights_.position_embedding});
  }
  residual_ = run("embedding", "embedding", Embedding(p), in)[0];
}

void LlmEmitter::emit_head() {
  layer_.clear();
  const Value x = add_and_norm("final_norm", weights_.final_norm);
  const bool capped = c_.logit_softcap > 0;
  logits_ = linear("lm_head", x, weights_.lm_head, c_.vocab, c_.hidden,
                   capped ? Activation::softcap : Activation::none, static_cast<float>(c_.logit_softcap));
  run("sample", "sample",
      Sample({.sequences = load_.batch,
              .vocab = c_.vocab,
              .capacity = one_.capacity(),
              .type = type_,
              // Dividing logits is what a temperature does.
              .temperature = static_cast<float>(load_.temperature * c_.logit_divisor),
              .top_k = load_.top_k,
              .top_p = static_cast<float>(load_.top_p),
              .seed = one_.seed,
              .first_position = decoding() ? mean_context() - 1 : load_.prompt_tokens - 1}),
      {logits_, positions_, history_}, {token_, {}, {}});
}

void LlmEmitter::add_facts() {
  const std::int64_t active = weights_.active_parameters;
  plan_.facts = {
      {"architecture", c_.architecture, "", "The model's class in Hugging Face transformers."},
      {"parameters", weights_.parameters, "1",
       "Weights as published, however few bits they are stored in; tied ones count once."},
      {"active_parameters", active, "1",
       active == weights_.parameters
           ? "Parameters that one token uses, the embedding table included: all of them, since the "
             "model is dense."
           : "Parameters that one token uses, the embedding table included: of the experts those that it "
             "goes "
             "to."},
      {"kv_bytes_per_token", c_.cached_elements() * bytes_of(cache_shape().element()), "B",
       "Bytes that the KV cache of all layers takes for each token of each sequence."}};
  if (one_.quantisation)
    plan_.facts.push_back({"weights_stored_as", one_.quantisation->text(), "",
                           "How the matrices are stored that are not stored as published."});
  plan_.notes.insert(plan_.notes.end(), c_.notes.begin(), c_.notes.end());
}

Plan llm_plan(const LlmCase& one, const std::string& name) {
  return LlmEmitter(one, name).emit();
}

}  // namespace assay
