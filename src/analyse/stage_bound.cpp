// SPDX-License-Identifier: Apache-2.0
#include "analyse/stage_bound.h"

#include <algorithm>
#include <string_view>

#include "analyse/ceilings.h"

namespace assay {
namespace {

/// The longest of several times; unknown as soon as one is.
class Longest {
 public:
  void add(double work, const std::optional<double>& peak) {
    if (work == 0) return;
    if (!peak || !(*peak > 0))
      known_ = false;
    else
      seconds_ = std::max(seconds_, work / *peak);
  }
  std::optional<double> get() const {
    return known_ && seconds_ > 0 ? std::optional(seconds_) : std::nullopt;
  }

 private:
  bool known_ = true;
  double seconds_ = 0;
};

}  // namespace

StageBound bound_of(const StageResult& stage, const CaseResult& one, const DeviceResult& device) {
  if (!stage.compulsory || stage.place == Place::host) return {};
  Longest measured, sold, steady;  // steady: at peaks that did not move
  const auto add = [&](double work, std::string_view peak) {
    const CaseCeiling ceiling = ceiling_of(one, device, peak);
    measured.add(work, ceiling.measured);
    sold.add(work, ceiling.datasheet);
    if (ceiling.why.empty()) steady.add(work, ceiling.measured);
  };
  for (const auto& [dtype, flops] : stage.compulsory->flops) add(flops, name(dtype));
  for (const auto& [path, bytes] : stage.compulsory->bytes) add(bytes, name(path));
  StageBound bound{.measured_s = measured.get(), .sold_s = sold.get()};
  if (bound.measured_s && steady.get().value_or(0) < (1 - kMayRestOnMoved) * *bound.measured_s)
    bound.measured_s.reset();
  return bound;
}

const StageResult* stage_of(const std::string& series, const CaseResult& one) {
  const auto found = std::ranges::find_if(
      one.stages, [&](const StageResult& stage) { return series == "stage/" + stage.name; });
  return found == one.stages.end() ? nullptr : &*found;
}

std::optional<double> at_bound(const MetricResult& metric, const CaseResult& one) {
  const StageResult* stage = stage_of(metric.of, one);
  return stage != nullptr && stage->bound_s ? metric.ceiling : std::nullopt;
}

}  // namespace assay
