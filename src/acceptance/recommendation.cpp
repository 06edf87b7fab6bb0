// SPDX-License-Identifier: Apache-2.0
#include "acceptance/recommendation.h"

#include <algorithm>
#include <array>

#include "acceptance/recommendation_text.h"
#include "analyse/comparison.h"

namespace assay {

std::span<const std::string_view> enum_names(Decision) {
  static constexpr std::array<std::string_view, 5> kNames = {"one", "any", "none_meets", "cannot_tell",
                                                             "not_asked"};
  return kNames;
}
std::span<const std::string_view> enum_names(Confidence) {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "low", "moderate", "high"};
  return kNames;
}

namespace {

bool is_tighter(const LimitVerdict& a, const LimitVerdict& b) {
  if (a.verdict != b.verdict) return gravity(a.verdict) < gravity(b.verdict);
  return a.margin.value_or(0) < b.margin.value_or(0);
}

const Rank* rank_of(const Grounds& g, std::size_t system) {
  const auto found = std::ranges::find(g.ranks, system, &Rank::system);
  return found == g.ranks.end() ? nullptr : &*found;
}

/// Shown to be better by more than what is the same for all that matters.
bool is_better(const Rank* a, const Rank* b) {
  return a != nullptr && b != nullptr && a->low && b->high && *a->low > *b->high * (1 + kSameMargin);
}

/// Of those that meet every limit: the cheapest where prices tell them apart, then what is shown to be better
/// than every other.
std::vector<std::size_t> preferred(const Grounds& g, std::vector<std::size_t> systems) {
  const auto price = [&](std::size_t s) { return g.contenders[s].per_hour; };
  const bool priced =
      !g.brief.prefer && std::ranges::all_of(systems, [&](std::size_t s) { return price(s).has_value(); });
  if (priced) {
    const double least =
        *price(*std::ranges::min_element(systems, {}, [&](std::size_t s) { return *price(s); }));
    std::erase_if(systems, [&](std::size_t s) { return *price(s) > least; });
  }
  for (const std::size_t s : systems)
    if (std::ranges::all_of(systems,
                            [&](std::size_t o) { return o == s || is_better(rank_of(g, s), rank_of(g, o)); }))
      return {s};
  return systems;
}

/// The verdict that stands for the answer: the tightest of what is recommended, else of what came nearest.
std::optional<std::size_t> deciding_of(const Grounds& g, const Recommendation& answer) {
  std::optional<std::size_t> best;
  if (!answer.systems.empty()) return g.contenders[answer.systems.front()].tightest;
  for (const Contender& c : g.contenders)
    if (c.tightest && (!best || is_tighter(g.verdicts[*best], g.verdicts[*c.tightest]))) best = c.tightest;
  return best;
}

void decide(Recommendation& answer, const Grounds& g) {
  if (g.brief.acceptance.empty()) return;
  std::vector<std::size_t> meet;
  bool all_miss = !g.contenders.empty();
  for (const Contender& c : g.contenders) {
    if (c.failed == 0 && c.undecided == 0) meet.push_back(c.system);
    all_miss &= c.failed > 0;
  }
  if (!meet.empty()) answer.systems = preferred(g, meet);
  answer.decision = answer.systems.size() == 1  ? Decision::one
                    : answer.systems.size() > 1 ? Decision::any
                    : all_miss                  ? Decision::none_meets
                                                : Decision::cannot_tell;
}

/// How sure: by what the verdicts of the systems that the answer speaks of rest on.
void judge_confidence(Recommendation& answer, const Grounds& g) {
  if (answer.decision == Decision::not_asked || answer.decision == Decision::cannot_tell) {
    answer.confidence_why = answer.decision == Decision::not_asked
                                ? "no limit was given that an answer could rest on"
                                : "what was measured does not tell";
    return;
  }
  std::int64_t sessions = 0;
  bool disturbed = false, first = true, no_interval = false;
  for (const LimitVerdict& v : g.verdicts) {
    const bool spoken_of = answer.systems.empty()
                               ? v.verdict == Outcome::fail
                               : std::ranges::find(answer.systems, v.system) != answer.systems.end();
    if (!spoken_of || !v.figure) continue;
    sessions = first ? v.figure->sessions : std::min(sessions, v.figure->sessions);
    disturbed |= v.figure->disturbed;
    no_interval |= !v.figure->low || !v.figure->high;
    first = false;
  }
  answer.confidence = disturbed || g.summary.usable.verdict != Usable::usable ? Confidence::low
                      : sessions >= kFewestUnits && !no_interval              ? Confidence::high
                                                                              : Confidence::moderate;
  answer.confidence_why = confidence_text(answer.confidence, sessions, disturbed, no_interval);
}

}  // namespace

std::vector<Contender> contenders_of(const std::vector<System>& systems,
                                     const std::vector<LimitVerdict>& verdicts) {
  std::vector<Contender> all(systems.size());
  for (std::size_t s = 0; s < systems.size(); ++s) all[s].system = s;
  for (std::size_t v = 0; v < verdicts.size(); ++v) {
    Contender& c = all[verdicts[v].system];
    (verdicts[v].verdict == Outcome::pass   ? c.passed
     : verdicts[v].verdict == Outcome::fail ? c.failed
                                            : c.undecided) += 1;
    if (!c.tightest || is_tighter(verdicts[v], verdicts[*c.tightest])) c.tightest = v;
  }
  return all;
}

Recommendation answer_of(const Grounds& g) {
  Recommendation answer;
  decide(answer, g);
  answer.deciding = deciding_of(g, answer);
  answer.sentence = sentence_of(answer, g);
  for (const Contender& c : g.contenders) answer.reasons.push_back(reason_text(c, g));
  judge_confidence(answer, g);
  answer.would_change = changes(answer, g);
  return answer;
}

}  // namespace assay
