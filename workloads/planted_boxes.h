// SPDX-License-Identifier: Apache-2.0
// What a detector of random weights is made to be sure of.
#pragma once

#include <cstdint>
#include <span>

#include "plan/fill.h"

namespace assay {

/// Added to the logits of objectness [batch, candidates], level after level of cells x cells: of `sure`
/// candidates an image so much that they are objects, of all others that they are none. They stand in
/// clusters of a cell and its four neighbours, so that their boxes overlap. `sure` 0: nothing is added.
Fill planted_prior(std::int64_t batch, std::span<const std::int64_t> cells, std::int64_t sure,
                   std::uint64_t seed);

}  // namespace assay
