// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "result/result.h"

namespace assay {

/// Removes what identifies a machine, a person or a customer from every text of a result, its keys included:
/// names of host and user wherever they stand, paths and files' names, serial numbers, addresses of devices,
/// of networks and of people. Figures stay, and the names of devices, models, cases, units, kernels and ops.
void redact(Result& result);

/// Of all results that one report is made of: what one of them names goes from all, and a path has the same
/// label in all, so that their cases still meet. `texts` (a title) are cleaned with them; `names` are known
/// to identify from elsewhere (those of this machine).
void redact(std::span<Result> results, std::span<std::string> texts, std::span<const std::string> names);

}  // namespace assay
