// SPDX-License-Identifier: Apache-2.0
#include "acceptance/figure.h"

#include <algorithm>
#include <cmath>

#include "analyse/comparison.h"
#include "base/units.h"

namespace assay {
namespace {

MeasuredFigure figure_from(const Headline& h, const CaseSummary& one, std::size_t index) {
  return {.case_index = index,
          .metric = h.metric,
          .of = h.of,
          .unit = h.unit,
          .better = h.better,
          .statistic = h.statistic,
          .stands_in = false,
          .value = h.value,
          .low = h.low,
          .high = h.high,
          .n = h.n,
          .blocks = h.blocks,
          .sessions = h.sessions,
          .disturbed = one.disturbed,
          .why = h.why};
}

/// How far intervals may be off, and what would narrow that.
struct Allowance {
  double factor = 1;
  std::string why, advice;
};

Allowance allowance_of(const MeasuredFigure& f) {
  if (f.disturbed)
    return {kDisturbedAllowance,
            "the machine was disturbed, where figures have lain up to " + ratio_text(kDisturbedAllowance) +
                " apart",
            "remove what the warnings name, and measure it again"};
  if (!f.low || !f.high || f.sessions < 2)
    return {kSessionAllowance,
            std::string(f.low && f.high ? "it rests on one session" : "it has no interval") +
                ", and figures of other sessions have lain up to " + ratio_text(kSessionAllowance) + " apart",
            "measure it with --set /measure/sessions=6"};
  if (!f.why.empty())
    return {kSessionAllowance, "its interval is not to be trusted: " + f.why,
            "measure it longer, with --set /measure/sessions=6"};
  return {};
}

Outcome outcome(double near, double far, double bound, bool upper) {
  const bool all_within = upper ? far <= bound : far >= bound;
  const bool all_beyond = upper ? near > bound : near < bound;
  return all_within ? Outcome::pass : all_beyond ? Outcome::fail : Outcome::cannot_tell;
}

Met against(const MeasuredFigure& f, double bound, bool upper) {
  Met met{
      .verdict = Outcome::cannot_tell, .bound = bound, .margin = {}, .turns_at = {}, .why = {}, .advice = {}};
  const double value = *f.value, low = f.low.value_or(value), high = f.high.value_or(value);
  if (bound != 0) met.margin = (upper ? bound - value : value - bound) / std::fabs(bound);
  const Allowance allowed = allowance_of(f);
  const double near = upper ? low / allowed.factor : high * allowed.factor;
  const double far = upper ? high * allowed.factor : low / allowed.factor;
  met.verdict = outcome(near, far, bound, upper);
  if (met.verdict == Outcome::pass) met.turns_at = far;
  if (met.verdict == Outcome::fail) met.turns_at = near;
  if (met.verdict != Outcome::cannot_tell) return met;
  const bool interval_holds_it =
      outcome(upper ? low : high, upper ? high : low, bound, upper) == Outcome::cannot_tell;
  if (interval_holds_it) {
    met.why = "its interval, " + value_text(f, low) + " to " + value_text(f, high) + ", holds the limit";
    met.advice = "more sessions would narrow it: --set /measure/sessions=12";
  }
  if (allowed.factor > 1) {
    met.why = interval_holds_it ? met.why : allowed.why;
    met.advice = allowed.advice;
  }
  return met;
}

}  // namespace

std::optional<MeasuredFigure> figure_of(const Summary& summary, std::size_t case_index,
                                        const std::string& metric, std::optional<Stat> statistic) {
  const CaseSummary& one = summary.cases[case_index];
  const auto found = std::ranges::find(one.headlines, metric, &Headline::metric);
  if (found == one.headlines.end()) return std::nullopt;
  MeasuredFigure figure = figure_from(*found, one, case_index);
  if (!statistic || *statistic == found->statistic) return figure;
  const auto same = std::ranges::find_if(one.headlines, [&](const Headline& h) {
    return h.of == found->of && h.unit == found->unit && h.amount == found->amount &&
           h.peak_of == found->peak_of && h.statistic == *statistic;
  });
  if (same != one.headlines.end() && same->value) return figure_from(*same, one, case_index);
  const bool a_time = found->statistic == Stat::median && !found->amount;
  const std::optional<double> of_draws = !a_time                   ? std::nullopt
                                         : *statistic == Stat::p99 ? found->p99
                                         : *statistic == Stat::p90 ? found->p90
                                                                   : std::nullopt;
  if (!of_draws) {
    figure.stands_in = true;
    return figure;
  }
  figure.statistic = *statistic;
  figure.value = of_draws;
  figure.low = figure.high = std::nullopt;
  return figure;
}

int gravity(Outcome outcome) {
  return outcome == Outcome::fail ? 0 : outcome == Outcome::cannot_tell ? 1 : 2;
}

Met is_met(const MeasuredFigure& figure, std::optional<double> at_most, std::optional<double> at_least) {
  if (!figure.value) {
    return {.verdict = Outcome::cannot_tell,
            .bound = at_most ? at_most : at_least,
            .margin = {},
            .turns_at = {},
            .why = "the figure is withheld: " + figure.why,
            .advice = "measure it again, longer"};
  }
  std::optional<Met> worst;
  for (const auto& [bound, upper] : {std::pair(at_most, true), {at_least, false}}) {
    if (!bound) continue;
    Met met = against(figure, *bound, upper);
    if (!worst || gravity(met.verdict) < gravity(worst->verdict) ||
        (met.verdict == worst->verdict && met.margin.value_or(0) < worst->margin.value_or(0)))
      worst = std::move(met);
  }
  Met met = worst.value_or(Met{});
  if (figure.stands_in && met.verdict == Outcome::pass) {
    met.verdict = Outcome::cannot_tell;
    met.turns_at.reset();
    met.why = "its " + std::to_string(figure.n) +
              " draws do not support the percentile that is asked for; the " +
              std::string(name(figure.statistic)) + " meets the limit";
    met.advice = "take more draws: --set /measure/min_seconds=10, or more sessions";
  }
  return met;
}

std::string value_text(const MeasuredFigure& figure, double value) {
  return quantity_text(value, figure.unit);
}

}  // namespace assay
