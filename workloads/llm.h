// SPDX-License-Identifier: Apache-2.0
// Text generation with a decoder-only model: one prompt pass, then one token a step for each sequence.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json_fields.h"
#include "plan/plan.h"
#include "workloads/hf_config.h"
#include "workloads/in_flight.h"

namespace assay {

/// What the KV cache is kept in.
enum class KvType : std::uint8_t { as_activations, f32, f16, bf16, fp8 };
inline std::span<const std::string_view> enum_names(KvType) {
  static constexpr std::array<std::string_view, 5> kNames = {"auto", "f32", "f16", "bf16", "fp8"};
  return kNames;
}

/// /load of a run config.
struct LlmLoad {
  std::int64_t batch = 1;
  std::int64_t prompt_tokens = 512;
  std::int64_t generate_tokens = 64;
  double temperature = 0;
  std::int64_t top_k = 0;
  double top_p = 1;
  KvType kv_dtype = KvType::as_activations;
  std::int64_t in_flight = 1;
};

template <class Visitor>
void describe(Visitor& v, LlmLoad& l) {
  v.field("batch", l.batch, {.doc = "sequences processed together", .min = 1, .max = 65536, .sweep = true});
  v.field("prompt_tokens", l.prompt_tokens,
          {.doc = "tokens in each prompt", .min = 1, .max = 1 << 20, .sweep = true});
  v.field("generate_tokens", l.generate_tokens,
          {.doc = "tokens generated for each sequence, the first one included",
           .min = 1,
           .max = 1 << 20,
           .sweep = true});
  v.field(
      "temperature", l.temperature,
      {.doc = "0 takes the most likely token; above, tokens are drawn", .min = 0, .max = 100, .sweep = true});
  v.field("top_k", l.top_k,
          {.doc = "draw among the k most likely; 0: all", .min = 0, .max = 1 << 24, .sweep = true});
  v.field("top_p", l.top_p,
          {.doc = "draw among the most likely that together reach this probability",
           .min = 1e-6,
           .max = 1,
           .sweep = true});
  v.field("kv_dtype", l.kv_dtype,
          {.doc = "number format of the KV cache; auto: that of activations", .sweep = true});
  describe_in_flight(v, l.in_flight);
}

/// One case: a model, a number format and a load.
struct LlmCase {
  DecoderConfig model;
  DType dtype = DType::bf16;                      // of weights, activations and KV cache; tf32: f32 in memory
  std::optional<Quantisation> quantisation = {};  // of weights, where it is another
  LlmLoad load;
  std::uint64_t seed = 1;
  bool sized = false;  // ParsedModel::plan_to_size

  DType storage() const { return dtype == DType::tf32 ? DType::f32 : dtype; }
  /// Nothing where it is that of activations.
  std::optional<DType> kv_stored() const;
  /// Of most products.
  DType arithmetic() const { return quantisation ? quantisation->multiplied().value_or(dtype) : dtype; }
  std::int64_t capacity() const { return load.prompt_tokens + load.generate_tokens; }  // positions a sequence
};

/// Inputs and states by name, for who steers a plan from outside: "prompt_ids" i32 [batch * prompt_tokens],
/// "positions" and "token" i32 [batch], "history" i32 [batch, capacity].
Plan llm_plan(const LlmCase& one, const std::string& name);  // llm_emitter.h

}  // namespace assay
