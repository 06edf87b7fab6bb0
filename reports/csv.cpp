// SPDX-License-Identifier: Apache-2.0
// One line a figure: headline metrics, stages and ops of every case, with full digits. A case that did not
// run has one line that says so.
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "reports/escape.h"
#include "reports/formats.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 27> kColumns = {"result",    "case",        "workload",
                                                       "device",    "device_name", "status",
                                                       "reason",    "record",      "stage",
                                                       "name",      "kind",        "kernel",
                                                       "shape",     "calls",       "unit",
                                                       "better",    "median",      "ci95_low",
                                                       "ci95_high", "min",         "max",
                                                       "p90",       "p99",         "n",
                                                       "share",     "bound",       "of_measured_peak"};

std::string digits(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}
std::string digits(const std::optional<double>& value) {
  return value ? digits(*value) : "";
}

/// The first seven columns, then those of the figure.
struct Row {
  std::array<std::string, 7> where;
  std::string record, stage, name, kind, kernel, shape, calls, share, bound, of_peak;
};

std::string line(const Row& row, const MetricResult* m) {
  std::string out;
  const auto add = [&](const std::string& cell) { out += escape_csv(cell) + ","; };
  const auto number = [&](const std::string& text) { out += text + ","; };  // a minus sign is no formula
  for (const std::string& cell : row.where) add(cell);
  for (const std::string* cell :
       {&row.record, &row.stage, &row.name, &row.kind, &row.kernel, &row.shape, &row.calls})
    add(*cell);
  add(m ? m->unit : "");
  add(m ? m->better : "");
  number(m ? digits(m->median) : "");
  const bool interval = m != nullptr && m->ci95.size() == 2;
  number(interval ? digits(m->ci95[0]) : "");
  number(interval ? digits(m->ci95[1]) : "");
  number(m ? digits(m->min) : "");
  number(m ? digits(m->max) : "");
  number(m ? digits(m->p90) : "");
  number(m ? digits(m->p99) : "");
  number(m ? std::to_string(m->n) : "");
  number(row.share);
  add(row.bound);
  out += row.of_peak;
  return out + "\n";
}

const MetricResult* pointer(const std::optional<MetricResult>& m) {
  return m ? &*m : nullptr;
}

}  // namespace

Report render_csv(const ReportInput& input) {
  std::string out;
  for (const std::string_view column : kColumns) out += (out.empty() ? "" : ",") + std::string(column);
  out += "\n";
  for (const CaseSummary& s : input.summary.cases) {
    const Result& result = input.results[s.result];
    const CaseResult& c = result.cases[s.index];
    const DeviceSummary& device = input.summary.devices[s.device];
    Row row;
    row.where = {result.name, c.id, c.workload, device.id, device.name, c.status, c.reason.value_or("")};
    if (c.metrics.empty() && c.stages.empty()) {
      row.record = "case";
      out += line(row, nullptr);
    }
    for (const auto& [name, metric] : c.metrics) {
      Row one = row;
      one.record = "metric";
      one.stage = metric.stage;
      one.name = name;
      out += line(one, &metric);
    }
    for (const StageResult& stage : c.stages) {
      Row one = row;
      one.record = "stage";
      one.stage = one.name = stage.name;
      one.calls = std::to_string(stage.iterations);
      one.of_peak = digits(stage.of_peak.measured);
      out += line(one, pointer(stage.time_s));
      for (const OpResult& op : stage.ops) {
        Row of_op = row;
        of_op.record = "op";
        of_op.stage = stage.name;
        of_op.name = op.name;
        of_op.kind = op.kind;
        of_op.kernel = op.kernel;
        of_op.shape = op.shape;
        of_op.calls = std::to_string(op.calls);
        of_op.share = digits(op.share);
        of_op.bound = op.bound.value_or("");
        of_op.of_peak = digits(op.of_peak.measured);
        out += line(of_op, pointer(op.time_s));
      }
    }
  }
  return {.text = std::move(out), .attachments = {}};
}

}  // namespace assay
