// SPDX-License-Identifier: Apache-2.0
// What a user asks to be run: a run config (one workload, one model, sweeps), a suite of them, or a bare
// Hugging Face config.json. Reading fills in every default and inlines the model, so that the resolved
// document repeats the run on another machine; expanding gives the cases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json_fields.h"
#include "plan/stop_rule.h"
#include "plan/workload_entry.h"

namespace assay {

/// One run config, complete: defaults filled in, the model inlined, lists still lists.
struct RunConfig {
  std::string workload;    // "llm"
  std::string name;        // "Llama 3.1 8B chat", for people
  std::string model_name;  // "llama-3.1-8b", for case ids
  Json model = Json::object();
  Json dtype = Json::array();  // names; a list is a sweep axis
  Json load = Json::object();  // of the workload; its schema says where a list is a sweep axis
  std::uint64_t seed = 1;
  StopRule measure;

  const WorkloadEntry* entry = nullptr;             // of `workload`
  std::shared_ptr<const ParsedModel> parsed_model;  // `model`, read
  std::string file, pointer;                        // where it was read, for complaints
  Json document() const;                            // feeding it back gives the same cases
};

/// Every axis at one value.
class Case {
 public:
  /// Made by the first call, and shared by all others; of a set's cases the first kKeptPlans that are planned
  /// keep theirs, for the plans of thousands would take gigabytes. Error(bad_input) names the config's file
  /// and the place in it. Not for several threads at once.
  std::shared_ptr<const Plan> plan() const;
  /// The same, made anew.
  Plan make_plan() const;
  /// Of the case with other values in /load, for its memory alone. Error(bad_input) where it is refused.
  Plan plan_to_size(const Json& load) const;
  static constexpr std::size_t kKeptPlans = 64;

  std::string id;  // "llm/llama-3.1-8b/bf16/batch=1"
  std::string workload, model_name;
  std::string run;                 // name of its run config
  Json axes = Json::object();      // {"dtype": "bf16", "batch": 1}
  Json document = Json::object();  // the run config at these values
  std::uint64_t seed = 1;
  StopRule measure;
  std::shared_ptr<const ParsedModel> model;
  const WorkloadEntry* entry = nullptr;  // of `workload`
  std::string file, pointer;

 private:
  friend struct RunSet;
  mutable std::shared_ptr<const Plan> plan_;
  std::shared_ptr<std::size_t> room_;  // plans that cases of the set may still keep
};

struct RunSet {
  std::string name;  // of the suite or config; the default output folder is out/<folder_name()>
  std::vector<RunConfig> runs;

  Json document() const;            // a run config, or a suite of inline ones
  std::string folder_name() const;  // the name as a file name
  /// Ids are unique: where two runs of a set would share one, every value of /load goes into both.
  std::vector<Case> expand() const;
};

/// Reads configs, suites (their includes relative to themselves) and Hugging Face configs. `overrides` are
/// "/json/pointer=VALUE" and apply to every run; VALUE is JSON, or else a string.
RunSet load_runs(std::span<const std::filesystem::path> files, std::span<const std::string> overrides,
                 Workloads workloads);

/// A document already in memory (the `config` of a result); `file` stands for it in complaints, and paths in
/// it are relative to that file's folder.
RunSet runs_of(const Json& document, const std::string& file, Workloads workloads);

/// What /dtype may be: number formats of whole models, and those that weights alone are stored in. Which of
/// them a workload knows, it says when it plans.
std::vector<std::string> config_dtypes();

/// Of run configs and suites; and of the run configs of one workload.
Json run_schema(Workloads workloads);
Json run_schema(const WorkloadEntry& entry);
/// The largest value of a whole number in /load that the schema lets pass.
std::int64_t largest_allowed(const WorkloadEntry& entry, std::string_view load_field);

}  // namespace assay
