// SPDX-License-Identifier: Apache-2.0
#include "analyse/case_settings.h"

namespace assay {
namespace {

constexpr const char* kDtype = "dtype";

void add_leaves(Json& settings, const std::string& name, const Json& value) {
  if (!value.is_object()) {
    if (!value.is_null()) settings[name] = value;
    return;
  }
  for (const auto& [key, child] : value.items())
    add_leaves(settings, name.empty() ? key : name + "." + key, child);
}

/// The run config of a case in the config that its result echoes, which may be a suite; or null.
const Json* run_of(const CaseResult& one, const Json& config) {
  if (!config.is_object()) return nullptr;
  const auto is_it = [&](const Json& run) {
    return run.is_object() && run.value("name", Json()) == Json(one.run) &&
           run.value("workload", Json()) == Json(one.workload);
  };
  if (is_it(config)) return &config;
  const auto runs = config.find("runs");
  if (runs == config.end() || !runs->is_array()) return nullptr;
  for (const Json& run : *runs)
    if (is_it(run)) return &run;
  return nullptr;
}

}  // namespace

Json settings_of(const CaseResult& one, const Result& result) {
  Json settings = Json::object();
  const Json* run = run_of(one, result.config);
  const auto of_run = [&](const char* key) {
    const auto found = run == nullptr ? result.config.end() : run->find(key);
    return run == nullptr || found == run->end() ? Json() : *found;
  };
  const bool swept = one.axes.is_object() && one.axes.contains(kDtype);
  add_leaves(settings, kDtype, swept ? one.axes[kDtype] : of_run(kDtype));
  add_leaves(settings, "", one.load.empty() ? of_run("load") : one.load);
  // An axis has one value here, where its config has a list.
  if (one.axes.is_object())
    for (const auto& [axis, value] : one.axes.items()) add_leaves(settings, axis, value);
  return settings;
}

}  // namespace assay
