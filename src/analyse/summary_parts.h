// SPDX-License-Identifier: Apache-2.0
// The steps of summarise(), each filling its own fields of a Summary. Not for use outside of src/analyse.
#pragma once

#include <span>

#include "analyse/summary.h"

namespace assay {

void add_devices(Summary& summary, std::span<const Result> results);
void add_cases(Summary& summary, std::span<const Result> results);        // after devices
void add_models(Summary& summary, std::span<const Result> results);       // after cases
void add_comparisons(Summary& summary, std::span<const Result> results);  // after cases
void add_verified(Summary& summary, std::span<const Result> results);     // after cases

std::optional<WaySummary> way_of(const CaseResult& one, const DeviceResult& device);
std::string text_of(const Json& value);                     // as a person reads it: no quotes
std::vector<Headline> headlines_of(const CaseResult& one);  // a case that is a measurement
StageSummary summary_of(const StageResult& stage, const CaseSummary& of);
void add_parts(StageSummary& summary, const StageResult& stage);  // of a stage whose ops all have shares
void add_lookups(StageSummary& summary, const StageResult& stage, std::int64_t cache_bytes);
void add_energy(StageSummary& summary, const StageResult& stage, const CaseResult& one);

}  // namespace assay
