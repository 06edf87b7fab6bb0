// SPDX-License-Identifier: Apache-2.0
// What a case was asked to do: its number format, and every field of its load at the value it had there.
#pragma once

#include "result/result.h"

namespace assay {

/// {"dtype": "bf16", "batch": 1, "prompt_tokens": 512, ...}: also what was not swept. Objects in a load are
/// flattened ("traffic.skew"). Of a result whose cases do not say their load, as far as its config does.
Json settings_of(const CaseResult& one, const Result& result);

}  // namespace assay
