// SPDX-License-Identifier: Apache-2.0
#include "cli/run_job.h"

#include <algorithm>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "analyse/roofline.h"
#include "base/files.h"
#include "base/version.h"
#include "cli/progress.h"
#include "cli/write_reports.h"
#include "device/backend.h"
#include "measure/runner.h"
#include "result/environment.h"
#include "result/result_json.h"
#include "workloads/workload.h"

namespace assay {
namespace {

const std::vector<std::string> kQuick = {"/measure/target_ci=0.05", "/measure/min_seconds=0",
                                         "/measure/max_seconds=2"};

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

/// The dtypes whose arithmetic peaks the cases' ops are set beside.
std::vector<DType> dtypes_of(const std::vector<Case>& cases) {
  std::set<DType> dtypes;
  for (const Case& one : cases) {
    const auto plan = one.plan();
    for (const auto& stage : plan->stages())
      for (const Step& step : stage->steps)
        if (is_floating(step.op->dtype())) dtypes.insert(step.op->dtype());
  }
  return {dtypes.begin(), dtypes.end()};
}

CeilingResult to_result(const Ceiling& ceiling) {
  return {ceiling.datasheet, ceiling.measured, ceiling.source};
}

PeaksResult to_result(const Peaks& peaks) {
  PeaksResult result;
  for (const auto& [dtype, ceiling] : peaks.flops_per_s)
    result.flops_per_s[std::string(name(dtype))] = to_result(ceiling);
  result.bytes_per_s = to_result(peaks.bytes_per_s);
  result.launch_s = peaks.launch_s;
  return result;
}

DeviceResult to_result(const DeviceInfo& info) {
  DeviceResult result{.id = info.id, .kind = info.kind, .name = info.name};
  result.memory_bytes = info.memory_bytes;
  result.cache_bytes = info.cache_bytes;
  result.units = info.units;
  result.properties = {info.properties.begin(), info.properties.end()};
  return result;
}

std::string quoted(const std::string& word) {
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,") ==
      std::string::npos)
    return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// An id as a regular expression that matches it alone.
std::string exactly(const std::string& id) {
  std::string pattern = "^";
  for (const char c : id)
    pattern +=
        std::string(std::string_view(".[](){}*+?^$|\\").find(c) == std::string_view::npos ? "" : "\\") + c;
  return pattern + "$";
}

std::string repro_line(const RunJob& job, const std::string& device, const Case& one) {
  std::string line = "assay run";
  for (const auto& config : job.configs) line += " " + quoted(config.string());
  line += " --device " + device;
  for (const std::string& change : job.overrides) line += " --set " + quoted(change);
  if (job.quick) line += " --quick";
  if (job.weights) line += " --weights " + quoted(job.weights->string());
  for (const auto& [op, kernel] : job.forced_kernels) line += " --kernel " + quoted(op + "=" + kernel);
  if (job.no_time) line += " --no-time";
  return line + " --only " + quoted(exactly(one.id));
}

RunOptions run_options(const RunJob& job, const Case& one, ProgressLine& progress) {
  RunOptions options;
  options.seed = one.seed;
  options.stop = one.measure;
  options.time = !job.no_time;
  options.weights = job.weights;
  options.forced_kernels = job.forced_kernels;
  options.progress = [&progress](const Progress& at) { progress.show(at); };
  options.interrupted = interrupted;
  return options;
}

/// A device that fails takes its case with it, not the run: what others measured is kept.
CaseResult run_case(const RunJob& job, const Case& one, OpenDevice& open, const Peaks& peaks,
                    ProgressLine& progress, ExitCode& worst) {
  CaseResult result;
  try {
    result = run_plan(*one.plan(), open, peaks, run_options(job, one, progress));
  } catch (const Error& error) {
    if (error.code != ExitCode::device_failed) throw;
    result.status = "failed";
    result.reason = error.what();
    worst = ExitCode::device_failed;
  }
  result.id = one.id;
  result.device = open.device->info().id;
  result.workload = one.workload;
  result.axes = one.axes;
  result.repro = repro_line(job, result.device, one);
  return result;
}

void note_case(const CaseResult& result, const Context& context) {
  std::string line = fmt::format("{} on {}: {}", result.id, result.device, result.status);
  if (result.reason) line += " (" + *result.reason + ")";
  context.note(line);
}

}  // namespace

void run_job(const RunJob& job, Context& context) {
  std::vector<std::string> overrides = job.quick ? kQuick : std::vector<std::string>{};
  overrides.insert(overrides.end(), job.overrides.begin(), job.overrides.end());
  const RunSet set = load_runs(job.configs, overrides);
  const std::vector<Case> cases = wanted_cases(set, job.only);
  const std::vector<DType> dtypes =
      dtypes_of(cases);  // also finds what is wrong in any case before one is run

  const std::filesystem::path out =
      job.out.empty() ? std::filesystem::path("out") / set.folder_name() : job.out;
  check_output_folder(out);
  std::vector<OpenDevice> devices = open_devices(job.devices);
  catch_interrupts();

  Result result;
  result.tool = {std::string(version()), std::string(git_revision()), std::string(build_description())};
  result.name = set.name;
  result.started_at = utc_now();
  result.config = set.document();
  result.command = context.command;
  result.environment = read_environment();
  std::vector<Peaks> peaks;
  for (OpenDevice& open : devices) {
    if (context.verbose) context.note("probing the peaks of " + open.device->info().name);
    peaks.push_back(open.device->measure_peaks(dtypes));
    result.devices.push_back(to_result(open.device->info()));
    result.devices.back().peaks = to_result(peaks.back());
  }

  ExitCode worst = ExitCode::ok;
  ProgressLine progress(context, cases.size() * devices.size());
  for (std::size_t c = 0; c < cases.size() && !interrupted(); ++c)
    for (std::size_t d = 0; d < devices.size() && !interrupted(); ++d) {
      progress.start_case(c * devices.size() + d, cases[c].id);
      CaseResult one = run_case(job, cases[c], devices[d], peaks[d], progress, worst);
      progress.clear();
      note_case(one, context);
      if (one.verification && one.verification->status == "failed") worst = ExitCode::wrong_result;
      result.cases.push_back(std::move(one));
      result.finished_at = utc_now();
      Result so_far = result;
      add_roofline(so_far);
      write_file_atomically(out / "result.json", pretty(to_json(so_far)));
    }

  for (std::size_t d = 0; d < devices.size(); ++d)
    result.devices[d].peaks_after = to_result(devices[d].device->measure_peaks(dtypes));
  result.status = interrupted() ? "partial" : "complete";
  result.finished_at = utc_now();
  add_roofline(result);
  write_file_atomically(out / "result.json", pretty(to_json(result)));
  write_reports({result}, job.formats.empty() ? std::vector<std::string>{"markdown", "html"} : job.formats,
                out, "report");
  for (const std::string& warning : result.warnings) context.warn(warning);
  fmt::print("{}\n", (out / "result.json").string());
  context.exit_code = interrupted() ? ExitCode::interrupted : worst;
}

}  // namespace assay
