// SPDX-License-Identifier: Apache-2.0
// Systems beside the first of them, by the one comparison there is (analyse/compare_results.h).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "acceptance/brief.h"
#include "acceptance/systems.h"
#include "analyse/compare_results.h"

namespace assay {

/// Each system as a result of its own: its cases, under ids without what tells the systems apart.
std::vector<Result> as_results(std::span<const Result> results, const Summary& summary,
                               const std::vector<System>& systems);

/// A system beside the first one, in what is preferred: above 1 it is better.
struct Rank {
  std::size_t system = 0;
  double ratio = 1;
  std::optional<double> low, high;
};

/// Geometric means: of the preferred figure over the cases that are meant, else of the workloads' means. Only
/// systems that can be compared; the first of all is 1.
std::vector<Rank> ranks_of(const ResultsComparison& comparison, const Summary& summary,
                           const std::vector<System>& systems, const std::optional<Preference>& prefer);

}  // namespace assay
