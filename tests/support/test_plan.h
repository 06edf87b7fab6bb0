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
  const Value z = plan.run(loop, "last", "last", scale, {s})[0];
  const Tolerance close{{{"1e-6", 1e-6}}};
  plan.outputs = {{.name = "loaded", .value = s, .stage = "load", .pins = {}, .tolerance = close},
                  {.name = "last", .value = z, .stage = "loop", .pins = {}, .tolerance = close}};

  const double loaded = load.cost().flops, moved = loop.cost().memory().both();
  plan.metrics = {{.name = "load_s", .of = "stage/load", .unit = "s", .definition = "Time to load."},
                  {.name = "tokens_per_s",
                   .of = "stage/loop",
                   .unit = "tokens/s",
                   .definition = "Tokens a second.",
                   .amount = 2},
                  {.name = "load_flop_utilisation",
                   .of = "stage/load",
                   .unit = "1",
                   .definition = "Share of the peak.",
                   .amount = loaded,
                   .share = DType::f32},
                  {.name = "loop_bandwidth_utilisation",
                   .of = "stage/loop",
                   .unit = "1",
                   .definition = "Share.",
                   .amount = moved,
                   .share = Path::memory}};
  plan.facts = {{"architecture", "TestForNothing", "", "A model of the tests."},
                {"parameters", 32, "1", "Elements of all weights."}};
  return plan;
}

}  // namespace assay
