// SPDX-License-Identifier: Apache-2.0
// The steps of compare_results(), each filling its own fields. Not for use outside of src/analyse.
#pragma once

#include <span>

#include "analyse/compare_results.h"

namespace assay {

/// Two results side by side, with what belongs to them in the comparison.
struct Sides {
  const Result &base, &other;
  const std::string &base_label, &other_label;
  Against& out;
  Alike alike = Alike::work;
};

std::vector<std::string> labels_of(std::span<const Result> results);

void add_pairs(const Sides& sides, ShiftTest& test);  // cases, and those that only one has; unsettled

// After add_pairs().
void add_differences(const Sides& sides);
void add_kernels(const Sides& sides);
void add_stages(const Sides& sides);
void add_rooflines(const Sides& sides);

// After settle().
void add_means(Against& out);
void add_counts(Against& out);
void add_per_watt(const Sides& sides);
void add_per_money(const Sides& sides, const Prices& prices);

/// The device of a case; one without facts where the result does not list it.
const DeviceResult& device_of(const Result& result, const CaseResult& one);

}  // namespace assay
