// SPDX-License-Identifier: Apache-2.0
// `measure` of a run config: when the sampling of a case ends, and over how many sessions. Configs are read
// by it, and src/measure samples by it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/json_fields.h"

namespace assay {

/// The fewest blocks that have a 95 % interval of their median (6: 1 - 2 / 2^6 = 96.9 %); not to be set,
/// because with fewer there is no figure.
inline constexpr std::int64_t kMinBlocks = 6;

/// Sampling ends when there are kMinBlocks, `min_seconds` have passed and the 95 % interval of the median is
/// within `target_ci` of it; or when `max_seconds` have passed, or `max_samples` are taken, and there is an
/// interval; or at give_up_s(), interval or none. Blocks that others on the machine disturb do not
/// count, nor does their time, until `quiet_wait_seconds` went by so.
struct StopRule {
  double target_ci = 0.01;  // half width of the interval / median
  double min_seconds = 0.5;
  double max_seconds = 15;
  double give_up_seconds = 300;
  double quiet_wait_seconds = 0;
  std::int64_t max_samples = 100000;
  std::int64_t sessions = 1;

  double give_up_s() const { return std::max(max_seconds, give_up_seconds); }
};

template <class Visitor>
void describe(Visitor& v, StopRule& r) {
  v.field("target_ci", r.target_ci,
          {.doc = "stop when the 95 % interval of the median is within this share of it",
           .unit = "1",
           .min = 1e-6,
           .max = 1});
  v.field("min_seconds", r.min_seconds,
          {.doc = "sample at least this long", .unit = "s", .min = 0, .max = 86400});
  v.field("max_seconds", r.max_seconds,
          {.doc = "sample at most this long, if there is an interval by then",
           .unit = "s",
           .min = 1e-3,
           .max = 86400});
  v.field(
      "give_up_seconds", r.give_up_seconds,
      {.doc =
           "a case that has no interval after max_seconds goes on until here (never less than max_seconds)",
       .unit = "s",
       .min = 1e-3,
       .max = 86400});
  v.field(
      "quiet_wait_seconds", r.quiet_wait_seconds,
      {.doc =
           "wait at most so long for others on the machine to rest: meanwhile no block counts beside which "
           "the CPU ran below 90 % of its best; 0: all count",
       .unit = "s",
       .min = 0,
       .max = 86400});
  v.field("max_samples", r.max_samples, {.doc = "take at most this many samples", .min = 1, .max = 1e7});
  v.field("sessions", r.sessions,
          {.doc = "fresh sessions: memory laid out and threads made anew", .min = 1, .max = 64});
}

}  // namespace assay
