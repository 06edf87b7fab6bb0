// SPDX-License-Identifier: Apache-2.0
#include "statistics/ratios.h"

#include <cmath>

namespace assay {
namespace {

void scale_variances(Estimate& estimate, double slope) {
  for (auto* variance : {&estimate.within_variance, &estimate.between_variance})
    if (*variance) **variance *= slope * slope;
}

void add_why(Estimate& estimate, const std::string& why) {
  if (!why.empty()) estimate.why += (estimate.why.empty() ? "" : "; ") + why;
}

}  // namespace

Estimate rate(const Estimate& figure, double amount) {
  Estimate rate = figure;
  if (!figure.value) return rate;
  if (*figure.value <= 0) {
    rate.value.reset();
    rate.ci95.reset();
    rate.within_variance.reset();
    rate.between_variance.reset();
    add_why(rate, "a rate needs a figure above 0");
    return rate;
  }
  rate.value = amount / *figure.value;
  if (figure.ci95 && figure.ci95->low > 0) {
    rate.ci95 = Interval{amount / figure.ci95->high, amount / figure.ci95->low};
  } else if (figure.ci95) {
    rate.ci95.reset();
    add_why(rate, "its interval reaches down to 0");
  }
  scale_variances(rate, amount / (*figure.value * *figure.value));
  return rate;
}

Estimate share_of(const Estimate& figure, double peak) {
  Estimate known;
  known.value = peak;
  known.ci95 = Interval{peak, peak};
  return share_of(figure, known);
}

Estimate share_of(const Estimate& figure, const Estimate& peak) {
  Estimate share = figure;
  share.ci95.reset();
  if (!peak.value || *peak.value <= 0) {
    share.value.reset();
    share.within_variance.reset();
    share.between_variance.reset();
    add_why(share, "its peak is unknown");
    return share;
  }
  if (figure.value) share.value = *figure.value / *peak.value;
  scale_variances(share, 1 / *peak.value);
  share.hang_together = figure.hang_together || peak.hang_together;
  const bool bounded = peak.ci95 && peak.ci95->low > 0;
  // Of figures that are not below 0, as shares are.
  if (figure.ci95 && bounded)
    share.ci95 = Interval{figure.ci95->low / peak.ci95->high, figure.ci95->high / peak.ci95->low};
  if (!peak.why.empty())
    add_why(share, "its peak: " + peak.why);
  else if (!bounded)
    add_why(share, "its peak has no interval");
  return share;
}

}  // namespace assay
