// SPDX-License-Identifier: Apache-2.0
#include "plan/compulsory_work.h"

#include <algorithm>
#include <set>

namespace assay {
namespace {

/// Of a step's bytes in memory those that a fused stage moves too. `weights`: that the stage has read.
double compulsory_bytes(const Plan& plan, const Step& step, double bytes, std::set<std::size_t>& weights) {
  const auto size = [&](Value value) { return static_cast<double>(plan.tensor(value).spec.bytes()); };
  const auto is = [&](Value value, Role role) { return plan.tensor(value).role == role; };
  for (const Value in : step.in)
    if (is(in, Role::activation) || (is(in, Role::weight) && !weights.insert(in.id).second))
      bytes -= size(in);
  for (const Value out : step.out)
    if (is(out, Role::activation)) bytes -= size(out);
  return std::max(0.0, bytes);
}

}  // namespace

CompulsoryWork compulsory_work(const Plan& plan, const Stage& stage) {
  CompulsoryWork work;
  std::set<std::size_t> weights;
  for (const Step& step : stage.steps) {
    const Cost cost = step.op->cost();
    if (cost.flops > 0) work.flops[step.op->dtype()] += cost.flops;
    for (const auto& [path, moved] : cost.moved())
      work.bytes[path] += path == Path::memory ? compulsory_bytes(plan, step, moved, weights) : moved;
  }
  return work;
}

}  // namespace assay
