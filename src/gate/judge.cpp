// SPDX-License-Identifier: Apache-2.0
#include "gate/judge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/units.h"
#include "statistics/sessions.h"

namespace assay {
namespace {

/// Without a calibration or a must_catch: room for a figure as noisy as its limit is sensible for.
constexpr double kCatchesPerBound = 5.0 / 3;
constexpr std::int64_t kFewestDegrees = 5;

/// The calibration's deviation, for as many sessions as there are here.
double deviation_of(const Noise& noise, const Evidence& evidence) {
  const auto sessions = static_cast<double>(std::min(evidence.base_sessions, evidence.candidate_sessions));
  if (evidence.turns) return noise.deviation * std::sqrt(static_cast<double>(noise.sessions) / sessions);
  if (static_cast<std::int64_t>(sessions) == noise.sessions) return noise.deviation;
  const double within = noise.within * noise.within * kVarianceOfMedian / sessions;
  return std::sqrt(2 * (noise.between * noise.between + within));
}

bool calibrated(const Evidence& evidence) {
  return evidence.noise != nullptr && evidence.noise->degrees >= kFewestDegrees;
}

/// An absolute loss as a logarithm of costs.
double log_of_absolute(double loss, const Evidence& evidence) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (!evidence.base_figure || !(*evidence.base_figure > 0)) return kNever;
  const double base = *evidence.base_figure;
  if (evidence.better == Better::lower) return std::log1p(loss / base);
  return loss < base ? -std::log1p(-loss / base) : kNever;
}

std::string needed(const Evidence& evidence, const GateScale& scale) {
  std::string text = fmt::format("{} and {} sessions can never be significant among {} figures",
                                 evidence.base_sessions, evidence.candidate_sessions, scale.questions);
  // p = 2 / C(2n, n) of n sessions a side that lie wholly apart; of turns 2 / 6^(n / 2).
  const double wanted = scale.significance / static_cast<double>(scale.questions);
  std::int64_t sessions = 2;
  const auto least = [&](std::int64_t n) {
    const auto real = static_cast<double>(n);
    return evidence.turns ? 2 * std::pow(6.0, -real / 2)
                          : 2 * std::exp(2 * std::lgamma(real + 1) - std::lgamma(2 * real + 1));
  };
  while (least(sessions) > wanted && sessions < 1000) sessions += evidence.turns ? 2 : 1;
  return fmt::format("{}: {} a side are needed", text, std::max(sessions, scale.min_sessions));
}

}  // namespace

std::span<const std::string_view> enum_names(Outcome) {
  static constexpr std::array<std::string_view, 3> kNames = {"pass", "fail", "cannot_tell"};
  return kNames;
}

double share_of_log(double log) {
  return std::expm1(log);
}

Bounds bounds_of(const Limit& limit, const Evidence& evidence, const GateScale& scale) {
  Bounds bounds;
  if (limit.loss) bounds.bound = std::log1p(*limit.loss);
  if (limit.loss_absolute)
    bounds.bound = std::max(bounds.bound, log_of_absolute(*limit.loss_absolute, evidence));
  double deviation = 0;
  if (calibrated(evidence)) {
    deviation = deviation_of(*evidence.noise, evidence);
    const double tail = scale.false_alarms / static_cast<double>(scale.questions);
    const double t = student_t(static_cast<std::size_t>(evidence.noise->degrees), 1 - tail);
    bounds.bound = std::max({bounds.bound, t * deviation, evidence.noise->largest});
  }
  bounds.catches =
      std::max(limit.must_catch ? std::log1p(*limit.must_catch) : bounds.bound * kCatchesPerBound,
               bounds.bound + kCaught * deviation);
  return bounds;
}

bool can_tell_by_ranks(const Evidence& evidence, double significance) {
  return evidence.shift.least_p <= significance;
}

std::optional<double> p_of(const Evidence& evidence, const GateScale& scale) {
  if (calibrated(evidence)) {
    const double size = std::abs(evidence.shift.value), deviation = deviation_of(*evidence.noise, evidence);
    if (!(deviation > 0)) return size > 0 ? 0 : 1;
    return student_p(static_cast<std::size_t>(evidence.noise->degrees), size / deviation);
  }
  const std::int64_t sessions = std::min(evidence.base_sessions, evidence.candidate_sessions);
  const bool enough = evidence.turns || sessions >= scale.min_sessions;
  if (enough && can_tell_by_ranks(evidence, scale.significance / static_cast<double>(scale.questions)))
    return evidence.shift.p;
  return std::nullopt;
}

std::optional<double> significant_shift(const Evidence& evidence, double level) {
  if (!calibrated(evidence)) return std::nullopt;
  return student_t(static_cast<std::size_t>(evidence.noise->degrees), 1 - level / 2) *
         deviation_of(*evidence.noise, evidence);
}

bool noisier_than_calibrated(const Evidence& evidence, const GateScale& scale) {
  return calibrated(evidence) && can_tell_by_ranks(evidence, scale.significance) &&
         evidence.shift.p > scale.significance;
}

Judgement judge_loss(const Limit& limit, const Evidence& evidence, const Bounds& bounds,
                     const std::optional<double>& p_adjusted, const GateScale& scale) {
  const Shift& shift = evidence.shift;
  const bool either = limit.direction == Direction::either;
  const auto text = [](double log) { return percent_text(share_of_log(log)); };
  if (limit.noise && !calibrated(evidence))
    return {Outcome::cannot_tell, "its limit is the noise, which is not known of this figure here",
            "calibrate: assay gate --calibrate RESULT... of at least 6 runs without a change"};
  if (!p_adjusted)
    return {Outcome::cannot_tell, needed(evidence, scale),
            "run both with more /measure/sessions, or interleaved, or give a --calibration of this machine"};
  const double beyond = either ? std::abs(shift.value) : shift.value;
  if (beyond > bounds.bound) {
    if (noisier_than_calibrated(evidence, scale))
      return {
          Outcome::cannot_tell,
          fmt::format("a loss of {} is beyond the limit and beyond the calibrated noise, but its sessions "
                      "scatter so much that it may be chance (p {})",
                      text(beyond), number_text(shift.p, 2)),
          "the machine is noisier than when it was calibrated: run both again, or calibrate anew"};
    if (*p_adjusted <= scale.significance)
      return {Outcome::fail,
              fmt::format("it {} by {} where {} is allowed", shift.value > 0 ? "lost" : "changed",
                          text(std::abs(shift.value)), text(bounds.bound)),
              shift.value > 0 ? "look at what changed for this case; where the loss is meant, list it with a "
                                "reason and an end (--known), or renew the baseline"
                              : "renew the baseline, so that the gain is not lost unseen"};
    return {
        Outcome::cannot_tell,
        fmt::format("a loss of {} is beyond the limit, and may be chance (p {} over all)", text(beyond),
                    number_text(*p_adjusted, 2)),
        "run both again with more sessions, interleaved if you can (assay run --interleave, or --against)"};
  }
  std::optional<double> upper;
  if (shift.ci90) upper = either ? std::max(shift.ci90->high, -shift.ci90->low) : shift.ci90->high;
  if (calibrated(evidence) && !upper) upper = beyond + kCaught * deviation_of(*evidence.noise, evidence);
  if (!upper)
    return {Outcome::cannot_tell, "so few sessions have no interval", "run both with more /measure/sessions"};
  if (*upper < bounds.catches) return {Outcome::pass, "", ""};
  return {Outcome::cannot_tell,
          fmt::format("a loss of up to {} cannot be excluded, and one of {} must be caught", text(*upper),
                      text(bounds.catches)),
          evidence.turns
              ? "a quieter machine or more /measure/sessions make the interval narrower"
              : "a quieter machine, more /measure/sessions, or interleaved runs make the interval narrower"};
}

Judgement judge_value(const Limit& limit, const MetricResult& metric) {
  const std::string rerun = "run it longer (/measure/max_seconds) or with more /measure/sessions";
  if (!metric.known()) return {Outcome::cannot_tell, "the figure is not known", rerun};
  if (metric.ci95.size() != 2) return {Outcome::cannot_tell, "the figure has no interval", rerun};
  const double low = metric.ci95[0], high = metric.ci95[1];
  const auto text = [&](double value) { return quantity_text(value, metric.unit); };
  if ((limit.at_most && low > *limit.at_most) || (limit.at_least && high < *limit.at_least))
    return {Outcome::fail,
            fmt::format("it is {} [{}, {}], and {} {} is asked for", text(metric.value), text(low),
                        text(high), limit.at_most ? "at most" : "at least",
                        text(limit.at_most ? *limit.at_most : *limit.at_least)),
            "this machine does not do it with this load: change the load, the limit, or the machine"};
  if ((!limit.at_most || high <= *limit.at_most) && (!limit.at_least || low >= *limit.at_least))
    return {Outcome::pass, "", ""};
  return {Outcome::cannot_tell,
          fmt::format("its interval [{}, {}] holds what is asked for", text(low), text(high)), rerun};
}

}  // namespace assay
