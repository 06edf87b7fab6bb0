// SPDX-License-Identifier: Apache-2.0
#include "plan/compulsory_work.h"

#include <algorithm>
#include <set>

namespace assay {
namespace {

/// Weights of a stage by how steps read them: a table may be read by rows here, and whole by its tied head.
struct Weights {
  std::set<std::size_t> whole;                  // that some step reads all of
  std::set<std::size_t> counted, rows_counted;  // so far
};

double memory_of(const Step& step) {
  const BytesByPath moved = step.op->cost().moved();
  const auto found = moved.find(Path::memory);
  return found == moved.end() ? 0 : found->second;
}

/// Whether a step reads all of its weights, and not rows of them alone.
bool reads_whole(const Plan& plan, const Step& step) {
  double weights = 0;
  for (const Value in : step.in)
    if (plan.tensor(in).role == Role::weight) weights += static_cast<double>(plan.tensor(in).spec.bytes());
  return memory_of(step) >= weights;
}

/// Of a step's bytes in memory those that a fused stage moves too.
double compulsory_bytes(const Plan& plan, const Step& step, Weights& weights) {
  const auto size = [&](Value value) { return static_cast<double>(plan.tensor(value).spec.bytes()); };
  const auto is = [&](Value value, Role role) { return plan.tensor(value).role == role; };
  const bool whole = reads_whole(plan, step);
  const auto is_read_besides = [&](Value weight) {
    return whole ? !weights.counted.insert(weight.id).second
                 : weights.whole.contains(weight.id) || !weights.rows_counted.insert(weight.id).second;
  };
  double bytes = memory_of(step);
  for (const Value in : step.in)
    if (is(in, Role::activation) || (is(in, Role::weight) && is_read_besides(in))) bytes -= size(in);
  for (const Value out : step.out)
    if (is(out, Role::activation)) bytes -= size(out);
  return std::max(0.0, bytes);
}

}  // namespace

CompulsoryWork compulsory_work(const Plan& plan, const Stage& stage) {
  CompulsoryWork work;
  Weights weights;
  for (const Step& step : stage.steps)
    if (reads_whole(plan, step))
      for (const Value in : step.in)
        if (plan.tensor(in).role == Role::weight) weights.whole.insert(in.id);
  for (const Step& step : stage.steps) {
    const Cost cost = step.op->cost();
    if (cost.flops > 0) work.flops[step.op->dtype()] += cost.flops;
    for (const auto& [path, moved] : cost.moved())
      work.bytes[path] += path == Path::memory ? compulsory_bytes(plan, step, weights) : moved;
  }
  return work;
}

}  // namespace assay
