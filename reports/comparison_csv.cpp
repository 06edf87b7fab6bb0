// SPDX-License-Identifier: Apache-2.0
// A comparison with full digits: one line a figure of a case that both results have. A case without figures
// has one line that says why; so has one that a result alone has.
#include <cmath>

#include <fmt/format.h>

#include "reports/comparison.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "result/result_json.h"

namespace assay {
namespace {

constexpr std::string_view kHead =
    "baseline,other,case,baseline_device,other_device,metric,of,unit,better,statistic,baseline_value,other_"
    "value,"
    "ratio,low,high,basis,baseline_sessions,other_sessions,p,p_adjusted,effect,verdict,why\n";

std::string digits(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

std::string text(const std::string& value) {
  return escape_csv(value);
}

std::string line_of(const MetricComparison& m) {
  return fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", text(m.metric), text(m.of),
                     text(m.unit), name_of(m.better), name_of(m.statistic), digits(m.base), digits(m.other),
                     digits(m.ratio), digits(m.low), digits(m.high), name_of(m.basis), m.base_sessions,
                     m.other_sessions, digits(m.p), digits(m.p_adjusted), text(m.effect), name_of(m.verdict),
                     text(m.why));
}

/// As many cells as a figure has, with nothing but the last.
std::string line_of(const std::string& why) {
  return std::string(18, ',') + text(why) + "\n";
}

}  // namespace

Report render_csv(const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  std::string out(kHead);
  for (const Against& a : all.others) {
    const std::string start = text(all.results.front().label) + "," + text(all.results[a.result].label) + ",";
    for (const ComparedCase& c : a.cases) {
      const std::string of = start + text(c.id) + "," + text(c.base_device) + "," + text(c.other_device);
      for (const MetricComparison& m : c.of.metrics) out += of + line_of(m);
      if (c.of.metrics.empty())
        out += of + line_of(c.of.different.empty() ? c.of.not_measured : c.of.different);
    }
    for (const MissingCase& m : a.only_in_base)
      out += start + text(m.id) + "," + text(m.device) + "," + line_of("the other has no such case");
    for (const MissingCase& m : a.only_in_other)
      out += start + text(m.id) + ",," + text(m.device) + line_of("the baseline has no such case");
  }
  return {.text = std::move(out), .attachments = {}};
}

Report render_json(const ComparisonInput& input) {
  return {.text = pretty(to_json(input.comparison)), .attachments = {}};
}

}  // namespace assay
