// SPDX-License-Identifier: Apache-2.0
// The report of `assay compare`: results of the same work beside one baseline. Like any report a pure
// function of its input, and without arithmetic.
#pragma once

#include "analyse/compare_results.h"
#include "reports/document.h"
#include "reports/report.h"

namespace assay {

struct ComparisonInput {
  std::vector<Result> results;
  ResultsComparison comparison;
  std::string title;  // empty: made of the results' labels
};
ComparisonInput comparison_input(std::vector<Result> results, std::optional<Prices> prices = {},
                                 std::string title = {});

using ComparisonFormat = Format<ComparisonInput>;
std::span<const ComparisonFormat> comparison_formats();  // reports/table.cpp
const ComparisonFormat& find_comparison_format(
    std::string_view name);  // Error(bad_input) lists the known ones

Document document_of(const ComparisonInput& input);

/// The answer in a sentence: counts of verdicts, and what workloads come to.
std::string answer_text(const ResultsComparison& comparison, const Against& against);

}  // namespace assay
