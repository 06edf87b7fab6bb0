// SPDX-License-Identifier: Apache-2.0
// How fast a plan could be on a device of the catalogue, by its datasheet. Two figures:
//   the bound    what nothing that does these FLOPs can be faster than: all of them at the peak, or the bytes
//                that must cross a path however ops are fused (weights once, state, the plan's inputs;
//                nothing that a step makes), whichever takes longer. Algorithms of fewer FLOPs may be.
//   op by op     each op at that ceiling, of arithmetic or of a path, which takes longest, one after the
//                other: an engine that fuses what is unfused here may be faster
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/roofline.h"
#include "device/catalogue.h"
#include "plan/compulsory_work.h"
#include "plan/plan.h"

namespace assay {

/// What a stage does, counted once for all devices.
struct StageWork {
  struct Ops {
    DType dtype = DType::f32;
    double flops = 0, calls = 0;
    BytesByPath bytes;  // of a call
  };
  std::string name;
  Place place = Place::device;
  CompulsoryWork compulsory;
  std::vector<Ops> ops;
};
std::vector<StageWork> work_of(const Plan& plan);

/// Of one run of a stage; nothing where the catalogue has no rate for a dtype, or for a path.
struct StageAtBest {
  std::optional<double> bound_s, op_by_op_s;
  std::optional<Bound> binds;  // what the bound is made of
};
StageAtBest at_best(const StageWork& work, const CatalogueDevice& device);

/// A headline figure at best.
struct MetricAtBest {
  std::string name, unit;
  std::string of;  // the series: "stage/decode"
  std::optional<double> bound, op_by_op;
};
template <class Visitor>
void describe(Visitor& v, MetricAtBest& m) {
  v.field("name", m.name);
  v.field("unit", m.unit);
  v.field("of", m.of);
  v.field("bound", m.bound);
  v.field("op_by_op", m.op_by_op);
}

/// Those metrics of the plan that are of a device's stage, or of passes without the host. No shares, which
/// would be of themselves, and no percentiles, which a bound has not. `stages`: as the plan's.
std::vector<MetricAtBest> metrics_at_best(const Plan& plan, const std::vector<StageAtBest>& stages);

}  // namespace assay
