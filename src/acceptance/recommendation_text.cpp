// SPDX-License-Identifier: Apache-2.0
#include "acceptance/recommendation_text.h"

#include <algorithm>

#include "analyse/comparison.h"
#include "base/text.h"
#include "base/units.h"

namespace assay {
namespace {

std::string counted(std::int64_t count, const std::string& noun) {
  return count_text(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string labels(const std::vector<std::size_t>& systems, const Grounds& g) {
  std::string text;
  for (std::size_t i = 0; i < systems.size(); ++i)
    text += (i == 0 ? "" : i + 1 == systems.size() ? " and " : ", ") + g.systems[systems[i]].label;
  return text;
}

std::string quoted_limits(const Grounds& g, std::size_t system, Outcome outcome) {
  std::vector<std::string> names;
  for (const LimitVerdict& v : g.verdicts)
    if (v.system == system && v.verdict == outcome)
      names.push_back("\"" + g.brief.acceptance[v.limit].name + "\"");
  return join(names, ", ");
}

/// Why one of several is named.
std::string preference_text(const Recommendation& answer, const Grounds& g) {
  const std::size_t chosen = answer.systems.front();
  std::vector<std::size_t> others;
  for (const Contender& c : g.contenders)
    if (c.system != chosen && c.failed == 0 && c.undecided == 0) others.push_back(c.system);
  const bool all_miss = std::ranges::all_of(
      g.contenders, [&](const Contender& c) { return c.system == chosen || c.failed > 0; });
  if (others.empty())
    return g.systems.size() < 2 ? ""
           : all_miss           ? ", and no other system does"
                                : ", and no other system is shown to";
  const Contender& c = g.contenders[chosen];
  const bool cheaper = !g.brief.prefer && c.per_hour && std::ranges::all_of(others, [&](std::size_t o) {
    return g.contenders[o].per_hour && *g.contenders[o].per_hour > *c.per_hour;
  });
  if (cheaper) return ", at the lowest price of those that do";
  return ", and is better than " + labels(others, g) + ", which " + (others.size() == 1 ? "does" : "do") +
         " too, in " + (g.brief.prefer ? g.brief.prefer->metric : "the figures compared");
}

std::string bound_words(const LimitVerdict& v, const AcceptanceLimit& limit) {
  return limit.at_most && v.bound == limit.at_most ? "at most" : "at least";
}

void add_tightest(std::vector<std::string>& out, const Grounds& g, std::size_t system) {
  const auto at = g.contenders[system].tightest;
  if (!at) return;
  const LimitVerdict& v = g.verdicts[*at];
  const AcceptanceLimit& limit = g.brief.acceptance[v.limit];
  if (v.verdict != Outcome::pass || !v.figure || !v.figure->value || !v.bound) return;
  if (!v.turns_at) return;
  const bool upper = limit.at_most && v.bound == limit.at_most;
  out.push_back("The limit with the least room is \"" + limit.name + "\": " + g.systems[system].label +
                " is at " + value_text(*v.figure, *v.figure->value) + " of " + bound_words(v, limit) + " " +
                value_text(*v.figure, *v.bound) + ". A limit " + (upper ? "below " : "above ") +
                value_text(*v.figure, *v.turns_at) + " would not be shown to hold.");
}

/// A system that one limit alone keeps out.
void add_kept_out(std::vector<std::string>& out, const Grounds& g, const Contender& c) {
  if (c.failed != 1 || c.undecided != 0) return;
  for (const LimitVerdict& v : g.verdicts) {
    if (v.system != c.system || v.verdict != Outcome::fail || !v.figure || !v.figure->value) continue;
    const AcceptanceLimit& limit = g.brief.acceptance[v.limit];
    out.push_back(g.systems[c.system].label + " misses \"" + limit.name + "\" alone: at " +
                  value_text(*v.figure, *v.figure->value) + " where " + bound_words(v, limit) + " " +
                  value_text(*v.figure, *v.bound) + " is asked for.");
  }
}

void add_undecided(std::vector<std::string>& out, const Grounds& g) {
  for (const LimitVerdict& v : g.verdicts) {
    if (v.verdict != Outcome::cannot_tell) continue;
    std::string text = "Whether " + g.systems[v.system].label + " meets \"" +
                       g.brief.acceptance[v.limit].name + "\" cannot be told: " + v.why +
                       (v.advice.empty() ? "" : " (" + v.advice + ")") + ".";
    if (std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
  }
}

}  // namespace

std::string sentence_of(const Recommendation& answer, const Grounds& g) {
  const std::string all = g.brief.acceptance.size() == 1
                              ? "the limit"
                              : "all " + count_text(std::ssize(g.brief.acceptance)) + " limits";
  switch (answer.decision) {
    case Decision::one:
      return g.systems[answer.systems.front()].label + ": it meets " + all + preference_text(answer, g) + ".";
    case Decision::any:
      return labels(answer.systems, g) + " meet " + all +
             "; none of them is shown to be better than the others.";
    case Decision::none_meets: return "No system that was measured meets " + all + ".";
    case Decision::cannot_tell:
      return "There is no recommendation yet: no system is shown to meet " + all +
             ", and what was measured does not rule all of them out.";
    case Decision::not_asked: break;
  }
  return "No acceptance limit was given: the figures stand for themselves.";
}

std::string reason_text(const Contender& c, const Grounds& g) {
  const std::string of = " of " + counted(c.passed + c.failed + c.undecided, "limit");
  std::string text = g.systems[c.system].label + " meets " + count_text(c.passed) + of;
  if (c.failed > 0) text += "; it misses " + quoted_limits(g, c.system, Outcome::fail);
  if (c.undecided > 0) text += "; it cannot be told of " + quoted_limits(g, c.system, Outcome::cannot_tell);
  return text + ".";
}

std::string confidence_text(Confidence confidence, std::int64_t sessions, bool disturbed, bool no_interval) {
  switch (confidence) {
    case Confidence::high:
      return "every verdict holds with its whole 95 % interval over " + counted(sessions, "fresh session") +
             " or more";
    case Confidence::moderate:
      if (sessions < 2)
        return "every verdict holds with room for what other sessions have been apart (" +
               ratio_text(kSessionAllowance) + "), but some rest on one session";
      return no_interval ? "some verdicts are of percentiles, which have no interval of their own; they hold "
                           "with room "
                           "for figures " +
                               ratio_text(kSessionAllowance) + " apart"
                         : "every verdict holds with its whole 95 % interval, over few sessions (" +
                               count_text(sessions) + ")";
    case Confidence::low:
      return disturbed ? "the machine was disturbed while it was measured; the verdicts allow for figures " +
                             ratio_text(kDisturbedAllowance) + " apart"
                       : "the figures may not be used as they are";
    case Confidence::none: break;
  }
  return "";
}

std::vector<std::string> changes(const Recommendation& answer, const Grounds& g) {
  std::vector<std::string> out;
  for (const std::size_t system : answer.systems) add_tightest(out, g, system);
  for (const Contender& c : g.contenders) add_kept_out(out, g, c);
  add_undecided(out, g);
  return out;
}

std::string limit_text(const AcceptanceLimit& limit, const std::string& unit) {
  std::vector<std::string> parts;
  if (limit.at_most) parts.push_back("at most " + quantity_text(*limit.at_most, unit));
  if (limit.at_least) parts.push_back("at least " + quantity_text(*limit.at_least, unit));
  std::string text = join(parts, " and ");
  if (limit.statistic && *limit.statistic != Stat::median)
    text = std::string(name(*limit.statistic)) + " " + text;
  if (!limit.capacity) return text;
  return text + ", up to " + setting_at(limit.capacity->of, limit.capacity->at_least);
}

}  // namespace assay
