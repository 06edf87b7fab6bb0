// SPDX-License-Identifier: Apache-2.0
// Passes that begin on the host: where their time goes, and how many of the host's cores would keep the
// device busy.
#include <algorithm>

#include "analyse/summary_parts.h"

namespace assay {

std::optional<WaySummary> way_of(const CaseResult& one, const DeviceResult& device) {
  WaySummary way;
  double items = 0;
  for (const StageResult& stage : one.stages) {
    if (stage.times == 0) continue;
    if (!stage.time_s || !stage.time_s->known() || !(stage.time_s->value > 0)) return std::nullopt;
    const double time_s = stage.time_s->value * static_cast<double>(stage.times);
    way.pieces.push_back({.stage = stage.name, .place = stage.place, .time_s = time_s});
    (stage.place == Place::host ? way.host_s : way.device_s) += time_s;
    if (stage.place != Place::host) continue;
    way.cores = std::max(way.cores, stage.cores);
    items = stage.items;
    way.item = stage.item;
  }
  if (way.host_s == 0 || way.device_s == 0) return std::nullopt;
  for (WaySummary::Piece& piece : way.pieces) piece.share = piece.time_s / (way.host_s + way.device_s);
  const auto cores = static_cast<double>(way.cores);
  if (way.cores > 0 && items > 0) way.core_s_per_item = way.host_s * cores / items;
  if (device.kind == "cpu") return way;
  way.binds = way.host_s > way.device_s ? Place::host : Place::device;
  if (way.cores > 0) way.cores_to_feed = cores * way.host_s / way.device_s;
  return way;
}

}  // namespace assay
