// SPDX-License-Identifier: Apache-2.0
// The verdict on a candidate against its baseline ("assay.verdict/1"), from result files alone. What is
// missing, was numerically wrong, is no measurement or is not comparable never passes.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/judge.h"
#include "gate/known.h"
#include "result/result.h"

namespace assay {

inline constexpr std::string_view kVerdictSchema = "assay.verdict/1";

/// One limit on one figure of one case.
struct GateEntry {
  std::string case_id, device, metric, unit;
  std::string limit;                      // as people say it: "loses at most 3.00 %"
  std::optional<double> base, candidate;  // the figures
  std::optional<double> value;            // of a loss: its share, above 0 worse; else the candidate's figure
  std::optional<double> low, high;        // its 95 % interval
  std::optional<double> bound, catches;   // what is allowed, and what must be caught, as `value` is
  std::int64_t base_sessions = 0, candidate_sessions = 0;
  bool turns = false, calibrated = false;
  std::optional<double> p, p_adjusted;
  Outcome verdict = Outcome::cannot_tell;
  bool base_moved = false;  // the baseline itself lies elsewhere than its pin
  bool confirmed = false;   // judged by the confirming run
  std::string known;        // reason of a known regression, which is why it passes
  std::string why, advice;
};

/// What makes two results no fair comparison.
struct GateDifference {
  std::string key;  // of --allow-different
  std::string what;
  std::string base, candidate;
  bool allowed = false;
};

struct GateVerdict {
  std::string schema = std::string(kVerdictSchema);
  Outcome verdict = Outcome::cannot_tell;
  std::string summary;                      // a sentence
  std::string baseline, candidate, limits;  // names
  std::vector<GateDifference> differences;
  std::vector<std::string> missing;  // cases and figures that one has and the other does not
  std::vector<std::string> wrong;    // cases whose verification failed
  std::vector<std::string> notes;
  std::vector<GateEntry> entries;  // failures first, then what cannot be told
  std::int64_t passed = 0, failed = 0, undecided = 0;
  std::int64_t questions = 0;  // losses that were judged together
  bool only_noise = false;     // cannot_tell, and nothing but too much noise or too few sessions is why

  bool comparable() const;
};

struct Confirmation {
  const Result *base, *candidate;
};

struct GateRequest {
  const Result &base, &candidate;
  const Limits& limits;
  std::set<std::string> allow_different;  // keys
  std::vector<KnownRegression> known;
  std::string today;                         // "2026-01-31"
  const Result* pin = nullptr;               // the baseline as it was approved
  std::optional<Confirmation> confirmation;  // of what failed at first
};

/// Keys of --allow-different.
std::span<const std::string_view> difference_keys();

GateVerdict gate(const GateRequest& request);
/// Ids of cases that fail, which a confirming run is to repeat.
std::vector<std::string> failing_cases(const GateVerdict& verdict);

Json to_json(const GateVerdict& verdict);
Json verdict_schema();

}  // namespace assay
