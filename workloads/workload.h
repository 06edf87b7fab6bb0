// SPDX-License-Identifier: Apache-2.0
// A workload turns one case of a run config (every axis at one value) into a Plan; it knows no device, no time,
// no output.
#pragma once

#include <span>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/dtype.h"
#include "plan/plan.h"

namespace assay {

class JsonReader;
class SchemaWriter;

struct WorkloadEntry {
  std::string_view name;     // "llm"
  std::string_view summary;  // for `assay list workloads`
  /// `config` stands at the root of a run config whose axes have one value each; reads /model, /dtype and /load.
  Plan (*plan)(JsonReader& config);
  /// Adds the JSON Schema of /model and /load, from the declarations that plan() reads by.
  void (*schema)(SchemaWriter& schema);
};
std::span<const WorkloadEntry> all_workloads();  // workloads/table.cpp
const WorkloadEntry* find_workload(std::string_view name);

}  // namespace assay
