// SPDX-License-Identifier: Apache-2.0
// The best figures of each model. Over different models, runs or devices there is no best: another model does
// other work.
#include <algorithm>
#include <map>

#include "analyse/summary_parts.h"

namespace assay {
namespace {

const CaseResult& result_of(const CaseSummary& c, std::span<const Result> results) {
  return results[c.result].cases[c.index];
}

ModelSummary& model_of(Summary& summary, std::size_t index, const CaseResult& one) {
  const CaseSummary& c = summary.cases[index];
  const auto same = [&](const ModelSummary& m) {
    return m.workload == c.workload && m.model == c.model && m.run == one.run && m.device == c.device &&
           m.result == c.result && m.conditions == c.conditions;
  };
  auto at = std::ranges::find_if(summary.models, same);
  if (at == summary.models.end()) {
    ModelSummary model{.label = c.model.empty() ? c.workload : c.model, .workload = c.workload};
    if (!c.conditions.empty()) model.label += ", " + c.conditions;
    model.conditions = c.conditions;
    model.model = c.model;
    model.run = one.run;
    model.device = c.device;
    model.first_case = index;
    model.result = c.result;
    at = summary.models.insert(at, std::move(model));
  }
  return *at;
}

void add_case(Summary& summary, ModelSummary& model, std::size_t index) {
  const CaseSummary& c = summary.cases[index];
  for (std::size_t h = 0; h < c.headlines.size(); ++h) {
    const Headline& headline = c.headlines[h];
    if (!headline.value) continue;
    auto best = std::ranges::find(model.best, headline.metric, &BestFigure::metric);
    if (best == model.best.end()) {
      model.best.push_back(
          {.metric = headline.metric, .case_index = index, .headline_index = h, .of_cases = 1});
      continue;
    }
    ++best->of_cases;
    const double held = *summary.cases[best->case_index].headlines[best->headline_index].value;
    if (headline.better == Better::lower ? *headline.value < held : *headline.value > held) {
      best->case_index = index;
      best->headline_index = h;
    }
  }
}

/// The axes in which the measured cases of a model differ, and where its best figures stand on them.
void add_axes(Summary& summary, ModelSummary& model, std::span<const Json> axes,
              std::span<const Result> results) {
  for (const auto& [name, value] : axes.front().items())
    if (std::ranges::any_of(axes, [&, &name = name, &value = value](const Json& other) {
          return !other.contains(name) || other[name] != value;
        }))
      model.over.push_back(name);
  for (BestFigure& best : model.best) {
    const Json& here = result_of(summary.cases[best.case_index], results).axes;
    for (const std::string& axis : model.over)
      if (here.contains(axis)) best.at += (best.at.empty() ? "" : ", ") + axis + "=" + text_of(here[axis]);
  }
}

/// One model in several runs on a device: the runs' names tell them apart.
void make_labels_unique(std::vector<ModelSummary>& models) {
  std::map<std::pair<std::string, std::size_t>, int> count;
  for (const ModelSummary& m : models) ++count[{m.label, m.device}];
  for (ModelSummary& m : models)
    if (count[{m.label, m.device}] > 1 && !m.run.empty()) m.label += ", " + m.run;
}

}  // namespace

void add_models(Summary& summary, std::span<const Result> results) {
  std::map<std::size_t, std::vector<Json>> axes;  // of the cases of each model
  for (std::size_t i = 0; i < summary.cases.size(); ++i) {
    const CaseSummary& c = summary.cases[i];
    if (c.status != CaseStatus::ok) continue;
    const CaseResult& one = result_of(c, results);
    ModelSummary& model = model_of(summary, i, one);
    add_case(summary, model, i);
    axes[static_cast<std::size_t>(&model - summary.models.data())].push_back(one.axes);
  }
  for (std::size_t m = 0; m < summary.models.size(); ++m)
    add_axes(summary, summary.models[m], axes[m], results);
  make_labels_unique(summary.models);
}

}  // namespace assay
