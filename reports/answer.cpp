// SPDX-License-Identifier: Apache-2.0
#include "reports/answer.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kCasesShown = 12;

struct Line {
  std::string what, value, interval, rest;
};

/// As a terminal shows it: a character may be several bytes.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t to) {
  return text + std::string(to - std::min(to, width(text)), ' ');
}

std::string share_of(const CaseSummary& one, const std::string& series) {
  for (const StageSummary& stage : one.stages)
    if (series == "stage/" + stage.name && stage.of_bound.measured)
      return percent_text(*stage.of_bound.measured) + " of the bound";
  return "";
}

/// Shares of a peak stand beside the times that they are made of.
std::vector<Line> lines_of(const CaseSummary& one) {
  std::vector<Line> lines;
  std::vector<std::string> series;  // of the lines
  for (const Headline& h : one.headlines) {
    if (!h.peak_of.empty() || h.statistic != Stat::median) continue;
    const auto known = std::ranges::find(series, h.of);
    if (known != series.end()) {  // another way to say it: a rate
      std::string& rest = lines[static_cast<std::size_t>(known - series.begin())].rest;
      rest = metric_text(h) + (rest.empty() ? "" : "   ") + rest;
      continue;
    }
    series.push_back(h.of);
    lines.push_back({metric_label(h.metric), metric_text(h), interval_text(h), share_of(one, h.of)});
  }
  return lines;
}

}  // namespace

std::string answer_text(const Summary& summary) {
  const std::size_t shown = std::min(kCasesShown, summary.cases.size());
  std::vector<std::vector<Line>> all;
  std::size_t what = 0, value = 0, interval = 0;
  for (std::size_t c = 0; c < shown; ++c) {
    all.push_back(lines_of(summary.cases[c]));
    for (const Line& line : all.back()) {
      what = std::max(what, width(line.what));
      value = std::max(value, width(line.value));
      interval = std::max(interval, width(line.interval));
    }
  }
  std::string text;
  for (std::size_t c = 0; c < shown; ++c) {
    const CaseSummary& one = summary.cases[c];
    text += one.id + " on " + summary.devices[one.device].label + "\n";
    if (all[c].empty())
      text += "  " + spaced(std::string(name_of(one.status))) + (one.reason ? ": " + *one.reason : "") + "\n";
    for (const Line& line : all[c]) {
      std::string row = "  " + padded(line.what, what) + "  " + padded(line.value, value) + "  " +
                        padded(line.interval, interval) + "  " + line.rest;
      row.erase(row.find_last_not_of(' ') + 1);
      text += row + "\n";
    }
  }
  if (shown < summary.cases.size())
    text +=
        counted(static_cast<std::int64_t>(summary.cases.size() - shown), "more case") + " in the report\n";
  const Usability& usable = summary.usable;
  text += usable_text(usable.verdict);
  if (!usable.reasons.empty()) text += ": " + join(usable.reasons, "; ");
  return text + ".\n";
}

}  // namespace assay
