// SPDX-License-Identifier: Apache-2.0
// A plan of the test ops with two stages, as small as a plan with every role can be.
#pragma once

#include "plan/plan.h"
#include "support/test_ops.h"

namespace assay {

inline constexpr std::int64_t kTestElements = 32;

/// load: y = 2 w + 1, then twice more ("scale"), the last into state s; once an iteration.
/// loop (4 iterations): p[even] += 1 ("step"), z = 2 s + 1 ("last").
inline Plan test_plan() {
  Plan plan("test", "two stages");
  const auto scale = std::make_shared<Scale>(kTestElements);
  const auto step = std::make_shared<Step2>(kTestElements);
  const Value w = plan.weight({.name = "w", .shape = {kTestElements}}, {{"model.w"}});
  const Value s = plan.state({.name = "s", .shape = {kTestElements}});
  const Value p =
      plan.state({.name = "p", .shape = {kTestElements}, .dtype = DType::i32, .fill = Fill::cycle(1000)});

  Stage& load = plan.stage("load", 1, 32, "element");
  Value v = w;
  v = plan.run(load, "layers.0.scale", "scale", scale, {v})[0];
  v = plan.run(load, "layers.1.scale", "scale", scale, {v})[0];
  plan.run(load, "layers.2.scale", "scale", scale, {v}, {s});

  Stage& loop = plan.stage("loop", 4, 2, "token");
  plan.run(loop, "step", "step", step, {p});
  plan.outputs = {plan.run(loop, "last", "last", scale, {s})[0], p};

  plan.metrics = {
      {"load_s", "load", MetricSpec::Kind::seconds, DType::f32, "Time to load."},
      {"tokens_per_s", "loop", MetricSpec::Kind::items_per_second, DType::f32, "Tokens a second."},
      {"load_flop_utilisation", "load", MetricSpec::Kind::flop_utilisation, DType::f32, "Share of the peak."},
      {"loop_bandwidth_utilisation", "loop", MetricSpec::Kind::bandwidth_utilisation, DType::f32, "Share."}};
  plan.facts = {
      .architecture = "TestForNothing", .parameters = 32, .active_parameters = 32, .kv_bytes_per_token = {}};
  return plan;
}

}  // namespace assay
