// SPDX-License-Identifier: Apache-2.0
#include "analyse/summary.h"

#include "analyse/summary_parts.h"

namespace assay {

Summary summarise(std::span<const Result> results) {
  Summary summary;
  add_devices(summary, results);
  add_cases(summary, results);
  add_models(summary, results);
  add_comparisons(summary, results);
  add_verified(summary, results);
  summary.warnings = remedies(summary, results);
  summary.usable = judge(summary, results);
  return summary;
}

bool outputs_disagree(std::span<const Result> results) {
  return summarise(results).disagreements > 0;
}

}  // namespace assay
