// SPDX-License-Identifier: Apache-2.0
// Results of a made-up machine whose noise is known: what a gate is tried on.
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "gate/limits.h"
#include "result/result.h"

namespace assay::gate_test {

/// Standard deviations of logarithms.
struct Machine {
  double between_runs = 0.002, between_sessions = 0.01;
};

/// A case of one stage, of so many sessions of six blocks.
inline CaseResult timed(const std::string& id, double time_s, std::int64_t sessions, const Machine& machine,
                        std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  CaseResult one;
  one.id = id;
  one.device = "cpu";
  one.weights = "seed";
  StageResult stage;
  stage.name = "decode";
  stage.times = 1;
  stage.flops = 100;
  one.stages.push_back(stage);
  SeriesResult series;
  series.unit = "s";
  const double run = machine.between_runs * normal(random);
  for (std::int64_t s = 0; s < sessions; ++s) {
    const double session = std::exp(run + machine.between_sessions * normal(random));
    for (int b = 0; b < 6; ++b) series.blocks.push_back({time_s * session});
  }
  series.sessions.assign(static_cast<std::size_t>(sessions), 6);
  MetricResult time;
  time.unit = "s";
  time.value = time_s * std::exp(run);
  time.ci95 = {0.99 * time.value, 1.01 * time.value};
  time.of = "stage/decode";
  MetricResult rate = time;
  rate.unit = "tokens/s";
  rate.better = Better::higher;
  rate.amount = 1;
  rate.value = 1 / time.value;
  rate.ci95 = {0.99 * rate.value, 1.01 * rate.value};
  one.metrics = {{"latency_s", time}, {"tokens_per_s", rate}};
  one.series["stage/decode"] = std::move(series);
  VerificationResult verified;
  verified.status = CheckStatus::passed;
  one.verification = verified;
  return one;
}

/// Cases "case 0" and on; `slower` multiplies the times of the first.
inline Result result(int cases, std::int64_t sessions, std::uint64_t seed, double slower = 1,
                     const Machine& machine = {}) {
  std::mt19937_64 random(seed);
  Result result;
  result.name = "simulated";
  result.tool.version = "0.1.0";
  result.status = RunStatus::complete;
  DeviceResult device;
  device.id = "cpu";
  device.kind = "cpu";
  device.name = "Machine";
  result.devices.push_back(device);
  for (int c = 0; c < cases; ++c)
    result.cases.push_back(
        timed("case " + std::to_string(c), c == 0 ? slower : 1.0, sessions, machine, random));
  return result;
}

inline Limits loss_limits(double loss = 0.03, double must_catch = 0.05) {
  Limits limits;
  limits.name = "test";
  Limit limit;
  limit.statistic = Stat::median;
  limit.loss = loss;
  limit.must_catch = must_catch;
  limits.limits.push_back(limit);
  return limits;
}

}  // namespace assay::gate_test
