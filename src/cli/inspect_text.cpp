// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect_text.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/columns.h"

namespace assay {
namespace {

using Answers = std::vector<const Answer*>;
constexpr std::size_t kWidth = 120;  // of a screen

std::string spaced(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string gib(std::int64_t bytes) {
  return bytes_text(static_cast<double>(bytes));
}

std::string setting_text(const std::string& name, const Json& value) {
  if (value.is_number_integer()) return spaced(name) + " " + count_text(value.get<std::int64_t>());
  if (!value.is_string()) return spaced(name) + " " + value.dump();
  return (name == "dtype" ? "" : spaced(name) + " ") + value.get<std::string>();
}

/// Settings that are the same in all, or those that are not, of one of them.
std::string settings_text(const Answers& all, const Answer& one, bool shared) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : one.settings.items()) {
    const bool same = std::ranges::all_of(all, [&](const Answer* other) {
      return other->settings.contains(name) && other->settings[name] == value;
    });
    if (same == shared && value != "") parts.push_back(setting_text(name, value));
  }
  return join(parts, ", ");
}

/// By model, in the order of their first answer.
std::vector<Answers> by_model(std::span<const Answer> answers) {
  std::vector<Answers> groups;
  for (const Answer& answer : answers) {
    const auto group = std::ranges::find_if(groups, [&](const Answers& g) {
      return g[0]->model == answer.model && g[0]->workload == answer.workload &&
             g[0]->architecture == answer.architecture;
    });
    (group == groups.end() ? groups.emplace_back() : *group).push_back(&answer);
  }
  return groups;
}

std::string indented(const std::string& text) {
  std::string all;
  for (const std::string& line : wrapped(text, kWidth - 2)) all += "  " + line + "\n";
  return all;
}

/// A line for each size of a token: it goes with the number format.
std::string kv_text(const Answers& group) {
  std::string text;
  std::set<std::int64_t> told;
  for (const Answer* one : group) {
    const auto& each = one->kv_bytes_per_token;
    if (!each || !told.insert(*each).second) continue;
    std::map<std::int64_t, std::int64_t> contexts;
    for (const Answer* other : group)
      if (other->kv_bytes_per_token == each)
        contexts.insert(other->kv_bytes_by_context.begin(), other->kv_bytes_by_context.end());
    std::vector<std::string> parts;
    for (const auto& [tokens, bytes] : contexts)
      parts.push_back(gib(bytes) + " at " + count_text(tokens) + (parts.empty() ? " tokens" : ""));
    text += indented("KV cache " + gib(*each) + " a token; of a sequence " + join(parts, ", "));
  }
  return text;
}

std::string model_text(const Answers& group) {
  const Answer& one = *group[0];
  std::string text = one.model + ": ";
  if (!one.architecture.empty()) text += one.architecture + ", ";
  text += count_text(one.parameters) + " parameters";
  if (one.active_parameters != one.parameters && one.active_parameters > 0)
    text += " (" + count_text(one.active_parameters) + " active)";
  const bool same = std::ranges::all_of(
      group, [&](const Answer* other) { return other->memory.weight_bytes == one.memory.weight_bytes; });
  if (same) text += ", weights " + gib(one.memory.weight_bytes);
  return text + "\n" + indented(settings_text(group, one, true)) + kv_text(group);
}

std::string largest_text(const std::optional<Largest>& largest) {
  if (!largest) return "";
  if (largest->value == 0) return "none";
  const std::string limit = largest->limit == LimitOfSize::memory ? "" : " (" + name_of(largest->limit) + ")";
  return count_text(largest->value) + limit;
}

/// What tells the case of an answer from the others: the model, and settings that its cases do not share.
std::string case_text(const std::vector<Answers>& groups, const Answers& group, const Answer& one) {
  std::vector<std::string> parts;
  if (groups.size() > 1) parts.push_back(one.model);
  if (const std::string own = settings_text(group, one, false); !own.empty()) parts.push_back(own);
  return join(parts, ", ");
}

std::string memory_table(const std::vector<Answers>& groups) {
  Columns table;
  table.add("case", Columns::Side::left);
  table.add("device", Columns::Side::left);
  table.add("fits", Columns::Side::left);
  for (const char* heading : {"weights", "KV and state", "activations", "all", "reserve", "free",
                              "largest batch", "longest context", "GPUs"})
    table.add(heading);
  const bool stateless = std::ranges::all_of(groups, [](const Answers& group) {
    return std::ranges::all_of(group, [](const Answer* one) { return one->memory.state_bytes == 0; });
  });
  for (const Answers& group : groups)
    for (const Answer* one : group) {
      const MemoryParts& memory = one->memory;
      const std::string state = stateless ? "" : gib(memory.state_bytes);
      std::vector<std::string> cells = {
          case_text(groups, group, *one), one->device.value_or(""), "",
          gib(memory.weight_bytes),       gib(memory.state_bytes),  gib(memory.activation_bytes)};
      if (one->device)
        cells.insert(cells.end(),
                     {"", gib(*one->reserve_bytes), gib(*one->free_bytes), largest_text(one->largest_batch),
                      largest_text(one->longest_context),
                      one->devices_needed ? count_text(*one->devices_needed) : std::string(kUnknown)});
      else
        cells.push_back(gib(one->memory_bytes));
      if (one->fits) cells[2] = *one->fits ? "yes" : "no";
      table.row(std::move(cells));
    }
  return table.text();
}

/// Of the stages that the figures are of.
std::string binds_text(const Answer& one) {
  std::vector<std::string> parts;
  for (const auto& [stage, bound] : one.binds.items()) {
    const bool shown = std::ranges::any_of(one.metrics, [&, &name = stage](const MetricAtBest& metric) {
      return metric.of == stage_series(name) || metric.of == kPassSeries;
    });
    if (!shown) continue;
    const std::string what = bound.is_string() ? spaced(bound.get<std::string>()) : std::string(kUnknown);
    parts.push_back(one.binds.size() > 1 ? stage + ": " + what : what);
  }
  return join(parts, ", ");
}

std::vector<std::string> metric_names(const Answer& one) {
  std::vector<std::string> names;
  for (const MetricAtBest& metric : one.metrics) names.push_back(metric.name);
  return names;
}

/// "time to first token" of "time_to_first_token_s": units stand in the cells.
std::string heading_of(const MetricAtBest& metric) {
  std::string name = metric.name;
  for (const std::string_view unit : {"_per_s", "_s"})
    if (name.ends_with(unit)) {
      name.resize(name.size() - unit.size());
      break;
    }
  return spaced(name);
}

/// Of answers whose metrics are the same.
std::string speed_table(const std::vector<Answers>& groups, const std::vector<std::string>& names) {
  Columns table;
  table.add("case", Columns::Side::left);
  table.add("device", Columns::Side::left);
  table.add("at best", Columns::Side::left);
  bool headed = false;
  for (const Answers& group : groups)
    for (const Answer* one : group) {
      if (metric_names(*one) != names) continue;
      if (!headed) {
        for (const MetricAtBest& metric : one->metrics) table.add(heading_of(metric));
        table.add("what binds", Columns::Side::left);
        headed = true;
      }
      std::vector<std::string> bound = {case_text(groups, group, *one), *one->device, "bound"},
                               op_by_op = {"", "", "op by op"};
      for (const MetricAtBest& metric : one->metrics) {
        bound.push_back(quantity_text(metric.bound, metric.unit));
        op_by_op.push_back(quantity_text(metric.op_by_op, metric.unit));
      }
      bound.push_back(binds_text(*one));
      table.row(std::move(bound));
      table.row(std::move(op_by_op));
    }
  return table.text();
}

std::string speed_tables(std::span<const Answer> answers, const std::vector<Answers>& groups) {
  std::vector<std::vector<std::string>> done;
  std::string text;
  for (const Answer& one : answers) {
    std::vector<std::string> names = metric_names(one);
    if (names.empty() || std::ranges::find(done, names) != done.end()) continue;
    text += "\n" + speed_table(groups, names);
    done.push_back(std::move(names));
  }
  return text;
}

std::string legend(std::span<const Answer> answers, bool speeds) {
  std::string text = indented("activations: the most alive at once, with inputs.");
  if (!answers.front().device) return text;
  text = indented("reserve: " + gib(kReserveBytes) +
                  " for driver, kernels and allocator; activations are the most alive at once, with inputs; "
                  "GPUs: by memory alone, split evenly.");
  if (std::ranges::any_of(answers, [](const Answer& one) { return one.longest_context.has_value(); }))
    text += indented(
        "largest batch, longest context: all else as it is; a context is the prompt, read in one pass, and "
        "what "
        "is generated.");
  if (speeds)
    text += indented(
        "bound: nothing that does these FLOPs is faster; op by op: each operation at its own ceiling, "
        "unfused. By the "
        "datasheet, on one GPU.");
  return text;
}

}  // namespace

std::string answers_text(std::span<const Answer> answers) {
  const std::vector<Answers> groups = by_model(answers);
  std::string text;
  for (const Answers& group : groups) text += model_text(group);
  text += "\n" + memory_table(groups);
  const std::string speeds = speed_tables(answers, groups);
  text += speeds + "\n" + legend(answers, !speeds.empty());
  std::set<std::string> told;
  for (const Answer& one : answers)
    for (const std::string& note : one.notes)
      if (told.insert(note).second)
        text += (groups.size() > 1 ? "note: " + one.model + ": " : "note: ") + note + "\n";
  return text;
}

std::string operations_text(const Inspection& found) {
  std::string text;
  for (const StageInspection& stage : found.stages) {
    text += fmt::format("\n{}, {}{} x{}: {}, reads {}, writes {}", found.case_id, stage.name,
                        stage.place == Place::host ? " (host)" : "", stage.iterations,
                        si_text(stage.flops, "FLOP"), bytes_text(stage.bytes_read),
                        bytes_text(stage.bytes_written));
    for (const auto& [path, bytes] : stage.bytes)
      if (path != Path::memory)
        text += fmt::format(", over the {} {}", spaced(name(path)), bytes_text(bytes));
    text += "\n";
    Columns table;
    for (const char* heading : {"step", "op"}) table.add(heading, Columns::Side::left);
    for (const char* heading : {"calls", "each", "bytes each"}) table.add(heading);
    table.add("shape", Columns::Side::left);
    for (const OpInspection& op : stage.ops) {
      double bytes = 0;
      for (const auto& [path, moved] : op.bytes) bytes += moved;
      table.row(
          {op.name, op.kind, count_text(op.calls), si_text(op.flops, "FLOP"), bytes_text(bytes), op.shape});
    }
    text += table.text();
  }
  return text;
}

}  // namespace assay
