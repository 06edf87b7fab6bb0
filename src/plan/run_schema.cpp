// SPDX-License-Identifier: Apache-2.0
#include "plan/run_config.h"

namespace assay {

Json run_schema(const WorkloadEntry& entry) {
  SchemaWriter run(SchemaWriter::Unknown::reject);
  const std::string text;
  run.field("$schema", text);
  run.add("workload", {{"const", std::string(entry.name)}}, {.doc = entry.summary, .required = true});
  run.field("name", text, {.doc = "what reports call this run"});
  run.field("model_name", text, {.doc = "the model in case ids; its file's name where it is left out"});
  run.add(
      "dtype", {{"enum", config_dtypes()}},
      {.doc = "number format of weights and activations, or of weights alone where it has few bits; default "
              "bf16",
       .sweep = true});
  entry.schema(run);
  run.add("seed", {{"type", "integer"}, {"minimum", 0}}, {.doc = "of weights, inputs and sampling"});
  run.add("measure", run.schema_of<StopRule>(), {.doc = "when sampling ends, and over how many sessions"});
  return run.object();
}

std::int64_t largest_allowed(const WorkloadEntry& entry, std::string_view load_field) {
  SchemaWriter run(SchemaWriter::Unknown::reject);
  entry.schema(run);
  Json field = run.object()["properties"]["load"]["properties"].at(std::string(load_field));
  if (field.contains("anyOf")) field = field["anyOf"][0];  // an axis: one value, or a list
  constexpr double kWhole = 0x1p53;                        // JSON's numbers hold every whole one up to this
  return static_cast<std::int64_t>(field.value("maximum", kWhole));
}

Json run_schema(Workloads workloads) {
  Json runs = Json::array(), definitions = Json::object();
  for (const WorkloadEntry& entry : workloads) {
    definitions["run_" + std::string(entry.name)] = run_schema(entry);
    runs.push_back({{"$ref", "#/$defs/run_" + std::string(entry.name)}});
  }
  definitions["run"] = {{"oneOf", runs}};
  definitions["suite"] = {
      {"type", "object"},
      {"properties",
       {{"$schema", {{"type", "string"}}},
        {"name", {{"type", "string"}, {"description", "what reports call the suite"}}},
        {"runs",
         {{"type", "array"},
          {"minItems", 1},
          {"items",
           {{"anyOf", Json::array({Json{{"type", "string"}, {"description", "a path from this file"}},
                                   Json{{"$ref", "#/$defs/run"}}})}}}}}}},
      {"required", Json::array({"runs"})},
      {"additionalProperties", false}};
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "assay run config or suite"},
          {"oneOf", Json::array({Json{{"$ref", "#/$defs/run"}}, Json{{"$ref", "#/$defs/suite"}}})},
          {"$defs", definitions}};
}

}  // namespace assay
