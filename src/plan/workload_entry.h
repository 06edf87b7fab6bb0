// SPDX-License-Identifier: Apache-2.0
// What a run config needs to know of a workload. The entries stand in workloads/table.cpp; the plan layer
// knows no model.
#pragma once

#include <span>
#include <string_view>

#include "base/json_fields.h"
#include "plan/plan.h"

namespace assay {

struct WorkloadEntry {
  std::string_view name;     // "llm"
  std::string_view summary;  // for `assay list workloads`
  /// `config` stands at the root of a run config whose axes have one value each; reads /model, /dtype and
  /// /load.
  Plan (*plan)(JsonReader& config);
  /// Adds the JSON Schema of /model and /load, from the declarations that plan() reads by.
  void (*schema)(SchemaWriter& schema);
  /// /load with every field at its default, for fully resolved documents.
  Json (*default_load)();
  /// Reads /model and throws what is wrong with it, so that the complaint can name the model's own file.
  void (*check_model)(JsonReader& model);
  /// Whether a bare Hugging Face config.json of this architecture ("LlamaForCausalLM") is this workload's.
  bool (*takes_architecture)(std::string_view architecture);
};
using Workloads = std::span<const WorkloadEntry>;

}  // namespace assay
