// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/units.h"
#include "reports/metric_text.h"
#include "reports/sections.h"

namespace assay {
namespace {

void add_once(std::vector<std::string>& all, const std::string& one) {
  if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(one);
}

Text verdict_text(Verdict verdict) {
  return verdict == Verdict::faster ? Text().add("faster", Span::Style::good)
                                    : Text(spaced(name_of(verdict)));
}

/// A device and its baseline, with what was compared.
using Pairs =
    std::map<std::pair<std::size_t, std::size_t>, std::vector<std::reference_wrapper<const CaseComparison>>>;

void add_pair(Blocks& out, const Summary& s, const Pairs::value_type& of) {
  const auto [device, baseline] = of.first;
  Table table{.caption = s.devices[device].label + " compared with " + s.devices[baseline].label +
                         ": above 1x the former is faster",
              .columns = {{"Case", false},
                          {"Figure", false},
                          {"Ratio", true},
                          {"Interval", true},
                          {"Verdict", false}},
              .rows = {}};
  std::vector<std::string> reasons;
  for (const CaseComparison& pair : of.second) {
    if (!pair.of.not_measured.empty())
      add_once(reasons, pair.short_id + " is not compared: " + pair.of.not_measured);
    for (const MetricComparison& c : pair.of.metrics) {
      table.rows.push_back(
          {Text().code(pair.short_id), metric_label(c.metric),
           Text().strong(c.ratio ? ratio_text(*c.ratio) : std::string(kUnknown)),
           c.low && c.high ? ratio_text(*c.low) + " to " + ratio_text(*c.high) : std::string(kUnknown),
           verdict_text(c.verdict)});
      if (!c.why.empty()) add_once(reasons, "Cannot tell: " + c.why);
    }
  }
  if (!table.rows.empty()) out.push_back(std::move(table));
  Bullets bullets;
  for (const std::string& reason : reasons) bullets.items.emplace_back(reason);
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

Text agreement_text(const OutputComparison& o) {
  switch (o.verdict) {
    case Agreement::agree: return Text().add("agree", Span::Style::good);
    case Agreement::disagree: return Text().add("disagree", Span::Style::bad);
    case Agreement::cannot_tell: break;
  }
  return Text("cannot tell").add(o.why, Span::Style::detail);
}

void add_outputs(Blocks& out, const View& view) {
  const Summary& s = view.summary();
  Table table{.caption =
                  "Outputs for the same seed and weights: root mean square of their difference, as a "
                  "share of their own, at the places that both results kept",
              .columns = {{"Case", false},
                          {"Devices", false},
                          {"Output", false},
                          {"Apart by", true},
                          {"Allowed", true},
                          {"Verdict", false}},
              .rows = {}};
  for (const CaseComparison& pair : view.comparisons)
    for (const OutputComparison& o : pair.of.outputs)
      table.rows.push_back({Text().code(pair.short_id),
                            s.devices[pair.device].label + " and " + s.devices[pair.baseline].label, o.output,
                            o.difference ? number_text(*o.difference, 2) : std::string(kUnknown),
                            number_text(o.tolerance, 2), agreement_text(o)});
  if (!table.rows.empty()) out.push_back(std::move(table));
}

}  // namespace

void add_comparison_section(Blocks& out, const View& view) {
  if (view.comparisons.empty()) return;
  out.push_back(Heading{view.level, "Devices side by side"});
  Pairs pairs;
  for (const CaseComparison& pair : view.comparisons) pairs[{pair.device, pair.baseline}].emplace_back(pair);
  for (const Pairs::value_type& of : pairs) add_pair(out, view.summary(), of);
  add_outputs(out, view);
}

}  // namespace assay
