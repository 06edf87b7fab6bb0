// SPDX-License-Identifier: Apache-2.0
// Run configs to cases: the product of their axes, with ids that are unique and stay the same.
#include <map>
#include <set>

#include "plan/run_config.h"

namespace assay {
namespace {

constexpr std::size_t kMaxCases = 4096;  // of one run config: more is a typing error, or a week of measuring

/// A list in a run config, at a field that the schema marks as a sweep axis.
struct Axis {
  std::string name;  // "batch", or "a.b" for one inside an object
  std::vector<std::string> path;
  std::vector<Json> values;
};

void collect(const Json& value, const Json& schema, std::vector<std::string> path, std::vector<Axis>& axes,
             const RunConfig& run) {
  if (value.is_object() && schema.contains("properties")) {
    const Json& known = schema["properties"];
    for (const auto& [key, child] : value.items()) {
      const auto field = known.find(key);
      if (field == known.end()) continue;
      auto below = path;
      below.push_back(key);
      collect(child, *field, std::move(below), axes, run);
    }
  } else if (value.is_array() && schema.value("sweep", false)) {
    std::string pointer = run.pointer, axis_name;
    for (std::size_t i = 0; i < path.size(); ++i) {
      pointer.append("/").append(path[i]);
      if (i == 0 && path.size() > 1) continue;  // "batch" for /load/batch, "dtype" for /dtype
      axis_name.append(axis_name.empty() ? "" : ".").append(path[i]);
    }
    if (value.empty())
      throw Error(ExitCode::bad_input, run.file + ":" + pointer + ": is an empty list",
                  "a list is a sweep axis: give it one value or more");
    axes.push_back({axis_name, std::move(path), value.get<std::vector<Json>>()});
  }
}

Json& at(Json& document, const std::vector<std::string>& path) {
  Json* value = &document;
  for (const std::string& key : path) value = &(*value)[key];
  return *value;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_leaves(const Json& value, const std::string& name, std::string& text) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items())
      append_leaves(child, name.empty() ? key : name + "." + key, text);
  } else {
    text.append(text.empty() ? "" : ",").append(name).append("=").append(text_of(value));
  }
}

/// How much of a case its id spells out; more is added only where ids would be the same.
enum class Detail : std::uint8_t { axes, load, name };

std::string id_of(const Case& one, Detail detail) {
  std::string id = one.workload, values;
  id.append("/").append(one.model_name).append("/").append(text_of(one.document["dtype"]));
  if (detail == Detail::axes) {
    for (const auto& [axis, value] : one.axes.items())
      if (axis != "dtype") append_leaves(value, axis, values);
  } else {
    append_leaves(one.document["load"], "", values);
  }
  if (!values.empty()) id.append("/").append(values);
  if (detail == Detail::name) id.append("/").append(one.document["name"].get<std::string>());
  return id;
}

std::vector<Case> cases_of(const RunConfig& run) {
  const Json document = run.document(), fields = run_schema(*run.entry)["properties"];
  std::vector<Axis> axes;
  for (const char* part : {"dtype", "load"}) collect(document[part], fields.at(part), {part}, axes, run);
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.values.size();
    if (count > kMaxCases)
      throw Error(ExitCode::bad_input,
                  run.file + ":" + run.pointer + "/load: sweeps over more than 4096 cases",
                  "shorten its lists, or split the run config");
  }
  std::vector<Case> cases;
  for (std::size_t i = 0; i < count; ++i) {
    Case one;
    one.workload = run.workload;
    one.model_name = run.model_name;
    one.run = run.name;
    one.document = document;
    one.seed = run.seed;
    one.measure = run.measure;
    one.model = run.parsed_model;
    one.entry = run.entry;
    one.file = run.file;
    one.pointer = run.pointer;
    std::size_t rest = count, index = i;
    if (!document["dtype"].is_array()) one.axes["dtype"] = document["dtype"];
    for (const Axis& axis : axes) {  // the last axis runs fastest
      rest /= axis.values.size();
      const Json& value = axis.values[index / rest];
      index %= rest;
      one.axes[axis.name] = value;
      at(one.document, axis.path) = value;
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace

std::shared_ptr<const Plan> Case::plan() const {
  if (plan_) return plan_;
  auto made = std::make_shared<const Plan>(make_plan());
  if (!room_ || *room_ == 0) return made;
  --*room_;
  return plan_ = std::move(made);
}

Plan Case::make_plan() const {
  JsonReader config(document, file, pointer);
  return model->plan(config);
}

Plan Case::plan_to_size(const Json& load) const {
  Json changed = document;
  changed["load"].update(load);
  JsonReader config(changed, file, pointer);
  return model->plan_to_size(config);
}

std::vector<Case> RunSet::expand() const {
  std::vector<Case> cases;
  std::vector<std::size_t> run_of;
  const auto room = std::make_shared<std::size_t>(Case::kKeptPlans);
  for (std::size_t r = 0; r < runs.size(); ++r)
    for (Case& one : cases_of(runs[r])) {
      one.room_ = room;
      cases.push_back(std::move(one));
      run_of.push_back(r);
    }
  std::vector<Detail> detail(runs.size(), Detail::axes);
  for (;;) {
    std::map<std::string, std::size_t> first;  // id -> case
    std::set<std::size_t> clashing;            // runs
    for (std::size_t c = 0; c < cases.size(); ++c) {
      cases[c].id = id_of(cases[c], detail[run_of[c]]);
      const auto [seen, is_new] = first.emplace(cases[c].id, c);
      if (is_new) continue;
      const std::size_t other = run_of[seen->second];
      if (detail[run_of[c]] == Detail::name && detail[other] == Detail::name)
        throw Error(ExitCode::bad_input,
                    cases[c].file + ":" + cases[c].pointer + "/: the case " + cases[c].id + " stands twice",
                    "remove one, or give the two run configs different names");
      clashing.insert({run_of[c], other});
    }
    if (clashing.empty()) return cases;
    for (const std::size_t r : clashing) detail[r] = detail[r] == Detail::axes ? Detail::load : Detail::name;
  }
}

}  // namespace assay
