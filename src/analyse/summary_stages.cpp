// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

constexpr std::size_t kPieces = 8;  // of a bar; more cannot be told apart
constexpr double kNearFloor = 10;   // times the shortest launch: what launching costs shows

void add_bounds(StageSummary& summary, const StageResult& stage) {
  std::map<std::optional<Bound>, BoundShare> bounds;
  for (const OpResult& op : stage.ops) {
    const auto [at, is_new] = bounds.try_emplace(op.bound, BoundShare{.bound = op.bound, .of_peak = 0.0});
    BoundShare& bound = at->second;
    bound.share += *op.share;
    // least time = of_peak * time, and times are as shares
    bound.of_peak = bound.of_peak && op.of_peak.measured
                        ? std::optional(*bound.of_peak + *op.of_peak.measured * *op.share)
                        : std::nullopt;
  }
  for (auto& [key, bound] : bounds) {
    if (bound.of_peak) bound.of_peak = *bound.of_peak / bound.share;
    summary.bounds.push_back(bound);
  }
  std::ranges::stable_sort(summary.bounds, std::greater<>{}, &BoundShare::share);
}

void add_pieces(StageSummary& summary, const StageResult& stage) {
  for (const OpResult& op : stage.ops) summary.pieces.push_back({op.name, *op.share, op.bound});
  std::ranges::stable_sort(summary.pieces, std::greater<>{}, &Piece::share);
  if (summary.pieces.size() <= kPieces) return;
  Piece rest{.name = "other", .bound = {}, .rest = true};
  for (std::size_t i = kPieces - 1; i < summary.pieces.size(); ++i) rest.share += summary.pieces[i].share;
  summary.pieces.resize(kPieces - 1);
  summary.pieces.push_back(rest);
}

void add_ops(StageSummary& summary, const StageResult& stage) {
  // An op without a time: the shares of the others are unknown too.
  if (stage.ops.empty() ||
      !std::ranges::all_of(stage.ops, [](const OpResult& op) { return op.share.has_value(); }))
    return;
  double ops_s = 0;
  for (const OpResult& op : stage.ops) ops_s += op.time_s->value * static_cast<double>(op.calls);
  summary.ops_s = ops_s;
  add_bounds(summary, stage);
  add_pieces(summary, stage);
  add_parts(summary, stage);
}

std::string withheld(const std::vector<CaseCeiling>& ceilings) {
  std::string why;
  for (const CaseCeiling& c : ceilings)
    if (!c.why.empty())
      why += (why.empty() ? "the peak of " : "; that of ") + peak_label(c.peak) + " " + c.why;
  return why;
}

/// What is set beside peaks: without those that a kernel's algorithm does without.
double flops_done(const StageResult& stage) {
  if (!stage.compulsory) return stage.flops;
  double flops = 0;
  for (const auto& [dtype, done] : stage.compulsory->flops) flops += done;
  return flops;
}

}  // namespace

StageSummary summary_of(const StageResult& stage, const CaseSummary& of) {
  StageSummary summary{.name = stage.name, .times = stage.times};
  summary.bound_s = stage.bound_s;
  summary.ceiling_s = stage.ceiling_s;
  summary.of_bound = stage.of_bound;
  summary.of_peak = stage.of_peak;
  add_ops(summary, stage);
  for (std::size_t i = 0; i < stage.ops.size(); ++i)
    if (const auto& time = stage.ops[i].time_s;
        of.floor_s && time && time->known() && time->value <= kNearFloor * *of.floor_s)
      summary.near_floor.push_back(i);
  if (!stage.time_s || !stage.time_s->known() || !(stage.time_s->value > 0)) return summary;
  const double time_s = stage.time_s->value, bytes = memory_bytes(stage.bytes);
  summary.time_s = time_s;
  summary.covered = stage.covered;
  if (summary.ops_s) summary.covered = *summary.ops_s / time_s;
  if (const double flops = flops_done(stage); flops > 0) summary.flops_per_s = flops / time_s;
  if (bytes > 0) summary.bytes_per_s = bytes / time_s;
  // Of the host's work there is no bound, whatever moved; nor in a result that is older than bounds.
  const std::optional<double>& share =
      stage.compulsory ? summary.of_bound.measured : summary.of_peak.measured;
  if (!share && stage.place == Place::device) summary.withheld = withheld(of.ceilings);
  return summary;
}

}  // namespace assay
