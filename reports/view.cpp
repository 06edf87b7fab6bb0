// SPDX-License-Identifier: Apache-2.0
#include "reports/view.h"

#include <array>
#include <map>
#include <set>
#include <tuple>

#include "reports/escape.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTitles = {
    {{"llm", "LLM"}, {"recommender", "Recommender"}, {"vision", "Vision"}}};

View empty_view(const ReportInput& input, std::string id, int level) {
  return {.input = input,
          .id = std::move(id),
          .level = level,
          .in_overview = false,
          .cases = {},
          .models = {},
          .comparisons = {}};
}

/// Puts cases where they belong.
class Grouping {
 public:
  explicit Grouping(const ReportInput& input) : input_(input) {
    for (const CaseSummary& c : input.summary.cases)
      if (!c.conditions.empty()) conditions_.try_emplace({c.workload, c.model}, c.conditions);
    for (const CaseSummary& c : input.summary.cases) {
      const auto [whole, model] = place_of(c);
      whole->cases.emplace_back(c);
      model->cases.emplace_back(c);
    }
    for (const ModelSummary& m : input.summary.models)
      for (View* view : place_of(input.summary.cases[m.first_case])) view->models.emplace_back(m);
    for (const CaseComparison& pair : input.summary.comparisons)
      for (View* view : place_of(input.summary.cases[pair.case_index])) view->comparisons.emplace_back(pair);
  }

  std::vector<WorkloadView> take() { return std::move(all_); }

 private:
  /// The views of its workload and of its model, made where they are not there yet.
  std::array<View*, 2> place_of(const CaseSummary& c) {
    const auto [w, new_workload] = workloads_.try_emplace(c.workload, all_.size());
    if (new_workload) {
      const std::string title = unlike_others(workload_title(c.workload));
      all_.push_back({.title = title, .whole = empty_view(input_, slug(title), 3), .models = {}});
    }
    WorkloadView& workload = all_[w->second];
    const auto [m, new_model] =
        models_.try_emplace({w->second, c.model, conditions_of(c)}, workload.models.size());
    if (new_model) {
      std::string title = c.model.empty() ? workload.title : c.model;
      if (const std::string conditions = conditions_of(c); !conditions.empty()) title += ", " + conditions;
      const std::string id = slug(unlike_others(workload.whole.id + "-" + title));
      workload.models.push_back({.title = std::move(title), .view = empty_view(input_, id, 4)});
    }
    return {&workload.whole, &workload.models[m->second].view};
  }

  /// They are facts, which a case that did not run may not have: it stands with the first of its model.
  std::string conditions_of(const CaseSummary& c) const {
    if (c.status == CaseStatus::ok || !c.conditions.empty()) return c.conditions;
    const auto found = conditions_.find({c.workload, c.model});
    return found == conditions_.end() ? "" : found->second;
  }

  /// Names that are one and the same as a slug get numbers: slugs are anchors and names of files.
  std::string unlike_others(const std::string& name) {
    std::string text = name;
    for (int i = 2; !taken_.insert(slug(text)).second; ++i) text = name + " " + std::to_string(i);
    return text;
  }

  const ReportInput& input_;
  std::vector<WorkloadView> all_;
  std::map<std::string, std::size_t> workloads_;                                     // name -> index
  std::map<std::tuple<std::size_t, std::string, std::string>, std::size_t> models_;  // of a workload
  std::map<std::pair<std::string, std::string>, std::string> conditions_;            // of a model the first
  std::set<std::string> taken_ = {                                                   // by the other sections
      "summary",
      "cases",
      "the-machine-meanwhile",
      "environment",
      "method",
      "limits",
      "how-to-repeat-it",
      "appendix-operations",
      "appendix-verification"};
};

}  // namespace

std::size_t View::number_of(const CaseSummary& c) const {
  return static_cast<std::size_t>(&c - summary().cases.data()) + 1;
}

std::vector<WorkloadView> views_of(const ReportInput& input) {
  std::vector<WorkloadView> all = Grouping(input).take();
  for (WorkloadView& workload : all)
    for (ModelView& model : workload.models) {
      model.view.in_overview = workload.models.size() > 1;
      if (workload.models.size() == 1) model.view.id = workload.whole.id;
      if (only_model(all) != nullptr) model.view.level = 2;
    }
  return all;
}

const View* only_model(const std::vector<WorkloadView>& workloads) {
  return workloads.size() == 1 && workloads.front().models.size() == 1
             ? &workloads.front().models.front().view
             : nullptr;
}

std::string workload_title(const std::string& workload) {
  for (const auto& [name, title] : kTitles)
    if (name == workload) return std::string(title);
  return workload.empty() ? "Models" : capitalised(spaced(workload));
}

}  // namespace assay
