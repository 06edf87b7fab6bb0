// SPDX-License-Identifier: Apache-2.0
#include "analyse/usability.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "analyse/excess.h"
#include "analyse/summary.h"
#include "base/units.h"

namespace assay {

std::span<const std::string_view> enum_names(Usable) {
  static constexpr std::array<std::string_view, 3> kNames = {"usable", "with_care", "not_usable"};
  return kNames;
}

namespace {

/// "1 case failed", "2 intervals are not to be trusted"
std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return count_text(count) + " " + std::string(count == 1 ? one : many);
}

/// The cause alone: without its remedy, and without what stands in brackets at its end, which is detail.
std::string in_short(const std::string& text) {
  const std::string cause = text.substr(0, text.find(": "));
  return cause.ends_with(')') ? cause.substr(0, cause.rfind(" (")) : cause;
}

void add_disagreements(const Summary& s, Usability& of) {
  if (s.disagreements == 0) return;
  double worst = -1;  // as a share of its tolerance
  std::string text;
  for (const CaseComparison& pair : s.comparisons)
    for (const OutputComparison& o : pair.of.outputs) {
      if (o.verdict != Agreement::disagree) continue;
      const double share = o.difference.value_or(kUnknownValue) / o.tolerance;
      if (share <= worst) continue;  // NaN is the worst
      worst = share;
      text = o.output + " of " + pair.short_id + " differ by " + number_text(*o.difference, 2) +
             " of their root mean square between " + s.devices[pair.baseline].label + " and " +
             s.devices[pair.device].label + ", " + number_text(o.tolerance, 2) + " is allowed";
    }
  of.reasons.push_back(counted(s.disagreements, "output differs", "outputs differ") +
                       " by more than rounding (" + text + ")");
}

void add_disturbed(const Summary& s, Usability& of) {
  if (of.disturbed == 0) return;
  of.reasons.push_back(count_text(of.disturbed) + " of " + counted(of.cases, "case", "cases") +
                       (of.disturbed == 1 ? " was" : " were") + " disturbed (" +
                       in_short(s.warnings.front().causes.front().text) + ")");
}

/// Peaks that moved, where no case can say so itself: they were probed before and after all cases.
void add_moved_peaks(const Summary& s, Usability& of) {
  std::vector<std::string> said;
  for (const CaseSummary& c : s.cases)
    for (const CaseCeiling& ceiling : c.ceilings) {
      if (c.status != CaseStatus::ok || ceiling.beside || ceiling.why.empty()) continue;
      const std::string text = "the peak of " + peak_label(ceiling.peak) + " of " +
                               s.devices[c.device].label + " " + ceiling.why +
                               ", so that shares of it are withheld";
      if (std::ranges::find(said, text) == said.end()) said.push_back(text);
    }
  of.reasons.insert(of.reasons.end(), said.begin(), said.end());
}

/// What is seen once has no interval, and needs none.
bool wants_interval(Stat stat) {
  return stat != Stat::min && stat != Stat::max && stat != Stat::count;
}

void add_doubtful_figures(const Summary& s, Usability& of) {
  std::int64_t bare = 0, doubtful = 0, above = 0;
  std::string why;
  for (const CaseSummary& c : s.cases)
    for (const Headline& h : c.headlines) {
      if (!h.value) continue;
      if (!h.peak_of.empty() && *h.value > kProbeNoise) ++above;
      if (!h.low && wants_interval(h.statistic)) ++bare;
      if (!h.low || h.why.empty()) continue;
      ++doubtful;
      if (why.empty()) why = in_short(h.why);
    }
  if (bare > 0) of.reasons.push_back(counted(bare, "figure has no interval", "figures have no interval"));
  if (doubtful > 0)
    of.reasons.push_back(
        counted(doubtful, "interval is not to be trusted", "intervals are not to be trusted") + " (" + why +
        ")");
  if (above > 0)
    of.reasons.push_back(counted(above, "share lies above its ceiling", "shares lie above their ceiling"));
}

}  // namespace

std::vector<Remedy> remedies(const Summary& summary, std::span<const Result> results) {
  std::vector<Remedy> all;
  for (std::size_t i = 0; i < summary.cases.size(); ++i) {
    const CaseSummary& c = summary.cases[i];
    if (c.status != CaseStatus::ok) continue;  // listed with its reason
    for (const std::string& warning : results[c.result].cases[c.index].warnings) {
      const std::size_t colon = warning.find(": ");
      const std::string cause = warning.substr(0, colon),
                        remedy = colon == std::string::npos ? "" : warning.substr(colon + 2);
      auto at = std::ranges::find(all, remedy, &Remedy::remedy);
      if (at == all.end()) at = all.insert(at, {remedy, {}});
      auto said = std::ranges::find(at->causes, cause, &Remedy::Cause::text);
      if (said == at->causes.end()) said = at->causes.insert(said, {cause, {}});
      said->cases.push_back(i);
    }
  }
  return all;
}

std::string progress_text(const Result& result) {
  const std::string text = "the run did not end";
  if (result.cases_planned == 0) return text;
  return text + fmt::format(": {} of {} were measured", result.count(CaseStatus::ok),
                            counted(result.cases_planned, "case", "cases"));
}

Usability judge(const Summary& s, std::span<const Result> results) {
  Usability of;
  of.cases = static_cast<std::int64_t>(s.cases.size());
  of.measured = s.ok;
  std::int64_t warnings = 0;
  std::vector<std::string> cut_short;
  of.disturbed = std::ranges::count_if(s.cases, &CaseSummary::disturbed);
  for (const Result& result : results) {
    if (result.status == RunStatus::partial) cut_short.push_back(progress_text(result));
    warnings += std::ranges::count_if(result.warnings, [](const auto& w) { return !Excess::is_one(w); });
  }

  if (of.measured == 0)
    of.reasons.emplace_back(of.cases == 0 ? "no case was run" : "no case is a measurement");
  add_disagreements(s, of);
  of.verdict = of.reasons.empty() ? Usable::with_care : Usable::not_usable;
  for (std::string& one : cut_short) of.reasons.push_back(std::move(one));
  if (s.failed > 0) of.reasons.push_back(counted(s.failed, "case failed", "cases failed"));
  if (s.not_a_measurement > 0 && of.measured > 0)
    of.reasons.push_back(
        counted(s.not_a_measurement, "case is not a measurement", "cases are not a measurement"));
  add_disturbed(s, of);
  add_moved_peaks(s, of);
  add_doubtful_figures(s, of);
  if (warnings > 0) of.reasons.push_back(counted(warnings, "warning stands below", "warnings stand below"));
  if (of.reasons.empty()) of.verdict = Usable::usable;
  return of;
}

}  // namespace assay
