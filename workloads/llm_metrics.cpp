// SPDX-License-Identifier: Apache-2.0
// The headline figures of text generation, and what may be compared between devices.
#include <algorithm>
#include <cmath>

#include "workloads/llm_emitter.h"

namespace assay {

/// Both devices round at each of about eleven places a layer where the residual stream passes, and in the
/// sums of their products, independently: their logits differ by the square root of the number of roundings.
/// The last factor is what a model may do to them.
void LlmEmitter::add_output(const std::string& name, std::vector<Output::Pin> pins) {
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

void LlmEmitter::add_prefill_metrics() {
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
             .share = one_.arithmetic()});
}

void LlmEmitter::add_decode_metrics() {
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

void LlmEmitter::add_window_metrics() {
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
        .share = one_.arithmetic()},
       {.name = "bandwidth_utilisation",
        .of = of,
        .unit = "1",
        .definition = "Bytes that those passes must move by their shapes (every pass its weights), divided "
                      "by that time "
                      "and by the device's peak memory bandwidth, probed beside it.",
        .amount = lanes * cost.memory().both(),
        .share = Path::memory}});
  plan_.notes.emplace_back(
      "Several batches are in flight: times of stages are those of one lane beside the others. Operations "
      "are "
      "timed alone, on the share of the CPU's cores that a lane has, or on the whole GPU; their shares of a "
      "peak "
      "are of the whole device's.");
}

}  // namespace assay
