// SPDX-License-Identifier: Apache-2.0
// Whether two results were measured in turn, by what they say of it themselves.
#pragma once

#include "analyse/session_costs.h"
#include "result/result.h"

namespace assay {

/// The turns that the sessions of both took; {} where they were not measured in turn with each other.
Turns turns_of(const Result& base, const Result& other);

}  // namespace assay
