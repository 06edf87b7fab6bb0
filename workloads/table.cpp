// SPDX-License-Identifier: Apache-2.0
// Every workload, a line each.
#include <array>

#include "workloads/llm_entry.h"
#include "workloads/recommender_entry.h"
#include "workloads/vision_entry.h"
#include "workloads/workload.h"

namespace assay {

std::span<const WorkloadEntry> all_workloads() {
  static const std::array kAll = {llm_entry(), recommender_entry(), vision_entry()};
  return kAll;
}

RunSet load_runs(std::span<const std::filesystem::path> files, std::span<const std::string> overrides) {
  return load_runs(files, overrides, all_workloads());
}

Json run_schema() {
  return run_schema(all_workloads());
}

}  // namespace assay
