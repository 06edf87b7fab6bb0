// SPDX-License-Identifier: Apache-2.0
#include "cli/run_job.h"

#include <fmt/format.h>

#include "analyse/summary.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/agenda.h"
#include "cli/judge.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/record.h"
#include "cli/repro.h"
#include "cli/resume.h"
#include "cli/run_folder.h"
#include "cli/write_reports.h"
#include "measure/closing_probe.h"
#include "reports/answer.h"
#include "reports/report.h"

namespace assay {
namespace {

std::vector<Peaks> probe_all(Agenda& agenda, const RunJob& job, const Context& context) {
  std::vector<Peaks> peaks;
  for (OpenDevice& open : agenda.devices) {
    if (job.no_probes) {
      peaks.emplace_back();
      continue;
    }
    if (context.verbose) context.note("probing the peaks of " + open.device->info().name);
    peaks.push_back(open.device->measure_peaks(agenda.dtypes));
  }
  return peaks;
}

void say_estimate(const Agenda& agenda, const RunJob& job, const Context& context) {
  const std::size_t count = agenda.items.size();
  if (job.no_probes) return;  // without peaks nobody knows
  const std::string least = duration_text(agenda.least_s), most = duration_text(agenda.most_s);
  context.note(fmt::format("{} {}: about {}, more where others use this machine", count,
                           count == 1 ? "case" : "cases", least == most ? most : least + " to " + most));
}

/// A budget changes what is run: the result says so.
void record_budget(const Agenda& agenda, const RunJob& job, Record& record, const Context& context) {
  if (!job.budget_s) return;
  if (agenda.left_out.empty()) return;
  const std::string line =
      fmt::format("{} {} leaves out {} of {} cases: {}", kOfBudget, duration_text(*job.budget_s),
                  agenda.left_out.size(), agenda.whole(), join(agenda.left_out, ", "));
  context.note(line);
  record.add_warning(line + "; raise --budget to have them");
}

RunOptions run_options(const Agenda& agenda, const RunJob& job, const AgendaItem& item,
                       ProgressLine& progress) {
  RunOptions options;
  options.seed = agenda.cases[item.of_case].seed;
  options.stop = item.stop;
  options.time = !job.no_time;
  options.time_ops = !job.no_op_times;
  options.weights = agenda.weights;
  options.forced_kernels = job.forced_kernels;
  options.choices = agenda.choices[item.device].kernels;
  options.choose_missing = job.choose_missing;
  options.quiet_speed = agenda.choices[item.device].quiet_speed;
  options.progress = [&progress](const Progress& at) { progress.show(at); };
  options.interrupted = interrupted;
  return options;
}

/// What fails takes its case with it, not the run: what others measured is kept.
CaseResult run_item(Agenda& agenda, const RunJob& job, const AgendaItem& item, const Peaks& peaks,
                    ProgressLine& progress, ExitOutcome& outcome) {
  const Case& one = agenda.cases[item.of_case];
  OpenDevice& open = agenda.devices[item.device];
  CaseResult result;
  try {
    result = run_plan(*one.plan(), open, agenda.host_of(item.device), peaks,
                      run_options(agenda, job, item, progress));
  } catch (const Error& error) {
    result.status = CaseStatus::failed;
    result.reason = error.what();
    result.seed = one.seed;
    outcome.add(error.code);
  }
  result.id = one.id;
  result.device = open.device->info().id;
  result.workload = one.workload;
  result.model = one.model_name;
  result.run = one.run;
  result.axes = one.axes;
  result.load = one.document.value("load", Json::object());
  result.repro = repro_line(job, result.device, one.id);
  if (result.verification && result.verification->status == CheckStatus::failed)
    outcome.add(ExitCode::wrong_result);
  return result;
}

void note_case(const CaseResult& result, const Context& context) {
  std::string line = fmt::format("{} on {}: {}", result.id, result.device, name_of(result.status));
  if (result.reason) line += " (" + *result.reason + ")";
  context.note(line);
}

void probe_again(Agenda& agenda, Record& record, ExitOutcome& outcome) {
  std::vector<std::string> warnings;
  const auto peaks = probe_after(agenda.devices, agenda.dtypes, warnings);
  for (std::size_t d = 0; d < peaks.size(); ++d)
    if (peaks[d]) record.set_peaks_after(d, *peaks[d]);
  for (std::string& warning : warnings) record.add_warning(std::move(warning));
  if (!warnings.empty()) outcome.add(ExitCode::device_failed);
}

void say_nothing_missing(const std::filesystem::path& folder, const Context& context) {
  context.note("no case is missing: each was measured or skipped");
  fmt::print("{}\n", (folder / "result.json").string());
}

void say_how_to_go_on(const Record& record, const Context& context) {
  const Result& result = record.result();
  context.note(fmt::format("interrupted: {} of {} cases were measured\n  hint: assay run --resume {} goes on",
                           result.count(CaseStatus::ok), result.cases_planned, record.folder().string()));
}

void say_answer(const Record& record, const Context& context) {
  if (context.quiet || record.result().cases.empty()) return;
  context.note("\n" + answer_text(summarise({&record.result(), 1})));
  if (const auto report = record.folder() / "report.html"; std::filesystem::exists(report))
    context.note("report: " + report.string());
}

}  // namespace

void run_job(const RunJob& job, Context& context) {
  Agenda agenda = make_agenda(job);
  const OutputFolder folder(run_folder(job, agenda.set.folder_name(), context));
  check_outputs(job, folder.path(), {"result.json", std::string(kCaseLogName)});
  if (job.resumes) check_resumed(*job.resumes, agenda);
  if (job.resumes && nothing_missing(*job.resumes, agenda))
    return say_nothing_missing(folder.path(), context);
  Record record(agenda, job, folder.path(), context);
  record.set_title(job.title);
  catch_interrupts();
  const std::vector<Peaks> peaks = probe_all(agenda, job, context);
  add_items(agenda, job, peaks);
  say_estimate(agenda, job, context);
  if (job.resumes) record.add_warning(resumed_warning(*job.resumes, agenda));
  record_budget(agenda, job, record, context);
  record.begin(peaks, agenda.items.size());

  ExitOutcome outcome;
  ProgressLine progress(context, agenda.items.size());
  for (std::size_t i = 0; i < agenda.items.size() && !interrupted(); ++i) {
    const AgendaItem& item = agenda.items[i];
    progress.start_case(i, agenda.cases[item.of_case].id);
    CaseResult one = run_item(agenda, job, item, peaks[item.device], progress, outcome);
    progress.clear();
    note_case(one, context);
    record.add(std::move(one));
  }

  if (!job.no_probes) probe_again(agenda, record, outcome);
  const ReportInput input = record.finish(!interrupted(), reports_of(job.formats));
  judge(record.result(), job.allow_skips, outcome);
  for (const std::string& warning : record.result().warnings) context.warn(warning);
  say_answer(record, context);
  if (interrupted()) say_how_to_go_on(record, context);
  if (job.tells_results) fmt::print("{}\n", (record.folder() / "result.json").string());
  context.exit_code = interrupted() ? ExitCode::interrupted : outcome.worst();
  print_reports(input, reports_of(job.formats), record.folder(), "report", context);
}

}  // namespace assay
