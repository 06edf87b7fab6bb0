// SPDX-License-Identifier: Apache-2.0
#include "reports/stage_text.h"

#include "base/units.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr double kWorthNaming = 0.05;  // share of a stage's time

/// The class that FLOPs and bytes put work in, which is no cause: "memory-bound", "as short as its launches".
std::string class_text(const std::optional<Bound>& bound) {
  return bound == Bound::launch ? "as short as its launches" : bound_text(bound) + "-bound";
}

}  // namespace

std::string classes_text(const StageSummary& stage) {
  std::string text;
  for (const BoundShare& b : stage.bounds) {
    if (b.share < kWorthNaming || !b.bound) continue;
    text += (text.empty() ? ": by its counts " : ", ") + class_text(b.bound);
    if (b.share >= 1 - kWorthNaming) continue;
    text += " for " + percent_text(b.share) + " of its operations' time";
    if (b.of_peak && b.bound != Bound::launch) text += " (at " + percent_text(b.of_peak) + " of the peak)";
  }
  return text;
}

std::string main_class_text(const StageSummary& stage) {
  if (stage.bounds.empty() || !stage.bounds.front().bound) return {};
  const BoundShare& largest = stage.bounds.front();
  return "by its counts " + std::string(largest.share >= 1 - kWorthNaming ? "" : "mostly ") +
         class_text(largest.bound);
}

void add_share_of_bound(Text& text, const StageSummary& stage) {
  const OfPeak& share = stage.of_bound;
  if (share.measured)
    text.add(", at ").strong(percent_text(share.measured)).add(" of the bound at the measured peaks");
  if (share.datasheet)
    text.add((share.measured ? " (" : ", at ") + percent_text(share.datasheet) +
             (share.measured ? " at the datasheet's)" : " of the bound at the datasheet's peaks"));
  if (!stage.withheld.empty()) text.add("; its share of the bound is withheld, since " + stage.withheld);
}

}  // namespace assay
