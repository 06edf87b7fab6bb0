// SPDX-License-Identifier: Apache-2.0
// Whether the figures of a report may be used as they are, in a sentence, and what to do where they may not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "result/result.h"

namespace assay {

/// with_care: not as they are, but for who knows the reasons.
enum class Usable : std::uint8_t { usable, with_care, not_usable };
std::span<const std::string_view> enum_names(Usable);

struct Usability {
  Usable verdict = Usable::not_usable;
  std::int64_t cases = 0;
  std::int64_t measured = 0;         // ok
  std::int64_t disturbed = 0;        // of those, the ones with warnings
  std::vector<std::string> reasons;  // parts of a sentence, gravest first; empty: usable
};

/// Warnings of cases that have one remedy.
struct Remedy {
  struct Cause {
    std::string text;
    std::vector<std::size_t> cases;  // indices into Summary::cases
  };
  std::string remedy;  // may be empty
  std::vector<Cause> causes;
};

struct Summary;
std::vector<Remedy> remedies(const Summary& summary, std::span<const Result> results);
/// Of a partial result: "the run did not end: 3 of 8 cases were measured".
std::string progress_text(const Result& result);
/// Of a summary that has everything else.
Usability judge(const Summary& summary, std::span<const Result> results);

}  // namespace assay
