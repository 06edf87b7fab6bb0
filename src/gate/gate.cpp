// SPDX-License-Identifier: Apache-2.0
#include "gate/gate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "analyse/turns_of.h"
#include "base/units.h"
#include "gate/comparable.h"
#include "gate/questions.h"

namespace assay {
namespace {

std::string limit_text(const Limit& limit, const MetricResult& metric) {
  std::vector<std::string> parts;
  if (limit.loss) parts.push_back(percent_text(*limit.loss));
  if (limit.loss_absolute) parts.push_back(quantity_text(*limit.loss_absolute, metric.unit));
  if (limit.noise) parts.emplace_back("its noise");
  std::string text = limit.direction == Direction::either ? "changes by at most " : "loses at most ";
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : " and ") + parts[i];
  return text;
}

/// A loss under its limit, on its way to an entry.
struct Asked {
  GateQuestion question;
  std::optional<Evidence> evidence;
  std::optional<double> p;
};

std::vector<Asked> ask(std::span<const PairedCase> pairs, const Limits& limits, const Turns& turns,
                       ShiftTest& test) {
  std::vector<Asked> asked;
  for (const PairedCase& pair : pairs) {
    if (pair.candidate == nullptr || pair.base->status != CaseStatus::ok ||
        pair.candidate->status != CaseStatus::ok)
      continue;
    for (const GateQuestion& question : questions_of(pair, limits))
      asked.push_back({question, evidence_of(question, limits, turns, test), {}});
  }
  return asked;
}

GateEntry entry_of(const Asked& one) {
  const GateQuestion& q = one.question;
  GateEntry entry{.case_id = q.base->id,
                  .device = q.base->device,
                  .metric = q.metric,
                  .unit = q.base_metric->unit,
                  .limit = limit_text(*q.limit, *q.base_metric)};
  if (q.base_metric->known()) entry.base = q.base_metric->value;
  if (q.candidate_metric != nullptr && q.candidate_metric->known())
    entry.candidate = q.candidate_metric->value;
  if (!one.evidence) {
    entry.why = q.candidate_metric == nullptr
                    ? "the candidate has no such figure"
                    : "its sessions do not have this figure each: a percentile needs more draws of them";
    entry.advice = "run both with the same config, long enough for the figure";
    return entry;
  }
  const Shift& shift = one.evidence->shift;
  entry.value = share_of_log(shift.value);
  if (shift.ci95) {
    entry.low = share_of_log(shift.ci95->low);
    entry.high = share_of_log(shift.ci95->high);
  }
  entry.base_sessions = one.evidence->base_sessions;
  entry.candidate_sessions = one.evidence->candidate_sessions;
  entry.turns = one.evidence->turns;
  entry.calibrated = one.evidence->noise != nullptr;
  return entry;
}

void judge_asked(GateEntry& entry, const Asked& one, const std::optional<double>& p_adjusted,
                 const GateScale& scale) {
  if (!one.evidence) return;
  const Bounds bounds = bounds_of(*one.question.limit, *one.evidence, scale);
  if (std::isfinite(bounds.bound)) entry.bound = share_of_log(bounds.bound);
  if (std::isfinite(bounds.catches)) entry.catches = share_of_log(bounds.catches);
  entry.p = one.p;
  entry.p_adjusted = p_adjusted;
  const Judgement judged = judge_loss(*one.question.limit, *one.evidence, bounds, p_adjusted, scale);
  entry.verdict = judged.verdict;
  entry.why = judged.why;
  entry.advice = judged.advice;
}

std::vector<GateEntry> judge_all(std::vector<Asked>& asked, GateScale scale) {
  scale.questions = std::max<std::size_t>(1, asked.size());
  std::vector<double> p;
  for (Asked& one : asked) {
    if (one.evidence) one.p = p_of(*one.evidence, scale);
    p.push_back(one.p.value_or(1));  // a question that cannot be answered was asked all the same
  }
  const std::vector<double> adjusted = holm(p);
  std::vector<GateEntry> entries;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    entries.push_back(entry_of(asked[i]));
    judge_asked(entries.back(), asked[i], asked[i].p ? std::optional(adjusted[i]) : std::nullopt, scale);
  }
  return entries;
}

using EntryKey = std::pair<std::string, std::string>;
EntryKey key_of(const GateEntry& entry) {
  return {entry.case_id + "\n" + entry.device, entry.metric};
}

/// What failed at first is judged by the run that was made to confirm it.
void confirm(std::vector<GateEntry>& entries, const GateRequest& request, const GateScale& scale,
             ShiftTest& test) {
  std::set<EntryKey> suspicious;
  for (const GateEntry& entry : entries)
    if (entry.verdict == Outcome::fail && entry.p) suspicious.insert(key_of(entry));
  const Result &base = *request.confirmation->base, &candidate = *request.confirmation->candidate;
  std::vector<Asked> asked =
      ask(paired_cases(base, candidate), request.limits, turns_of(base, candidate), test);
  std::erase_if(asked, [&](const Asked& one) { return !suspicious.contains(key_of(entry_of(one))); });
  std::map<EntryKey, GateEntry> again;
  for (GateEntry& entry : judge_all(asked, scale)) again.emplace(key_of(entry), std::move(entry));
  for (GateEntry& entry : entries) {
    if (!suspicious.contains(key_of(entry))) continue;
    const auto found = again.find(key_of(entry));
    if (found == again.end()) {
      entry.verdict = Outcome::cannot_tell;
      entry.why += "; the confirming run has no such figure";
      entry.advice = "run the gate again with the config that the baseline was measured with";
      continue;
    }
    const std::string first = entry.why;
    entry = found->second;
    entry.confirmed = true;
    if (entry.verdict == Outcome::fail)
      entry.why += ", again in the confirming run";
    else
      entry.why = "at first " + first + ", which the confirming run did not confirm" +
                  (entry.why.empty() ? "" : ": " + entry.why);
  }
}

/// Figures of which the baseline itself lies beyond the limit from its pin, either way.
void mark_moved(std::vector<GateEntry>& entries, const GateRequest& request, const GateScale& scale,
                ShiftTest& test, std::vector<std::string>& notes) {
  const Result& pin = *request.pin;
  std::vector<PairedCase> pairs = paired_cases(pin, request.base);
  std::vector<Asked> asked = ask(pairs, request.limits, turns_of(pin, request.base), test);
  Limits either = request.limits;
  for (Limit& limit : either.limits) limit.direction = Direction::either;
  for (Asked& one : asked)
    one.question.limit =
        &either.limits[static_cast<std::size_t>(one.question.limit - request.limits.limits.data())];
  std::map<EntryKey, GateEntry> of_pin;
  for (GateEntry& entry : judge_all(asked, scale)) of_pin.emplace(key_of(entry), std::move(entry));
  for (GateEntry& entry : entries) {
    const auto found = of_pin.find(key_of(entry));
    if (found == of_pin.end()) {
      notes.push_back(entry.case_id + ", " + entry.metric + ": the pin has no such figure");
      continue;
    }
    if (found->second.verdict != Outcome::fail) continue;
    entry.base_moved = true;
    entry.verdict = Outcome::cannot_tell;
    entry.why =
        fmt::format("the base moved: it is {} {} than its pin", percent_text(std::abs(*found->second.value)),
                    *found->second.value > 0 ? "slower" : "faster");
    entry.advice =
        "find out what moved the baseline (machine, driver, its own change) before judging anything "
        "against it; then measure it again, or renew the pin";
  }
}

/// What a limit asks of a figure's own value, one after the other.
std::vector<Limit> asked_of_values(const Limit& limit) {
  std::vector<Limit> asked;
  for (const auto bound : {&Limit::at_most, &Limit::at_least}) {
    if (!(limit.*bound)) continue;
    asked.push_back(limit);
    asked.back().at_most.reset();
    asked.back().at_least.reset();
    asked.back().*bound = limit.*bound;
  }
  return asked;
}

GateEntry judged_value(const CaseResult& one, const std::string& name, const MetricResult& metric,
                       const Limit& limit) {
  const double asked = limit.at_most ? *limit.at_most : *limit.at_least;
  GateEntry entry{
      .case_id = one.id,
      .device = one.device,
      .metric = name,
      .unit = metric.unit,
      .limit = std::string(limit.at_most ? "at most " : "at least ") + quantity_text(asked, metric.unit)};
  if (metric.known()) entry.candidate = entry.value = metric.value;
  if (metric.ci95.size() == 2) {
    entry.low = metric.ci95[0];
    entry.high = metric.ci95[1];
  }
  entry.bound = asked;
  entry.candidate_sessions = sessions_of(one, metric);
  const Judgement judged = judge_value(limit, metric);
  entry.verdict = judged.verdict;
  entry.why = judged.why;
  entry.advice = judged.advice;
  return entry;
}

void add_values(std::vector<GateEntry>& entries, const GateRequest& request) {
  for (const CaseResult& one : request.candidate.cases)
    for (const Limit& all : request.limits.limits)
      for (const Limit& limit : asked_of_values(all))
        for (const auto& [name, metric] : one.metrics) {
          if (!fits(limit.cases, one.id) || !fits(limit.metric, name) ||
              (limit.statistic && *limit.statistic != metric.statistic) || one.status != CaseStatus::ok)
            continue;
          entries.push_back(judged_value(one, name, metric, limit));
        }
}

void apply_known(std::vector<GateEntry>& entries, const GateRequest& request) {
  for (GateEntry& entry : entries) {
    if (entry.verdict != Outcome::fail || !entry.p) continue;
    bool expired = false;
    const KnownRegression* known =
        find_known(request.known, entry.case_id, entry.metric, *entry.value, request.today, expired);
    if (known != nullptr) {
      entry.verdict = Outcome::pass;
      entry.known = known->reason + " (until " + known->until + ")";
    } else if (expired) {
      entry.why += "; it was known, and the time for it has run out";
      entry.advice = "mend it, or renew its entry in the list of known regressions with a new reason";
    }
  }
}

void add_missing(GateVerdict& out, std::span<const PairedCase> pairs, const GateRequest& request) {
  const auto at = [](const CaseResult& one) { return one.id + " on " + one.device; };
  std::set<std::string> in_base;
  for (const auto& [base, candidate] : pairs) {
    in_base.insert(at(*base));
    if (candidate == nullptr) {
      out.missing.push_back(at(*base) + " is not in the candidate");
      continue;
    }
    for (const CaseResult* one : {base, candidate}) {
      const std::string whose = one == base ? " of the baseline" : " of the candidate";
      if (one->verification && one->verification->status == CheckStatus::failed)
        out.wrong.push_back(at(*one) + whose + " was numerically wrong" +
                            (one->reason ? " (" + *one->reason + ")" : ""));
      else if (one->status != CaseStatus::ok)
        out.missing.push_back(at(*one) + whose + " has no figures: " + name_of(one->status) +
                              (one->reason ? " (" + *one->reason + ")" : ""));
    }
  }
  for (const CaseResult& one : request.candidate.cases)
    if (!in_base.contains(at(one))) out.notes.push_back(at(one) + " is new: there is nothing to judge it by");
  for (const Result* one : {&request.base, &request.candidate})
    if (one->status == RunStatus::partial)
      out.missing.push_back(std::string("the ") + (one == &request.base ? "baseline" : "candidate") +
                            " is partial: its run did not end");
}

void sum_up(GateVerdict& out) {
  for (const GateEntry& entry : out.entries)
    ++(entry.verdict == Outcome::pass   ? out.passed
       : entry.verdict == Outcome::fail ? out.failed
                                        : out.undecided);
  const bool moved = std::ranges::any_of(out.entries, &GateEntry::base_moved);
  const bool whole = out.comparable() && out.missing.empty() && !out.entries.empty() && !moved;
  if (!out.wrong.empty() || (out.failed > 0 && out.comparable()))
    out.verdict = Outcome::fail;
  else if (whole && out.undecided == 0)
    out.verdict = Outcome::pass;
  out.only_noise = out.verdict == Outcome::cannot_tell && whole;

  std::string tail = fmt::format("{} of {} limits hold", out.passed, out.entries.size());
  if (out.failed > 0) tail += fmt::format(", {} do not", out.failed);
  if (out.undecided > 0) tail += fmt::format(", of {} it cannot be told", out.undecided);
  if (!out.wrong.empty()) tail = "numerically wrong results; " + tail;
  if (!out.missing.empty()) tail += fmt::format("; {} missing", out.missing.size());
  if (!out.comparable()) tail = "the results are not comparable; " + tail;
  if (moved) tail = "the base moved; " + tail;
  out.summary = tail;
}

}  // namespace

bool GateVerdict::comparable() const {
  return std::ranges::all_of(differences, &GateDifference::allowed);
}

GateVerdict gate(const GateRequest& request) {
  GateVerdict out;
  out.baseline = request.base.name;
  out.candidate = request.candidate.name;
  out.limits = request.limits.name;
  const std::vector<PairedCase> pairs = paired_cases(request.base, request.candidate);
  out.differences = incomparable(request.base, request.candidate, pairs);
  for (GateDifference& one : out.differences) one.allowed = request.allow_different.contains(one.key);
  add_missing(out, pairs, request);

  const GateScale scale{.significance = request.limits.significance,
                        .false_alarms = request.limits.false_alarms,
                        .min_sessions = request.limits.min_sessions};
  ShiftTest test;
  std::vector<Asked> asked = ask(pairs, request.limits, turns_of(request.base, request.candidate), test);
  out.questions = std::ssize(asked);
  out.entries = judge_all(asked, scale);
  if (request.confirmation) confirm(out.entries, request, scale, test);
  if (request.pin != nullptr) mark_moved(out.entries, request, scale, test, out.notes);
  apply_known(out.entries, request);
  add_values(out.entries, request);
  for (const auto& entry : out.entries)
    if (entry.verdict == Outcome::cannot_tell && !entry.value)
      out.missing.push_back(entry.case_id + ", " + entry.metric + ": " + entry.why);
  // Failures first, then what cannot be told; as they came within.
  const auto rank = [](const GateEntry& e) {
    return e.verdict == Outcome::fail ? 0 : e.verdict == Outcome::cannot_tell ? 1 : 2;
  };
  std::ranges::stable_sort(out.entries, {}, rank);
  sum_up(out);
  return out;
}

std::vector<std::string> failing_cases(const GateVerdict& verdict) {
  std::vector<std::string> ids;
  for (const GateEntry& entry : verdict.entries)
    if (entry.verdict == Outcome::fail && entry.p && std::ranges::find(ids, entry.case_id) == ids.end())
      ids.push_back(entry.case_id);
  return ids;
}

}  // namespace assay
