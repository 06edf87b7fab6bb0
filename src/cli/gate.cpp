// SPDX-License-Identifier: Apache-2.0
#include "gate/gate.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "base/json_file.h"
#include "cli/context.h"
#include "cli/gate_confirm.h"
#include "cli/write_reports.h"
#include "gate/calibration.h"
#include "reports/formats.h"
#include "reports/verdict.h"
#include "result/case_log.h"
#include "result/environment.h"

namespace assay {
namespace {

constexpr std::int64_t kSuites = 5000;  // that rates are counted over
constexpr std::uint64_t kSeed = 1;

struct Options {
  std::vector<std::filesystem::path> results;
  std::filesystem::path limits, calibration, pin, known, junit, out;
  ConfirmJob confirm;
  std::vector<std::string> allow_different;
  std::string inconclusive = "fail", annotations;
  bool calibrate = false;
  std::optional<double> plan;
};

std::filesystem::path limits_file(const Options& options) {
  return options.limits.empty() ? data_folder() / "configs/limits/default.json" : options.limits;
}

/// Nothing that is judged, or judged by, is written over.
void check_outputs(const Options& options, const std::vector<std::filesystem::path>& outputs) {
  Inputs inputs;
  for (const auto& path : options.results) add_result(inputs, path);
  if (!options.pin.empty()) add_result(inputs, options.pin);
  for (const auto& path : {limits_file(options), options.calibration, options.known, options.confirm.config,
                           options.confirm.against})
    inputs.add(path);
  for (const auto& path : outputs)
    if (!path.empty()) inputs.check(path, "give --out or --junit another name");
}

Limits limits_of(const Options& options) {
  Limits limits = read_limits(limits_file(options));
  if (!options.calibration.empty()) {
    Limits calibrated = read_limits(options.calibration);
    limits.noise = std::move(calibrated.noise);
    limits.calibrated_on = calibrated.calibrated_on;
  }
  return limits;
}

std::vector<Result> read_all(const std::vector<std::filesystem::path>& paths) {
  std::vector<Result> results;
  for (const auto& path : paths) results.push_back(read_result_or_folder(path));
  return results;
}

ExitCode exit_code(const GateVerdict& verdict, bool noise_passes) {
  if (verdict.verdict == Outcome::fail) return ExitCode::gate_failed;
  if (verdict.verdict == Outcome::pass || (verdict.only_noise && noise_passes)) return ExitCode::ok;
  return ExitCode::inconclusive;
}

void judge(const Options& options, Context& context) {
  if (options.results.size() != 2)
    throw Error(
        ExitCode::bad_input,
        fmt::format("gate takes a baseline and a candidate, here are {} results", options.results.size()),
        "assay gate BASELINE CANDIDATE; of many results without a change: assay gate --calibrate RESULT...");
  const Limits limits = limits_of(options);
  if (limits.limits.empty())
    throw Error(ExitCode::bad_input,
                options.limits.string() + ":/limits: is empty, so that everything would pass",
                "assay schema limits shows what may stand there");
  const std::vector<Result> results = read_all(options.results);
  std::optional<Result> pin;
  if (!options.pin.empty()) pin = read_result_or_folder(options.pin);
  GateRequest request{.base = results[0], .candidate = results[1], .limits = limits};
  request.allow_different.insert(options.allow_different.begin(), options.allow_different.end());
  if (!options.known.empty()) request.known = read_known(options.known);
  request.today = utc_now().substr(0, 10);
  if (pin) request.pin = &*pin;
  const std::filesystem::path out = options.out.empty() ? std::filesystem::path("out/gate") : options.out;
  const std::filesystem::path again = out / "confirm";
  check_outputs(options, {out / "verdict.json", out / "verdict.md", options.junit, again / "result.json",
                          again / "cases.jsonl", again / "a/result.json", again / "b/result.json"});
  const OutputFolder folder(out);

  GateVerdict verdict = gate(request);
  if (const auto suspicious = failing_cases(verdict);
      !suspicious.empty() && !options.confirm.config.empty()) {
    context.note(fmt::format("{} of the cases look slower: measuring them again", suspicious.size()));
    const ConfirmRun confirmed = confirm_run(options.confirm, suspicious, results[0], again, context);
    if (interrupted())
      throw Error(ExitCode::interrupted, "interrupted while it was measured again", "nothing was judged");
    request.confirmation = Confirmation{&confirmed.base, &confirmed.candidate};
    verdict = gate(request);
    if (!confirmed.interleaved)
      verdict.notes.emplace_back(
          "the confirming run was not interleaved with the baseline: name the baseline's build with "
          "--against");
  }
  save_json(out / "verdict.json", to_json(verdict));
  write_file_atomically(out / "verdict.md", pull_request_markdown(verdict));
  if (!options.junit.empty()) write_file_atomically(options.junit, junit_xml(verdict));
  fmt::print("{}", options.annotations == "github" ? github_annotations(verdict) : verdict_text(verdict));
  context.note((out / "verdict.md").string());
  context.exit_code = exit_code(verdict, options.inconclusive == "pass");
}

/// What a session of all cases took in the results, all in all.
std::optional<double> session_seconds(const std::vector<Result>& results) {
  double seconds = 0, sessions = 0;
  for (const Result& result : results) {
    const auto took = seconds_between(result.started_at, result.finished_at);
    std::int64_t most = 0;
    for (const CaseResult& one : result.cases)
      for (const auto& [name, metric] : one.metrics) most = std::max(most, sessions_of(one, metric));
    if (!took || most == 0) return std::nullopt;
    seconds += *took;
    sessions += static_cast<double>(most);
  }
  return seconds / sessions;
}

void calibrate(const Options& options, Context& context) {
  check_outputs(options, {options.out});
  const std::vector<Result> results = read_all(options.results);
  const Calibration found = calibrate(results, limits_of(options), kSuites, kSeed);
  fmt::print("{}", markdown_of(calibration_document(found)).text);
  if (options.plan)
    fmt::print("\n{}",
               markdown_of(plan_document(plan_sessions(found, *options.plan, session_seconds(results)),
                                         *options.plan))
                   .text);
  if (options.out.empty()) return;
  save_json(options.out, to_json(found.limits));
  context.note("limits with this machine's noise: " + options.out.string());
}

}  // namespace

void add_gate(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "gate", "Judges a candidate against its baseline: pass, fail, or cannot tell; needs no device");
  command->footer(
      "Examples:\n"
      "  assay gate base/result.json new/result.json --junit gate.xml\n"
      "  assay run suite.json --against base/assay --out out/ab && assay gate out/ab/a out/ab/b\n"
      "  assay gate --calibrate quiet-*/result.json --out limits.json      how noisy this machine is, and "
      "limits for it\n"
      "  assay gate --calibrate quiet-*/result.json --plan 0.02            how many sessions a loss of 2 % "
      "needs\n"
      "It fails only on a loss that is larger than its limit and significant among all figures that are "
      "judged, and with\n"
      "--confirm only if it is there again. docs/ci.md has files for GitHub Actions, GitLab CI and Jenkins.\n"
      "Exit codes: 0 every limit holds, 1 one does not (or numbers were wrong), 2 bad input, 5 it cannot be "
      "told: too\n"
      "noisy, too few sessions, something missing, or results that are not comparable");
  command->add_option("results", options->results, "BASELINE CANDIDATE: result.json files or folders of runs")
      ->required();
  command->add_option("--limits", options->limits,
                      "Limits (assay schema limits); default: no figure loses more than 3 %");
  command->add_option("--calibration", options->calibration,
                      "What --calibrate wrote on this machine: bounds then allow for its noise");
  command->add_option(
      "--confirm", options->confirm.config,
      "CONFIG: cases that look slower are measured again, here and now, before the gate fails");
  command->add_option("--against", options->confirm.against,
                      "ASSAY: the baseline's build, which the confirming run is interleaved with");
  command->add_option("--device", options->confirm.device, "Of the confirming run")->capture_default_str();
  command->add_option(
      "--pin", options->pin,
      "The baseline as it was approved: where the baseline left it, the base moved and not the change");
  command->add_option("--known", options->known,
                      "Known regressions, each with a reason and an end (docs/ci.md)");
  command->add_option("--allow-different", options->allow_different, "KEY: what may differ between the two")
      ->check(CLI::IsMember(std::vector<std::string>(difference_keys().begin(), difference_keys().end())));
  command
      ->add_option("--inconclusive", options->inconclusive,
                   "fail, or pass: what noise and too few sessions mean; anything else that cannot be told "
                   "never passes")
      ->check(CLI::IsMember({"fail", "pass"}))
      ->capture_default_str();
  command->add_option("--junit", options->junit, "FILE: the verdict as JUnit XML");
  command
      ->add_option("--annotations", options->annotations,
                   "github: the verdict as workflow commands on stdout")
      ->check(CLI::IsMember({"github"}));
  command->add_flag("--calibrate", options->calibrate,
                    "Of results that differ in nothing: noise, false alarms, the smallest loss caught");
  command
      ->add_option("--plan", options->plan,
                   "LOSS: with --calibrate, the sessions that catching it needs (0.02: 2 %)")
      ->check(CLI::PositiveNumber);
  command->add_option(
      "--out", options->out,
      "Folder for verdict.json and verdict.md, default out/gate; of --calibrate the limits file");
  command->callback([options, &context] {
    if (options->plan && !options->calibrate)
      throw Error(ExitCode::bad_input, "--plan needs to know this machine's noise",
                  "assay gate --calibrate RESULT... --plan 0.02");
    options->calibrate ? calibrate(*options, context) : judge(*options, context);
  });
}

}  // namespace assay
