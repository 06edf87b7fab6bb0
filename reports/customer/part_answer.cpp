// SPDX-License-Identifier: Apache-2.0
// The answer on one page: the question, what is recommended, one figure, how sure, and what would change it.
#include "base/text.h"
#include "base/units.h"
#include "reports/customer/parts.h"
#include "reports/metric_text.h"
#include "reports/status_line.h"

namespace assay {
namespace {

Notice::Tone tone_of(const Recommendation& r) {
  switch (r.decision) {
    case Decision::one:
    case Decision::any: return r.confidence == Confidence::low ? Notice::Tone::care : Notice::Tone::good;
    case Decision::none_meets: return Notice::Tone::bad;
    case Decision::cannot_tell:
    case Decision::not_asked: break;
  }
  return Notice::Tone::care;
}

std::string asked(const LimitVerdict& v, const AcceptanceLimit& limit) {
  if (!v.bound || !v.figure) return {};
  return std::string(limit.at_most && v.bound == limit.at_most ? "at most " : "at least ") +
         value_text(*v.figure, *v.bound) + " asked for";
}

std::string interval_note(const MeasuredFigure& f) {
  return f.low && f.high ? "95 % interval " + value_text(f, *f.low) + " to " + value_text(f, *f.high)
                         : "no interval";
}

/// The one figure that the answer rests on.
void add_figure(Tiles& tiles, const CustomerInput& input) {
  const Evaluation& e = input.evaluation;
  if (!e.recommendation.deciding) return;
  const LimitVerdict& v = e.verdicts[*e.recommendation.deciding];
  if (!v.figure || !v.figure->value) return;
  const AcceptanceLimit& limit = e.brief.acceptance[v.limit];
  std::vector<std::string> notes = {interval_note(*v.figure)};
  if (const std::string bound = asked(v, limit); !bound.empty()) notes.push_back(bound);
  notes.push_back(e.systems[v.system].label + ", " + case_of(input, *v.figure).short_id);
  tiles.tiles.push_back({.label = limit.name + ": " + figure_label(*v.figure),
                         .value = value_text(*v.figure, *v.figure->value),
                         .note = join(notes, "; ")});
  if (v.margin)
    tiles.tiles.push_back({.label = *v.margin >= 0 ? "Room left under this limit" : "Missed by",
                           .value = percent_text(*v.margin >= 0 ? *v.margin : -*v.margin),
                           .note = "of the limit; it is the one with the least room"});
}

void add_confidence(Tiles& tiles, const Recommendation& r) {
  if (r.confidence == Confidence::none) return;
  tiles.tiles.push_back(
      {.label = "Confidence", .value = capitalised(name_of(r.confidence)), .note = r.confidence_why});
}

}  // namespace

std::string figure_label(const MeasuredFigure& f) {
  std::string label = metric_label(f.metric);
  const bool named = f.metric.find("p99") != std::string::npos || f.metric.find("p90") != std::string::npos;
  if (f.statistic != Stat::median && !named) label += ", " + std::string(name(f.statistic));
  return label;
}

Text figure_cell(const MeasuredFigure& f) {
  if (!f.value) return Text("withheld").add(f.why, Span::Style::detail);
  Text text = Text().strong(value_text(f, *f.value));
  if (f.low && f.high) text.add(value_text(f, *f.low) + " to " + value_text(f, *f.high), Span::Style::detail);
  if (f.stands_in)
    text.add("the " + std::string(name(f.statistic)) + ": " + count_text(f.n) +
                 " draws do not support the percentile",
             Span::Style::detail);
  return text;
}

const CaseSummary& case_of(const CustomerInput& input, const MeasuredFigure& figure) {
  return input.report.summary.cases[figure.case_index];
}

void add_standing(Blocks& out, const CustomerInput& input) {
  Status status = input.report.status;
  if (input.evaluation.brief.draft && status.standing == Standing::valid) {
    status.standing = Standing::draft;
    status.why.emplace_back("its author is not done with it");
  }
  out.push_back(status_line(status, input.report.summary.usable));
}

void add_question(Blocks& out, const CustomerInput& input) {
  const std::string& question = input.evaluation.brief.question;
  if (!question.empty()) out.push_back(Paragraph{Text().strong("The question: ").add(question)});
}

void add_recommendation(Blocks& out, const CustomerInput& input) {
  const Recommendation& r = input.evaluation.recommendation;
  if (r.decision == Decision::not_asked) return;
  out.push_back(Notice{tone_of(r), Text().strong(r.sentence)});
  Tiles tiles;
  add_figure(tiles, input);
  add_confidence(tiles, r);
  if (!tiles.tiles.empty()) out.push_back(std::move(tiles));
  Bullets reasons;
  for (const std::string& reason : r.reasons) reasons.items.emplace_back(reason);
  if (reasons.items.size() > 1) out.push_back(std::move(reasons));
}

void add_answer_part(Blocks& out, const CustomerInput& input) {
  Blocks blocks;
  add_question(blocks, input);
  add_recommendation(blocks, input);
  if (!input.evaluation.recommendation.would_change.empty()) {
    blocks.push_back(Heading{3, "What would change the answer"});
    Bullets changes;
    for (const std::string& change : input.evaluation.recommendation.would_change)
      changes.items.emplace_back(change);
    blocks.push_back(std::move(changes));
  }
  if (blocks.empty()) return;
  out.push_back(Heading{2, "Answer"});
  out.insert(out.end(), blocks.begin(), blocks.end());
}

}  // namespace assay
