// SPDX-License-Identifier: Apache-2.0
#include "cli/agenda.h"

#include <algorithm>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "base/version.h"
#include "cli/resume.h"
#include "device/cpu/cpu_device.h"
#include "measure/kernel_choice.h"
#include "measure/weights.h"
#include "plan/step_groups.h"
#include "result/case_log.h"

namespace assay {
namespace {

const std::vector<std::string> kQuick = {"/measure/target_ci=0.05", "/measure/min_seconds=0",
                                         "/measure/max_seconds=2"};

/// The dtypes whose arithmetic peaks the cases' ops are set beside. Plans every case, which also finds what
/// is wrong in any of them.
std::vector<DType> dtypes_of(const std::vector<Case>& cases) {
  std::set<DType> dtypes;
  for (const Case& one : cases)
    for (const auto& op : distinct_ops(*one.plan()))
      if (is_floating(op->dtype())) dtypes.insert(op->dtype());
  return {dtypes.begin(), dtypes.end()};
}

/// The kernels that an earlier result chose on a device of this id.
std::map<std::string, ChosenKernel> choices_of(const Result& result, const std::string& device) {
  std::map<std::string, ChosenKernel> choices;
  for (const CaseResult& one : result.cases)
    if (one.device == device)
      for (const ChoiceResult& c : one.choices)
        choices[placed_key(c.op + " " + c.shape, c.place)] = {c.kernel, c.variant};
  return choices;
}

/// How fast an earlier result knew this device to be while others rest; 0 where it does not say, or was made
/// by another machine or build.
double quiet_speed_of(const Result& result, const DeviceInfo& device) {
  const auto same = [&](const DeviceResult& one) { return one.id == device.id && one.name == device.name; };
  const ToolResult& by = result.tool;
  if (by.git != git_revision() || by.build != build_description() ||
      std::ranges::none_of(result.devices, same))
    return 0;
  double best = 0;
  for (const CaseResult& one : result.cases)
    if (one.device == device.id && one.telemetry)
      best = std::max(best, one.telemetry->quiet_speed.value_or(0));
  return best;
}

}  // namespace

RunSet load_set(const RunJob& job) {
  if (job.resumes) return runs_of(job.resumes->config, (job.out / "result.json").string(), all_workloads());
  std::vector<std::string> overrides = job.quick ? kQuick : std::vector<std::string>{};
  overrides.insert(overrides.end(), job.overrides.begin(), job.overrides.end());
  return load_runs(job.configs, overrides);
}

std::vector<Case> wanted_cases(const RunSet& set, const std::string& only) {
  std::vector<Case> cases = set.expand();
  if (only.empty()) return cases;
  std::string known;
  for (const Case& one : cases) known += (known.empty() ? "" : ", ") + one.id;
  try {
    const std::regex pattern(only);
    std::erase_if(cases, [&](const Case& one) { return !std::regex_search(one.id, pattern); });
  } catch (const std::regex_error&) {
    throw Error(ExitCode::bad_input, fmt::format("--only: \"{}\" is not a regular expression", only),
                "cases: " + known);
  }
  if (cases.empty())
    throw Error(ExitCode::bad_input, fmt::format("--only: \"{}\" matches no case", only), "cases: " + known);
  return cases;
}

OpenDevice& Agenda::host_of(std::size_t device) {
  if (devices[device].device->info().kind == "cpu") return devices[device];
  for (OpenDevice& open : devices)
    if (open.device->info().kind == "cpu") return open;
  return feeder ? *feeder : devices[device];
}

Agenda make_agenda(const RunJob& job) {
  Agenda agenda;
  agenda.set = load_set(job);
  agenda.cases = wanted_cases(agenda.set, job.only);
  agenda.dtypes = dtypes_of(agenda.cases);
  if (job.weights) agenda.weights = std::make_shared<const SafeTensors>(SafeTensors::open(*job.weights));
  if (agenda.weights)
    for (const Case& one : agenda.cases) check_weights(*one.plan(), *agenda.weights);
  std::optional<Result> chosen;
  if (job.choices) chosen = read_result_or_folder(*job.choices);

  const auto uses_host = [](const Case& one) { return one.plan()->uses_host(); };
  bool lanes_of_threads = false;  // a lane of the CPU has several
  for (const Case& one : agenda.cases) {
    const std::int64_t lanes = one.plan()->in_flight;
    lanes_of_threads = lanes_of_threads || (lanes > 1 && choose_threads() / lanes > 1);
  }
  if (lanes_of_threads) bind_lanes_instead();
  agenda.devices = open_devices(job.devices);
  if (std::ranges::any_of(agenda.cases, uses_host)) agenda.feeder = std::move(open_devices({"cpu"}).front());
  check_forced_kernels(job.forced_kernels, agenda.devices);
  for (const OpenDevice& open : agenda.devices) {
    const std::string& id = open.device->info().id;
    FromChoices& known = agenda.choices.emplace_back();
    if (!chosen) continue;
    known = {choices_of(*chosen, id), quiet_speed_of(*chosen, open.device->info())};
    if (known.kernels.empty() && !job.choose_missing)
      throw Error(ExitCode::bad_input,
                  fmt::format("--choices: {} holds no choices for device {}", job.choices->string(), id),
                  "name a result that was measured on a device of this id");
  }
  return agenda;
}

void add_items(Agenda& agenda, const RunJob& job, std::span<const Peaks> peaks) {
  std::vector<TimeEstimate> estimates;
  for (std::size_t c = 0; c < agenda.cases.size(); ++c)
    for (std::size_t d = 0; d < agenda.devices.size(); ++d) {
      const Case& one = agenda.cases[c];
      if (job.resumes && holds(*job.resumes, one.id, agenda.devices[d].device->info().id)) continue;
      estimates.push_back(estimate_time(*one.plan(), peaks[d], one.measure, !job.no_time));
      agenda.items.push_back({.of_case = c, .device = d, .stop = one.measure, .estimate = estimates.back()});
    }
  if (job.budget_s) {
    const std::vector<double> seconds = share_budget(estimates, *job.budget_s);
    std::vector<AgendaItem> kept;
    for (std::size_t i = 0; i < agenda.items.size(); ++i) {
      AgendaItem& item = agenda.items[i];
      if (seconds[i] <= 0) {
        agenda.left_out.push_back(agenda.cases[item.of_case].id + " on " +
                                  agenda.devices[item.device].device->info().id);
        continue;
      }
      item.stop = fit_rule(item.stop, item.estimate, seconds[i]);
      item.estimate.most_s = seconds[i];
      kept.push_back(std::move(item));
    }
    agenda.items = std::move(kept);
    if (agenda.items.empty())
      throw Error(ExitCode::bad_input,
                  fmt::format("--budget: {:.0f} s are not enough for any case", *job.budget_s),
                  fmt::format("the first one takes about {:.0f} s at least", estimates.front().least_s));
  }
  for (const AgendaItem& item : agenda.items) {
    agenda.least_s += item.estimate.least_s;
    agenda.most_s += item.estimate.most_s;
  }
}

}  // namespace assay
