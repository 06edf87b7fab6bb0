// SPDX-License-Identifier: Apache-2.0
// The figures beside each other: a forest plot to see, a table to read, reasons once.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/units.h"
#include "reports/charts.h"
#include "reports/comparison_sections.h"
#include "reports/metric_text.h"

namespace assay {
namespace {

constexpr std::size_t kDrawn = 60;    // rows of a chart
constexpr std::size_t kReasons = 20;  // more are told in the file

struct Row {
  const ComparedCase& of;
  const MetricComparison& figure;
  const Question& question;
};

std::size_t questions_of(const Against& a) {
  std::size_t count = 0;
  for (const ComparedCase& c : a.cases) count += c.questions.size();
  return count;
}

/// All of them; where they are too many those first that a reader looks for.
std::vector<Row> rows_of(const Against& a, std::size_t most) {
  std::vector<Row> all;
  for (const ComparedCase& c : a.cases)
    for (const Question& q : c.questions) all.push_back({c, c.of.metrics[q.metric], q});
  if (all.size() <= most) return all;
  std::vector<Row> rows;
  for (const Verdict verdict : {Verdict::slower, Verdict::faster, Verdict::cannot_tell, Verdict::same})
    for (const Row& row : all)
      if (rows.size() < most && row.figure.verdict == verdict) rows.push_back(row);
  return rows;
}

/// Texts in the order that they came in, each once, with how often.
class Reasons {
 public:
  void add(const std::string& reason) {
    const auto [at, is_new] = index_.try_emplace(reason, counts_.size());
    if (is_new) counts_.emplace_back(reason, 0);
    ++counts_[at->second].second;
  }
  void write(Blocks& out, std::string_view noun) const {
    Bullets bullets;
    for (std::size_t i = 0; i < std::min(counts_.size(), kReasons); ++i)
      bullets.items.emplace_back(counts_[i].first + " (" + counted(counts_[i].second, noun) + ")");
    if (counts_.size() > kReasons) bullets.items.emplace_back("And more, in comparison.json");
    if (!bullets.items.empty()) out.push_back(std::move(bullets));
  }

 private:
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<std::pair<std::string, std::int64_t>> counts_;
};

void add_forest(Blocks& out, const ResultsComparison& all, const Against& a, std::size_t index) {
  ForestChart chart{.id = "ratios-" + std::to_string(index),
                    .title = "Ratios: " + pair_title(all, a),
                    .description = {},
                    .better = "faster",
                    .worse = "slower",
                    .margin = kSameMargin,
                    .margin_text = "within " + percent_text(kSameMargin),
                    .rows = {}};
  for (const Row& row : rows_of(a, kDrawn)) {
    const MetricComparison& m = row.figure;
    if (!m.ratio) continue;
    chart.rows.push_back({.label = row.of.short_id,
                          .detail = metric_label(m.metric),
                          .verdict = m.verdict,
                          .ratio = *m.ratio,
                          .low = m.low,
                          .high = m.high,
                          .text = ratio_with_interval(*m.ratio, m.low, m.high)});
  }
  if (chart.rows.empty()) return;
  if (const auto all_rows = questions_of(a); all_rows > kDrawn)
    chart.title += " (" + count_text(std::ssize(chart.rows)) + " of " +
                   counted(static_cast<std::int64_t>(all_rows), "figure") + ")";
  chart.description = "Ratios with their 95 % intervals, above 1x the other is faster: ";
  for (const auto& row : chart.rows)
    chart.description += (&row == &chart.rows.front() ? "" : "; ") + row.label + " " + row.detail + " " +
                         row.text + ", " + spaced(name_of(row.verdict));
  out.push_back(Figure{chart.id, chart.title, chart.description, svg(chart)});
}

Text verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster: return Text().add("faster", Span::Style::good);
    case Verdict::slower: return Text().add("slower", Span::Style::bad);
    case Verdict::same: return Text("same");
    case Verdict::cannot_tell: break;
  }
  return Text().add("cannot tell", Span::Style::muted);
}

std::vector<Cell> cells_of(const Against& a, const Row& row) {
  const MetricComparison& m = row.figure;
  Text figure(metric_label(m.metric));
  if (m.statistic != Stat::median && m.metric.find(name_of(m.statistic)) == std::string::npos)
    figure.add(", " + name_of(m.statistic));
  for (const std::string& also : row.question.also)
    figure.add("also " + metric_label(also), Span::Style::detail);
  return {case_text(a, row.of),
          figure,
          quantity_text(m.base, m.unit),
          quantity_text(m.other, m.unit),
          Text().strong(m.ratio ? ratio_text(*m.ratio) : std::string(kUnknown)),
          m.low && m.high ? ratio_text(*m.low) + " to " + ratio_text(*m.high) : std::string(kUnknown),
          m.p_adjusted ? number_text(*m.p_adjusted, 2) : std::string(kUnknown),
          m.effect.empty() ? std::string(kUnknown) : m.effect,
          verdict_text(m.verdict)};
}

void add_table(Blocks& out, const ResultsComparison& all, const Against& a) {
  Table table{.caption = caption(all, a, "above 1x the other is faster"),
              .columns = {{"Case", false},
                          {"Figure", false},
                          {"Baseline", true},
                          {"Other", true},
                          {"Ratio", true},
                          {"95 % interval", true},
                          {"p, adjusted", true},
                          {"Effect", false},
                          {"Verdict", false}},
              .rows = {}};
  for (const Row& row : rows_of(a, kRowsShown)) table.rows.push_back(cells_of(a, row));
  const std::size_t shown = table.rows.size();
  if (shown > 0) out.push_back(std::move(table));
  Reasons figures, cases;
  for (const ComparedCase& c : a.cases) {
    if (!c.of.different.empty()) cases.add("Not the same work: " + c.of.different);
    if (!c.of.not_measured.empty()) cases.add("Not compared: " + c.of.not_measured);
    for (const Question& q : c.questions)
      if (const std::string& why = c.of.metrics[q.metric].why; !why.empty())
        figures.add("Cannot tell: " + why);
  }
  add_rest(out, shown, questions_of(a));
  figures.write(out, "figure");
  cases.write(out, "case");
}

}  // namespace

void add_ratios_section(Blocks& out, const ComparisonInput& input) {
  const ResultsComparison& all = input.comparison;
  if (std::ranges::all_of(all.others, [](const Against& a) { return a.cases.empty(); })) return;
  out.push_back(Heading{2, "Ratios"});
  for (std::size_t i = 0; i < all.others.size(); ++i) {
    add_forest(out, all, all.others[i], i + 1);
    add_table(out, all, all.others[i]);
  }
}

}  // namespace assay
