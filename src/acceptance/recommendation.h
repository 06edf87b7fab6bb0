// SPDX-License-Identifier: Apache-2.0
// The recommendation, computed from the verdicts on the limits: which system, how sure, and what would change
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acceptance/limit_verdicts.h"
#include "acceptance/system_comparison.h"

namespace assay {

/// one: a system is recommended. any: several meet every limit, and none is shown to be better. none_meets:
/// every system misses a limit. cannot_tell: no system is shown to meet all, and not all are shown to miss
/// one. not_asked: there are no limits.
enum class Decision : std::uint8_t { one, any, none_meets, cannot_tell, not_asked };
std::span<const std::string_view> enum_names(Decision);

enum class Confidence : std::uint8_t { none, low, moderate, high };
std::span<const std::string_view> enum_names(Confidence);

/// A system by all of its limits.
struct Contender {
  std::size_t system = 0;
  std::int64_t passed = 0, failed = 0, undecided = 0;
  std::optional<std::size_t> tightest;  // verdict with the least margin, of the gravest outcome
  std::optional<double> per_hour;       // its price
};

struct Recommendation {
  Decision decision = Decision::not_asked;
  std::vector<std::size_t> systems;  // that are recommended
  std::string sentence;
  std::vector<std::string> reasons;     // a sentence a system: which limits it meets and misses
  std::optional<std::size_t> deciding;  // the verdict whose figure stands beside the answer
  Confidence confidence = Confidence::none;
  std::string confidence_why;             // a sentence's part
  std::vector<std::string> would_change;  // sentences
};

/// What the answer is made of.
struct Grounds {
  const Brief& brief;
  const Summary& summary;
  const std::vector<System>& systems;
  const std::vector<LimitVerdict>& verdicts;
  const std::vector<Rank>& ranks;  // empty where there is one system
  std::vector<Contender> contenders;
};

std::vector<Contender> contenders_of(const std::vector<System>& systems,
                                     const std::vector<LimitVerdict>& verdicts);
Recommendation answer_of(const Grounds& grounds);

}  // namespace assay
