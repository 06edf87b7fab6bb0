// SPDX-License-Identifier: Apache-2.0
// One line a figure: headline metrics, stages and ops of every case that is a measurement, with full digits.
// Another case has one line that says why it is none.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "analyse/stage_bound.h"
#include "reports/escape.h"
#include "reports/formats.h"
#include "reports/setting_columns.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 10> kOfCase = {
    "result", "case", "workload", "model", "axes", "device", "device_name", "status", "reason", "disturbed"};
/// For a metric or a stage `ceiling` is its value at the bound, and of_bound their ratio.
constexpr std::array<std::string_view, 13> kOfFigure = {
    "record",           "of",      "name",     "kind",      "kernel", "shape", "calls", "share", "bound",
    "of_measured_peak", "ceiling", "of_bound", "op_by_op_s"};
constexpr std::array<std::string_view, 15> kOfMetric = {
    "unit", "better", "statistic", "value",  "ci95_low",  "ci95_high", "min", "max",
    "p90",  "p99",    "n",         "blocks", "converged", "why",       "peak"};

using Cells = std::vector<std::string>;

std::string digits(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}
std::string digits(const std::optional<double>& value) {
  return value ? digits(*value) : "";
}

/// In the order of kOfMetric.
Cells cells_of(const MetricResult* m) {
  if (m == nullptr) return Cells(kOfMetric.size());
  const bool interval = m->ci95.size() == 2;
  return {escape_csv(m->unit),
          name_of(m->better),
          name_of(m->statistic),
          digits(m->value),
          interval ? digits(m->ci95[0]) : "",
          interval ? digits(m->ci95[1]) : "",
          digits(m->min),
          digits(m->max),
          digits(m->p90),
          digits(m->p99),
          std::to_string(m->n),
          std::to_string(m->blocks),
          m->converged ? (*m->converged ? "true" : "false") : "",
          escape_csv(m->why),
          digits(m->peak)};
}

/// Columns of the figure, in the order of kOfFigure.
struct Figure {
  std::string record, of, name, kind, kernel, shape, calls, share, bound, of_peak, ceiling, of_bound,
      op_by_op;
};

class Lines {
 public:
  std::string text;

  void head(const Cells& settings) {
    Cells cells(kOfCase.begin(), kOfCase.end());
    for (const std::string& name : settings) cells.push_back(escape_csv(name));
    for (const auto& names : {std::span<const std::string_view>(kOfFigure), {kOfMetric}})
      cells.insert(cells.end(), names.begin(), names.end());
    add(cells);
  }
  void start_case(Cells of_case) {
    for (std::string& cell : of_case) cell = escape_csv(cell);
    of_case_ = std::move(of_case);
  }
  void figure(const Figure& f, const MetricResult* metric) {
    Cells cells = of_case_;
    for (const std::string* name : {&f.record, &f.of, &f.name, &f.kind, &f.kernel, &f.shape})
      cells.push_back(escape_csv(*name));
    for (const std::string* plain :
         {&f.calls, &f.share, &f.bound, &f.of_peak, &f.ceiling, &f.of_bound, &f.op_by_op})
      cells.push_back(*plain);  // a minus sign is no formula
    const Cells rest = cells_of(metric);
    cells.insert(cells.end(), rest.begin(), rest.end());
    add(cells);
  }

 private:
  void add(const Cells& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "," : "") + cells[i];
    text += "\n";
  }
  Cells of_case_;
};

const MetricResult* pointer(const std::optional<MetricResult>& m) {
  return m ? &*m : nullptr;
}

void add_stage(Lines& lines, const StageResult& stage) {
  lines.figure({.record = "stage",
                .of = stage.name,
                .name = stage.name,
                .calls = std::to_string(stage.times),
                .of_peak = digits(stage.of_peak.measured),
                .ceiling = digits(stage.bound_s),
                .of_bound = digits(stage.of_bound.measured),
                .op_by_op = digits(stage.ceiling_s)},
               pointer(stage.time_s));
  for (const OpResult& op : stage.ops)
    lines.figure({.record = "op",
                  .of = stage.name,
                  .name = op.name,
                  .kind = op.kind,
                  .kernel = op.kernel,
                  .shape = op.shape,
                  .calls = std::to_string(op.calls),
                  .share = digits(op.share),
                  .bound = op.bound ? name_of(*op.bound) : "",
                  .of_peak = digits(op.of_peak.measured)},
                 pointer(op.time_s));
}

SettingColumns columns_of(const Summary& summary) {
  std::vector<Json> settings;
  for (const CaseSummary& c : summary.cases) settings.push_back(c.settings);
  std::vector<std::string_view> taken;
  for (const auto& names : {std::span<const std::string_view>(kOfCase), {kOfFigure}, {kOfMetric}})
    taken.insert(taken.end(), names.begin(), names.end());
  return {settings, taken};
}

}  // namespace

Report render_csv(const ReportInput& input) {
  Lines lines;
  const SettingColumns columns = columns_of(input.summary);
  lines.head(columns.titles());
  for (const CaseSummary& s : input.summary.cases) {
    const Result& result = input.results[s.result];
    const CaseResult& c = result.cases[s.index];
    const DeviceSummary& device = input.summary.devices[s.device];
    Cells of_case = {shown_name(result),
                     c.id,
                     c.workload,
                     c.model,
                     c.axes.empty() ? "" : c.axes.dump(),
                     device.id,
                     device.name,
                     name_of(c.status),
                     c.reason.value_or(""),
                     c.warnings.empty() ? "" : "true"};
    const Cells settings = columns.cells(s.settings);
    of_case.insert(of_case.end(), settings.begin(), settings.end());
    lines.start_case(std::move(of_case));
    if (c.status != CaseStatus::ok || (c.metrics.empty() && c.stages.empty())) {
      lines.figure({.record = "case"}, nullptr);
      continue;
    }
    for (const auto& [name, metric] : c.metrics)
      lines.figure(
          {.record = "metric", .of = metric.of, .name = name, .ceiling = digits(at_bound(metric, c))},
          &metric);
    for (const StageResult& stage : c.stages) add_stage(lines, stage);
  }
  return {.text = std::move(lines.text), .attachments = {}};
}

}  // namespace assay
