// SPDX-License-Identifier: Apache-2.0
// Every workload, a line each.
#include <array>
#include <stdexcept>

#include "workloads/llm_entry.h"
#include "workloads/workload.h"

namespace assay {

std::span<const WorkloadEntry> all_workloads() {
  static const std::array kAll = {llm_entry()};
  return kAll;
}

const WorkloadEntry* find_workload(std::string_view name) {
  for (const WorkloadEntry& entry : all_workloads())
    if (entry.name == name) return &entry;
  return nullptr;
}

RunSet load_runs(std::span<const std::filesystem::path> files, std::span<const std::string> overrides) {
  return load_runs(files, overrides, all_workloads());
}

Plan plan_case(const Case& one) {
  const WorkloadEntry* entry = find_workload(one.workload);
  if (!entry) throw std::logic_error("a case of an unknown workload: " + one.workload);
  JsonReader config(one.document, one.file, one.pointer);
  return entry->plan(config);
}

Json run_schema() {
  return run_schema(all_workloads());
}

}  // namespace assay
