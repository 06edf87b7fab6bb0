// SPDX-License-Identifier: Apache-2.0
// What a run config needs to know of a workload. The entries stand in workloads/table.cpp; the plan layer
// knows no architecture.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/json_fields.h"
#include "plan/plan.h"

namespace assay {

/// /model of a run config, read once: all cases of the config are planned by it.
class ParsedModel {
 public:
  virtual ~ParsedModel() = default;
  /// `config` stands at the root of the run config, its axes at one value each; reads /dtype, /load and
  /// /seed.
  virtual Plan plan(JsonReader& config) const = 0;
  /// The same tensors and steps, for who asks how much memory they take and nothing else: what is dear to
  /// find out (how many rows of a table a batch names) may be left out.
  virtual Plan plan_to_size(JsonReader& config) const { return plan(config); }
};

/// The fields of /load by which a case grows until memory is full; "": the workload has none.
struct GrowingFields {
  std::string_view batch;  // independent items of a pass
  /// Tokens of a sequence that are read at once, and those that are made one by one; together its context.
  std::string_view prompt, generated;
};

struct WorkloadEntry {
  std::string_view name;     // "llm"
  std::string_view summary;  // for `assay list workloads`
  /// Throws what is wrong with the model; `model` stands in the model's own file, where it has one.
  std::shared_ptr<const ParsedModel> (*read_model)(JsonReader& model);
  /// Adds the JSON Schema of /model and /load, from the declarations that they are read by. A list in /load
  /// is a sweep axis where the schema says so.
  void (*schema)(SchemaWriter& schema);
  /// /load with every field at its default, for fully resolved documents.
  Json (*default_load)();
  /// Whether a bare Hugging Face config.json is this workload's. Null: none is.
  bool (*takes_model)(const Json& model);
  GrowingFields grows = {};
};
using Workloads = std::span<const WorkloadEntry>;

}  // namespace assay
