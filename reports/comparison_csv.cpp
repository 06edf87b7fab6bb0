// SPDX-License-Identifier: Apache-2.0
// A comparison with full digits: one line a figure of a case that both results have. A case without figures
// has one line that says why; so has one that a result alone has.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "analyse/case_settings.h"
#include "reports/comparison.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/setting_columns.h"
#include "result/result_json.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 23> kHead = {"baseline",
                                                    "other",
                                                    "case",
                                                    "baseline_device",
                                                    "other_device",
                                                    "metric",
                                                    "of",
                                                    "unit",
                                                    "better",
                                                    "statistic",
                                                    "baseline_value",
                                                    "other_value",
                                                    "ratio",
                                                    "low",
                                                    "high",
                                                    "basis",
                                                    "baseline_sessions",
                                                    "other_sessions",
                                                    "p",
                                                    "p_adjusted",
                                                    "effect",
                                                    "verdict",
                                                    "why"};

using Cells = std::vector<std::string>;

std::string digits(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : "";
}

std::string text(const std::string& value) {
  return escape_csv(value);
}

std::string line_of(const MetricComparison& m) {
  return fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", text(m.metric), text(m.of),
                     text(m.unit), name_of(m.better), name_of(m.statistic), digits(m.base), digits(m.other),
                     digits(m.ratio), digits(m.low), digits(m.high), name_of(m.basis), m.base_sessions,
                     m.other_sessions, digits(m.p), digits(m.p_adjusted), text(m.effect), name_of(m.verdict),
                     text(m.why));
}

/// As many cells as a figure has, with nothing but the last.
std::string line_of(const std::string& why) {
  return std::string(18, ',') + text(why);
}

/// `first` and `more` with commas between, to the end of the line.
std::string line_of(Cells first, const Cells& more) {
  std::string line;
  first.insert(first.end(), more.begin(), more.end());
  for (const std::string& cell : first) line += (&cell == &first.front() ? "" : ",") + text(cell);
  return line + "\n";
}

}  // namespace

Report render_csv(const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  const auto settings_of_base = [&](const ComparedCase& c) {
    return settings_of(input.results.front().cases[c.base_index], input.results.front());
  };
  std::vector<Json> settings;
  for (const Against& a : all.others)
    for (const ComparedCase& c : a.cases) settings.push_back(settings_of_base(c));
  const SettingColumns columns(settings, kHead);  // of the baseline's cases, whose work is the other's too
  std::string out = line_of(Cells(kHead.begin(), kHead.end()), columns.titles());
  for (const Against& a : all.others) {
    const std::string start = text(all.results.front().label) + "," + text(all.results[a.result].label) + ",";
    for (const ComparedCase& c : a.cases) {
      const std::string of = start + text(c.id) + "," + text(c.base_device) + "," + text(c.other_device);
      const std::string end = line_of({""}, columns.cells(settings_of_base(c)));
      for (const MetricComparison& m : c.of.metrics) out += of + line_of(m) + end;
      if (c.of.metrics.empty())
        out += of + line_of(c.of.different.empty() ? c.of.not_measured : c.of.different) + end;
    }
    const std::string end = line_of({""}, columns.cells(Json::object()));
    for (const MissingCase& m : a.only_in_base)
      out += start + text(m.id) + "," + text(m.device) + "," + line_of("the other has no such case") + end;
    for (const MissingCase& m : a.only_in_other)
      out += start + text(m.id) + ",," + text(m.device) + line_of("the baseline has no such case") + end;
  }
  return {.text = std::move(out), .attachments = {}};
}

Report render_json(const ComparisonInput& input) {
  return {.text = pretty(to_json(input.comparison)), .attachments = {}};
}

}  // namespace assay
