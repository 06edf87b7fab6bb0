// SPDX-License-Identifier: Apache-2.0
// The answers of a report: a sentence a model and device, with its best times and its last rate, where on its
// axes they stand, and what class the work is of that the rate is made of.
#include <algorithm>

#include "base/text.h"
#include "reports/metric_text.h"
#include "reports/sections.h"
#include "reports/stage_text.h"

namespace assay {
namespace {

struct Answer {
  const BestFigure* best;
  const CaseSummary* of;
  const Headline* figure;
};

bool is_time(const Headline& h) {
  return h.unit == "s";
}

/// Of what a pass does the last rate is what a user sees; shares and other statistics are for the tables.
std::vector<Answer> answers_of(const ModelSummary& model, const Summary& s) {
  std::vector<Answer> all;
  for (const BestFigure& best : model.best) {
    const CaseSummary& c = s.cases[best.case_index];
    const Headline& h = c.headlines[best.headline_index];
    if (!h.peak_of.empty() || h.statistic != Stat::median) continue;
    if (!is_time(h)) std::erase_if(all, [](const Answer& a) { return !is_time(*a.figure); });
    all.push_back({&best, &c, &h});
  }
  return all;
}

void add_figure(Text& text, const Answer& answer) {
  text.add(uncapitalised(metric_label(answer.figure->metric)) + " ").strong(metric_text(*answer.figure));
  std::vector<std::string> notes;
  if (answer.figure->half_width) text.add(" " + interval_text(*answer.figure));
  if (!answer.best->at.empty()) notes.push_back(answer.best->at);
  if (answer.of->disturbed) notes.emplace_back("disturbed");
  if (!notes.empty()) text.add(" (" + join(notes, "; ") + ")");
}

/// Of the stage that the last figure is made of, where it is of one.
void add_class(Text& text, const Answer& answer) {
  const auto stage = std::ranges::find_if(
      answer.of->stages, [&](const StageSummary& one) { return answer.figure->of == "stage/" + one.name; });
  if (stage == answer.of->stages.end()) return;
  const std::string work = main_class_text(*stage);
  if (work.empty()) return;
  text.add("; " + stage->name + " is " + work);
  add_share_of_bound(text, *stage);
}

}  // namespace

void add_answers(Blocks& out, const Summary& s) {
  Bullets bullets;
  for (const ModelSummary& model : s.models) {
    const std::vector<Answer> answers = answers_of(model, s);
    if (answers.empty()) continue;
    Text text = Text().strong(model.label).add(" on ").strong(s.devices[model.device].label).add(": ");
    for (const Answer& answer : answers) {
      if (&answer != &answers.front()) text.add(", ");
      add_figure(text, answer);
    }
    add_class(text, answers.back());
    bullets.items.push_back(text.add("."));
  }
  if (!bullets.items.empty()) out.push_back(std::move(bullets));
}

}  // namespace assay
