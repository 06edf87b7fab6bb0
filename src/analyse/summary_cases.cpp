// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

constexpr std::size_t kPieces = 8;  // of a bar; more cannot be told apart

int rank_of_unit(const std::string& unit) {
  return unit == "s" ? 0 : unit == "1/s" ? 1 : 2;
}

std::vector<Headline> headlines_of(const CaseResult& c) {
  const auto place = [&](const Headline& h) {
    const auto stage = std::find_if(c.stages.begin(), c.stages.end(),
                                    [&](const StageResult& s) { return s.name == h.stage; });
    return std::tuple(rank_of_unit(h.unit), stage - c.stages.begin(), h.metric);
  };
  std::vector<Headline> headlines;
  for (const auto& [name, m] : c.metrics) {
    Headline h{.metric = name,
               .stage = m.stage,
               .unit = m.unit,
               .better = m.better,
               .median = m.median,
               .low = {},
               .high = {},
               .half_width = {},
               .p90 = m.p90,
               .p99 = m.p99,
               .ceiling = m.ceiling,
               .n = m.n,
               .converged = m.converged};
    if (m.ci95.size() == 2) {
      h.low = m.ci95[0];
      h.high = m.ci95[1];
      if (m.median > 0) h.half_width = (m.ci95[1] - m.ci95[0]) / 2 / m.median;
    }
    headlines.push_back(std::move(h));
  }
  std::stable_sort(headlines.begin(), headlines.end(),
                   [&](const Headline& a, const Headline& b) { return place(a) < place(b); });
  return headlines;
}

void add_ops(StageSummary& summary, const StageResult& stage) {
  double ops_s = 0;
  std::map<std::string, double> bounds;
  for (const OpResult& op : stage.ops) {
    if (!op.share) return;  // an op without a time: the shares of the others are unknown too
    const std::string bound = op.bound.value_or("unknown");
    ops_s += op.time_s->median * static_cast<double>(op.calls);
    bounds[bound] += *op.share;
    summary.pieces.push_back({.name = op.name, .share = *op.share, .bound = bound});
  }
  if (stage.ops.empty()) return;
  summary.ops_s = ops_s;
  for (const auto& [bound, share] : bounds) summary.bounds.push_back({bound, share});
  const auto larger = [](const auto& a, const auto& b) { return a.share > b.share; };
  std::stable_sort(summary.bounds.begin(), summary.bounds.end(), larger);
  std::stable_sort(summary.pieces.begin(), summary.pieces.end(), larger);
  if (summary.pieces.size() <= kPieces) return;
  Piece other{.name = "other", .share = 0, .bound = "unknown"};
  for (std::size_t i = kPieces - 1; i < summary.pieces.size(); ++i) other.share += summary.pieces[i].share;
  summary.pieces.resize(kPieces - 1);
  summary.pieces.push_back(other);
}

StageSummary stage_of(const StageResult& stage) {
  StageSummary summary{.name = stage.name,
                       .iterations = stage.iterations,
                       .time_s = {},
                       .ops_s = {},
                       .covered = {},
                       .ceiling_s = stage.ceiling_s,
                       .flops_per_s = {},
                       .bytes_per_s = {},
                       .of_peak = stage.of_peak,
                       .bounds = {},
                       .pieces = {}};
  add_ops(summary, stage);
  if (stage.time_s && std::isfinite(stage.time_s->median) && stage.time_s->median > 0) {
    const double time_s = stage.time_s->median;
    summary.time_s = time_s;
    if (summary.ops_s) summary.covered = *summary.ops_s / time_s;
    if (stage.flops > 0) summary.flops_per_s = stage.flops / time_s;
    if (stage.bytes > 0) summary.bytes_per_s = stage.bytes / time_s;
  }
  return summary;
}

/// Index of a case's device among all; a result that names a device it does not list gets one without facts.
std::size_t device_of(Summary& summary, std::span<const Result> results, std::size_t result,
                      const std::string& id) {
  std::size_t index = 0;
  for (std::size_t r = 0; r < results.size(); ++r)
    for (const DeviceResult& device : results[r].devices) {
      if (r == result && device.id == id) return index;
      ++index;
    }
  for (; index < summary.devices.size(); ++index)
    if (summary.devices[index].id == id && summary.devices[index].result == results[result].name)
      return index;
  DeviceSummary device;
  device.label = device.id = id;
  device.result = results[result].name;
  summary.devices.push_back(std::move(device));
  return index;
}

std::vector<std::string> parts_of(const std::string& id) {
  std::vector<std::string> parts(1);
  for (const char c : id) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// What all ids share up to a slash goes to common_id; at least the last part stays in short_id.
void shorten_ids(Summary& summary) {
  if (summary.cases.empty()) return;
  const std::vector<std::string> first = parts_of(summary.cases.front().id);
  std::size_t shared = first.size() - 1;
  for (const CaseSummary& c : summary.cases) {
    const std::vector<std::string> parts = parts_of(c.id);
    std::size_t same = 0;
    while (same + 1 < parts.size() && same < shared && parts[same] == first[same]) ++same;
    shared = same;
  }
  for (std::size_t i = 0; i < shared; ++i) summary.common_id += (i > 0 ? "/" : "") + first[i];
  const std::size_t cut = summary.common_id.empty() ? 0 : summary.common_id.size() + 1;
  for (CaseSummary& c : summary.cases) c.short_id = c.id.substr(cut);
}

void count_headline(Summary& summary, const Headline& h) {
  if (h.half_width && *h.half_width > summary.widest_interval.value_or(-1))
    summary.widest_interval = h.half_width;
  if (h.converged && !*h.converged) ++summary.not_converged;
}

void add_best(Summary& summary) {
  for (std::size_t c = 0; c < summary.cases.size(); ++c) {
    if (summary.cases[c].status != "ok") continue;
    for (std::size_t h = 0; h < summary.cases[c].headlines.size(); ++h) {
      const Headline& headline = summary.cases[c].headlines[h];
      if (!std::isfinite(headline.median)) continue;
      auto best = std::find_if(summary.best.begin(), summary.best.end(), [&](const BestFigure& b) {
        return b.workload == summary.cases[c].workload && b.metric == headline.metric;
      });
      if (best == summary.best.end()) {
        summary.best.push_back({.workload = summary.cases[c].workload,
                                .metric = headline.metric,
                                .case_index = c,
                                .headline_index = h,
                                .of_cases = 1});
        continue;
      }
      ++best->of_cases;
      const double held = summary.cases[best->case_index].headlines[best->headline_index].median;
      if (headline.better == "lower" ? headline.median < held : headline.median > held) {
        best->case_index = c;
        best->headline_index = h;
      }
    }
  }
}

}  // namespace

void add_cases(Summary& summary, std::span<const Result> results) {
  for (std::size_t r = 0; r < results.size(); ++r) {
    for (std::size_t i = 0; i < results[r].cases.size(); ++i) {
      const CaseResult& c = results[r].cases[i];
      CaseSummary one{.id = c.id,
                      .short_id = c.id,
                      .workload = c.workload,
                      .device = device_of(summary, results, r, c.device),
                      .status = c.status,
                      .reason = c.reason,
                      .headlines = headlines_of(c),
                      .stages = {},
                      .result = r,
                      .index = i};
      for (const StageResult& stage : c.stages) one.stages.push_back(stage_of(stage));
      for (const Headline& h : one.headlines) count_headline(summary, h);
      ++(c.status == "ok" ? summary.ok : c.status == "skipped" ? summary.skipped : summary.failed);
      summary.cases.push_back(std::move(one));
    }
  }
  shorten_ids(summary);
  add_best(summary);
}

}  // namespace assay
