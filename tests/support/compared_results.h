// SPDX-License-Identifier: Apache-2.0
// Results to be set beside each other, with numbers that can be followed by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analyse/roofline.h"
#include "result/result.h"

namespace assay {

/// A case of one stage of one op that takes `time_s`; a session takes 0.1 % longer than the one before.
/// Between two such cases of as many sessions the ratio is that of their times.
inline CaseResult compared_case(const std::string& id, double time_s, std::int64_t sessions = 8) {
  CaseResult one;
  one.id = id;
  one.device = "cuda:0";
  one.workload = id.substr(0, id.find('/'));
  one.seed = 1;
  one.weights = "seed";
  one.axes = {{"id", id}};
  SeriesResult series;
  series.unit = "s";
  for (std::int64_t s = 0; s < sessions; ++s)
    for (int b = 0; b < 6; ++b) series.blocks.push_back({time_s * (1 + 0.001 * static_cast<double>(s))});
  if (sessions > 1) series.sessions.assign(static_cast<std::size_t>(sessions), 6);
  one.series["stage/decode"] = series;
  MetricResult time;
  time.unit = "s";
  time.value = time_s;
  time.ci95 = {0.99 * time_s, 1.01 * time_s};
  time.of = "stage/decode";
  MetricResult rate = time;
  rate.unit = "tokens/s";
  rate.better = Better::higher;
  rate.amount = 1;
  rate.value = 1 / time_s;
  rate.ci95 = {1 / (1.01 * time_s), 1 / (0.99 * time_s)};
  one.metrics = {{"inter_token_latency_s", time}, {"output_tokens_per_s", rate}};
  OpResult op;
  op.name = "mlp";
  op.kind = "matmul";
  op.shape = "8x64x64 bf16";
  op.dtype = "bf16";
  op.calls = 1;
  op.flops = 1e8;
  op.bytes = {{Path::memory, 1e8}};
  op.time_s = time;
  StageResult stage;
  stage.name = "decode";
  stage.times = 4;
  stage.flops = op.flops;
  stage.bytes = op.bytes;
  stage.time_s = time;
  stage.ops = {op};
  one.stages = {stage};
  one.choices = {
      {.op = "mlp", .shape = op.shape, .kernel = "cublaslt", .place = Place::device, .variant = "3"}};
  VerificationResult verification;
  verification.outputs["logits"] = {
      .values = {1, 2, -2}, .tolerance = 0.03, .tolerance_factors = "epsilon(bf16)"};
  one.verification = verification;
  return one;
}

inline Result compared_result(const std::string& device, std::vector<CaseResult> cases) {
  Result result;
  result.tool = {"0.1.0", "1234567", "Release"};
  result.name = "chat";
  result.started_at = "2026-01-31T12:00:00Z";
  result.status = RunStatus::complete;
  result.config = {{"workload", "llm"}, {"measure", {{"sessions", 8}, {"target_ci", 0.01}}}};
  result.environment = {{"os", "Test OS 1"}, {"cpu", "Test CPU"}, {"cpus", "0-7"}};
  DeviceResult one;
  one.id = "cuda:0";
  one.kind = "cuda";
  one.name = device;
  one.memory_bytes = std::int64_t{80} << 30;
  one.properties = {{"driver", "550.1"}, {"compute_capability", "9.0"}};
  one.peaks.flops_per_s[DType::bf16] = {.datasheet = {}, .measured = 1e12, .source = {}};
  one.peaks.bytes_per_s[Path::memory] = {.datasheet = {}, .measured = 2e11, .source = {}};
  result.devices = {one};
  result.cases = std::move(cases);
  add_roofline(result);
  return result;
}

/// Of every kind of verdict one, and most of what can differ.
inline std::vector<Result> compared_pair() {
  const std::string llm = "llm/test-model/bf16/", recommender = "recommender/test-tables/f32/";
  Result base = compared_result(
      "Test GPU A",
      {compared_case(llm + "batch=1", 2e-3), compared_case(llm + "batch=8", 4e-3),
       compared_case(llm + "batch=64", 8e-3), compared_case(llm + "batch=2", 2e-3),
       compared_case(llm + "batch=512", 9e-3), compared_case(recommender + "batch=1", 1.13e-3, 1)});
  Result other = compared_result(
      "Test GPU B",
      {compared_case(llm + "batch=1", 1e-3), compared_case(llm + "batch=8", 4.02e-3),
       compared_case(llm + "batch=64", 8.8e-3), compared_case(llm + "batch=2", 2e-3),
       compared_case(recommender + "batch=1", 1e-3, 1), compared_case(recommender + "batch=2", 1e-3, 1)});
  base.cases[0].telemetry = TelemetryResult{.power_w = 300, .throttle_reasons = {}};
  other.cases[0].telemetry = TelemetryResult{.power_w = 450, .throttle_reasons = {}};
  other.cases[0].choices[0].variant = "5";
  other.cases[3].status = CaseStatus::skipped;
  other.cases[3].reason = "the device was lost";
  other.cases[4].seed = 2;
  other.environment["os"] = "Test OS 2";
  other.config["measure"]["target_ci"] = 0.02;
  other.devices[0].properties["driver"] = "550.2";
  other.devices[0].peaks.flops_per_s[DType::bf16].measured = 3e12;
  other.devices[0].peaks.bytes_per_s[Path::memory].measured = 4e11;
  add_roofline(other);
  return {base, other};
}

}  // namespace assay
